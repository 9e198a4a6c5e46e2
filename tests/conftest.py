"""Fixtures that every test may ask for, silence in the logs, and no clock in properties."""

from typing import NoReturn

import structlog
from hypothesis import settings

pytest_plugins = ["tests.stores.fixtures"]


def _drop(*_: object) -> NoReturn:
    raise structlog.DropEvent


# A test that asks for the lines gets them by `structlog.testing.capture_logs`.
structlog.configure(processors=[_drop])

# How long an example takes says something of the machine, and nothing of the property.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
