"""How the texts of options are read."""

import pytest
from google.type.date_pb2 import Date

from cli.commands.options import day, field, instant, subject
from safetycredit.type.v1.field_pb2 import Field
from safetycredit.type.v1.subject_pb2 import LocalIdentity, SubjectRef


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        pytest.param(
            "91350100M000100Y43", SubjectRef(credit_code="91350100M000100Y43"), id="credit-code"
        ),
        pytest.param("e-100001", SubjectRef(enterprise_id="e-100001"), id="enterprise"),
        pytest.param("p-100001", SubjectRef(person_id="p-100001"), id="person"),
        pytest.param(
            "tw.entity-name:甲:乙",
            SubjectRef(local_identity=LocalIdentity(scheme="tw.entity-name", value="甲:乙")),
            id="local-identity",
        ),
        pytest.param("nonsense", SubjectRef(credit_code="nonsense"), id="left-to-the-service"),
    ],
)
def test_a_subject_is_meant_as_it_is_written(text: str, reference: SubjectRef) -> None:
    """The form of the text tells what kind of name it is."""
    assert subject(text) == reference


def test_a_day_is_read_and_its_absence_kept() -> None:
    """No day means the service's default."""
    assert day("2024-05-31") == Date(year=2024, month=5, day=31)
    assert day(None) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param("2024-05-31T08:00:00+08:00", 1_717_113_600, id="with-zone"),
        pytest.param("2024-05-31T00:00:00Z", 1_717_113_600, id="utc"),
        pytest.param("2024-05-31T08:00:00", 1_717_113_600, id="without-zone-in-shanghai"),
        pytest.param("2024-05-31", 1_717_084_800, id="day-begins-in-shanghai"),
    ],
)
def test_an_instant_without_a_zone_is_in_shanghai(text: str, seconds: int) -> None:
    """2024-05-31 08:00 in Shanghai is midnight UTC."""
    found = instant(text)

    assert found is not None
    assert found.seconds == seconds


def test_a_field_is_named_as_in_the_vocabulary() -> None:
    """Without a name it is left to the service."""
    assert field("fire") == Field.FIELD_FIRE
    assert field(None) == Field.FIELD_UNSPECIFIED
