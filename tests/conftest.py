"""Fixtures that every test may ask for, and silence in the logs."""

from typing import NoReturn

import structlog

pytest_plugins = ["tests.stores.fixtures"]


def _drop(*_: object) -> NoReturn:
    raise structlog.DropEvent


# A test that asks for the lines gets them by `structlog.testing.capture_logs`.
structlog.configure(processors=[_drop])
