"""What is stored, the vocabulary can neither leave out nor change; what is not, it cannot add."""

from collections.abc import Mapping

import pytest
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

from safetycredit.credit.v1 import person_pb2, record_pb2
from safetycredit.scoring.v1 import list_entry_pb2
from services.engine.errors import PolicyRefusedError, Problem
from services.engine.stored_words import STORED_ATTRIBUTES, STORED_CODES, STORED_KINDS
from services.engine.vocabulary import Attribute, parse_vocabulary
from services.scoring.store.fact_columns import FactColumns
from tests.unit.engine.test_policies import ROOT

SHIPPED = (ROOT / "vocabulary.yaml").read_text(encoding="utf-8")
VOCABULARY = parse_vocabulary(SHIPPED.encode())
WARNING = "    warning: {number: 1,"
CRITICISM = "    criticism: {number: 2, zh: 通报批评, en: circulated criticism}\n"
TRAINING = "    training: {number: 9,"
LIST_KIND = "  list_kind:\n"
OTHER = "    other: {number: 13, zh: 其他, en: other}\n"
SEAL = "    seal: {number: 14, zh: 查封, en: seal}\n"
FINE = "      fine_fen: {type: number, unit: fen,"
DUST = "      dust: {type: number, unit: fen, zh: 粉尘, en: dust}\n"
PENALTY = "  penalty:\n    number: 3\n"
DRILL = "  drill:\n    number: 77\n    zh: 演练\n    attributes: {}\n"
HEADCOUNT = "  headcount: {type: number,"
VEHICLES = "  vehicles: {type: number, unit: person, zh: 车辆, en: vehicles}\n"
PREDECESSORS = "  predecessors:\n    zh: 合并"
PARENTS = "  parents:\n    zh: 母公司\n    en: parents\n    attributes: {}\n"


def found(old: str, new: str) -> tuple[Problem, ...]:
    """Change the shipped vocabulary and read it; give the problems."""
    assert SHIPPED.count(old) == 1
    try:
        parse_vocabulary(SHIPPED.replace(old, new).encode())
    except PolicyRefusedError as error:
        return error.problems
    return ()


def shown(problems: tuple[Problem, ...], old: str) -> str:
    """Write problems with their lines counted from that of the change."""
    start = SHIPPED[: SHIPPED.index(old)].count("\n") + 1
    return "|".join(f"+{one.line - start}:{one.column}: {one.message}" for one in problems)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(
            WARNING, WARNING.replace("1,", "20,"),
            "+0:23: 'warning' is stored with the number 1, and not with 20", id="closed-renumbered",
        ),
        pytest.param(
            CRITICISM, "", "+-1:5: 'criticism' is missing among 'sanction': records with its number"
            " 2 would match nothing; write it again", id="closed-left-out",
        ),
        pytest.param(
            OTHER, OTHER + SEAL, "+1:11: 'sanction' is closed: nothing stores 'seal'; take it out"
            ", see \"Words of one's own\" in README.md", id="closed-with-another",
        ),
        pytest.param(
            TRAINING, TRAINING.replace("9,", "26,"),
            "+0:24: 'training' is stored with the number 9, and not with 26", id="open-renumbered",
        ),
        pytest.param(
            TRAINING, "    drills: {number: 9,",
            "+-9:5: 'training' is missing among 'violation_code': records with its number 9 would"
            " match nothing; write it again|+0:22: records with the number 9 are stored as"
            " 'training'; take a number that none ever had", id="open-number-given-again",
        ),
        pytest.param(
            FINE, DUST + FINE, "+0:13: nothing stores 'dust' of 'penalty'; take it out",
            id="attribute-of-a-kind",
        ),
        pytest.param(
            FINE, FINE.replace(", unit: fen", ""),
            "+0:17: 'fine_fen' of 'penalty' is stored as 'number fen', and not as 'number' (type,"
            " codes or unit, and marks)", id="attribute-without-its-unit",
        ),
        pytest.param(
            FINE, FINE.replace("fen,", "CNY,"),
            "+0:17: 'fine_fen' of 'penalty' is stored as 'number fen', and not as 'number CNY'"
            " (type, codes or unit, and marks)", id="attribute-of-another-unit",
        ),
        pytest.param(
            HEADCOUNT, VEHICLES + HEADCOUNT,
            "+0:13: nothing stores 'vehicles' of 'subject'; take it out", id="of-the-enterprise",
        ),
        pytest.param(
            PENALTY, DRILL + PENALTY,
            "+1:5: 'kinds' is closed: nothing stores 'drill'; take it out, see \"Words of"
            " one's own\" in README.md", id="kind",
        ),
        pytest.param(
            PENALTY, PENALTY.replace("3", "78"),
            "+1:13: 'penalty' is stored with the number 3, and not with 78", id="kind-renumbered",
        ),
        pytest.param(
            PREDECESSORS, PARENTS + PREDECESSORS,
            "+1:5: nothing stores a relation 'parents'; take it out", id="relation",
        ),
    ],
)  # fmt: skip
def test_vocabulary_says_what_is_stored(old: str, new: str, expected: str) -> None:
    """A check that passed a word which the service cannot serve would find it out at its start."""
    problems = found(old, new)

    assert shown(problems, old) == expected
    assert {one.code for one in problems} == {"not-stored"}


def test_violation_of_ones_own_is_taken() -> None:
    """A number that none ever had may be given, and no record has it yet."""
    new = "    drills: {number: 25, zh: 演练, en: drills}\n"

    assert found(TRAINING, new + TRAINING) == ()


def test_shipped_words_are_the_stored_ones() -> None:
    """A word that is added to one is added to the other."""
    kinds, relations = VOCABULARY.kinds, VOCABULARY.relations
    common = STORED_ATTRIBUTES["record"]

    assert VOCABULARY.code_numbers == STORED_CODES
    assert {name: kind.number for name, kind in kinds.items()} == STORED_KINDS
    assert {
        "subject": written(VOCABULARY.subject),
        "record": common,
        **{
            f"kinds.{name}": {
                key: one for key, one in written(kind.attributes).items() if common.get(key) != one
            }
            for name, kind in kinds.items()
        },
        **{f"relations.{name}": written(one) for name, one in relations.items()},
    } == STORED_ATTRIBUTES


def test_stored_words_have_columns() -> None:
    """The store of scoring refuses a vocabulary with a word that it keeps nothing for."""
    FactColumns(VOCABULARY, "sqlite")


@pytest.mark.parametrize(
    ("name", "wire"),
    [
        pytest.param("role_kind", person_pb2.RoleKind, id="role"),
        pytest.param("responsibility", record_pb2.Accident.Responsibility, id="responsibility"),
        pytest.param("list_kind", list_entry_pb2.ListKind, id="list"),
    ],
)
def test_stored_codes_are_those_of_the_wire(name: str, wire: EnumTypeWrapper) -> None:
    """The other sets are held to the wire with the codes of the credit service."""
    prefix = wire.DESCRIPTOR.values_by_number[0].name.removesuffix("UNSPECIFIED")
    sent = {word.removeprefix(prefix).lower(): number for word, number in wire.items() if number}

    assert {word: number for word, number in STORED_CODES[name].items() if number} == sent


def written(attributes: Mapping[str, Attribute]) -> dict[str, str]:
    """Write attributes as `STORED_ATTRIBUTES` does."""
    return {
        name: " ".join(
            word
            for word in (
                one.type.value,
                one.codes,
                one.unit,
                "optional" if one.optional else "",
                "signed" if one.signed else "",
            )
            if word
        )
        for name, one in attributes.items()
    }
