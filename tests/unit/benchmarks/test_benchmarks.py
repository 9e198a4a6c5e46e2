"""Benchmarks that nobody runs for weeks must still run: what they compile is compiled here."""

import importlib
import re

import pytest

from benchmarks import peers
from benchmarks.__main__ import NAMES


def test_the_rules_for_other_engines_give_what_the_hand_gives() -> None:
    """The comparison with other engines checks every score; they themselves are not installed."""
    lines = peers.run(1_000)

    assert len(lines) == 2
    assert all(re.match(r"peers: (ZEN|OpenFisca|1,000 enterprises|the same)", one) for one in lines)


@pytest.mark.parametrize("name", NAMES)
def test_every_benchmark_can_be_started(name: str) -> None:
    """What `make bench` names is there."""
    assert callable(importlib.import_module(f"benchmarks.{name}").run)
