"""The locks: complete, alike, and free of addresses."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ["run", "dev", "peers"]
PIN = re.compile(r"^([a-z0-9-]+)(?:\[[a-z0-9,-]+\])?==(\S+)( ; [^\\]+)? \\$", re.MULTILINE)


def read_lock(name: str) -> str:
    """Read a lock by its bare name."""
    return (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")


def pins(name: str) -> set[tuple[str, str]]:
    """List what a lock installs: names with versions."""
    return {(match[1], match[2]) for match in PIN.finditer(read_lock(name))}


@pytest.mark.parametrize("name", LOCKS)
def test_lock_names_no_address_no_option_and_no_absolute_path(name: str) -> None:
    """A lock works with any registry, and on any machine: of options it has hashes alone."""
    assert not re.search(r"(?m)://|^\s*--?(?!-?hash=)\w|(^|\s)/", read_lock(name))


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_of_a_lock_is_a_pin_a_hash_or_a_comment(name: str) -> None:
    """Nothing unpinned and nothing without a hash slips in."""
    lines = read_lock(name).splitlines()

    others = [line for line in lines if not line.startswith("    ")]
    assert others
    assert [line for line in others if not PIN.match(line)] == []


def test_development_lock_holds_the_running_lock_in_the_same_versions() -> None:
    """What is tested is what runs."""
    assert pins("run") <= pins("dev")


def test_build_requirements_are_locked() -> None:
    """The build runs without isolation, on packages of the running lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    locked = {name for name, _ in pins("run")}

    needed = {re.split(r"[<>=]", one)[0] for one in project["build-system"]["requires"]}
    assert needed == {"googleapis-common-protos", "grpcio-tools", "hatchling"}
    assert needed <= locked
