"""Persons and roles on the console: their words, and what is left out."""

from pathlib import Path

import yaml
from google.type.date_pb2 import Date

from cli.display.persons import ROLE_KINDS, describe_person, describe_role
from cli.importing.targets import code_numbers
from safetycredit.credit.v1.person_pb2 import Person, Role, RoleKind

VOCABULARY = Path(__file__).parents[4] / "policies/vocabulary.yaml"


def test_every_kind_of_role_has_the_term_of_the_vocabulary() -> None:
    """A kind added to the proto needs its term here too."""
    kinds = yaml.safe_load(VOCABULARY.read_text(encoding="utf-8"))["codes"]["role_kind"]
    numbers = code_numbers(RoleKind.DESCRIPTOR)

    assert {kind: words["zh"] for kind, words in kinds.items()} == ROLE_KINDS
    assert ROLE_KINDS.keys() == numbers.keys() - {"unspecified"}


def test_a_lasting_role_has_no_end() -> None:
    """Only its first day is written."""
    role = Role(
        role_id="o-7",
        enterprise_id="e-3",
        kind=RoleKind.ROLE_KIND_DRIVER,
        start_date=Date(year=2024, month=5, day=31),
    )

    assert describe_role(role) == [
        ("role", "o-7"),
        ("kind", "driver 驾驶人员"),
        ("enterprise", "e-3"),
        ("from", "2024-05-31"),
        ("until before", ""),
    ]


def test_a_person_is_written_as_far_as_the_service_shows_it() -> None:
    """A caller who may not see the number gets an empty one, which is not made up for."""
    assert describe_person(Person(person_id="p-1", name="卫＊")) == [
        ("person", "p-1"),
        ("name", "卫＊"),
        ("identity number", ""),
    ]
