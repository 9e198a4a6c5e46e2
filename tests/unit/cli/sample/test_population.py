"""The sample: the same bytes from the same seed, valid, and of sane proportions."""

import hashlib
from collections import Counter
from datetime import date
from typing import Any

import pytest
from google.protobuf.message import Message
from google.type.date_pb2 import Date
from stdnum.cn import uscc

from cli.sample.ledger import KIND_ORDER
from cli.sample.places import BY_DIVISION
from cli.sample.population import Sample, make_sample
from cli.sample.stories import BY_NAME, STORIES
from safetycredit.credit.v1.record_pb2 import Accident, Honour, Penalty

UNTIL = date(2026, 6, 30)
COUNT = 300


@pytest.fixture(scope="module")
def sample() -> Sample:
    """Make a small population once."""
    return make_sample(seed=7, until=UNTIL, enterprises=COUNT)


def digest(sample: Sample) -> str:
    """Give a digest of everything that a load would send."""
    hasher = hashlib.sha256()
    messages: list[Message] = [enterprise.profile for enterprise in sample.enterprises]
    for record in sample.records:
        messages += [record.header, record.body]
    for message in messages:
        hasher.update(message.SerializeToString(deterministic=True))
    for record, number in zip(sample.records, sample.document_numbers, strict=True):
        hasher.update(f"{record.key}{number}{sorted(record.refers.items())}".encode())
    hasher.update(repr([(c.document_number, c.effective_date) for c in sample.changes]).encode())
    hasher.update(repr([(r.person, r.kind, r.start_date) for r in sample.roles]).encode())
    return hasher.hexdigest()


def days_in(message: Message) -> list[Date]:
    """Find every day in a message, however deep."""
    days: list[Date] = []
    for field, value in message.ListFields():
        for part in value if field.is_repeated else [value]:
            if isinstance(part, Date):
                # The last day of a term may be still to come.
                if field.name not in {"end_date", "due_date"}:
                    days.append(part)
            elif isinstance(part, Message):
                days += days_in(part)
    return days


def as_date(day: Date) -> date:
    """Give a message as a day."""
    return date(day.year, day.month, day.day)


def test_equal_arguments_make_equal_bytes(sample: Sample) -> None:
    """A second making has the same digest; another seed or day has not."""
    assert digest(make_sample(seed=7, until=UNTIL, enterprises=COUNT)) == digest(sample)
    assert digest(make_sample(seed=8, until=UNTIL, enterprises=COUNT)) != digest(sample)
    assert digest(make_sample(seed=7, until=date(2026, 7, 1), enterprises=COUNT)) != digest(sample)


def test_a_larger_population_holds_the_smaller_one(sample: Sample) -> None:
    """Each enterprise has dice of its own."""
    larger = make_sample(seed=7, until=UNTIL, enterprises=COUNT + 20)
    names = {one.credit_code: one.profile.name for one in larger.enterprises}

    assert len(larger.enterprises) == COUNT + 20
    assert all(names[one.credit_code] == one.profile.name for one in sample.enterprises)


def test_every_enterprise_is_valid_and_clearly_invented(sample: Sample) -> None:
    """Codes are right and different, names hold the sign of the sample."""
    codes = {one.credit_code for one in sample.enterprises}

    assert len(codes) == len(sample.enterprises) == COUNT
    assert all(uscc.is_valid(code) for code in codes)
    for one in sample.enterprises:
        assert "样" in one.profile.name
        assert one.profile.division in BY_DIVISION
        assert one.credit_code[2:8] == one.profile.division
        assert one.profile.headcount >= 1
        assert list(one.profile.fields)


def test_nothing_happens_after_the_last_day_or_before_the_founding(sample: Sample) -> None:
    """Every day that has happened lies between the two."""
    assert sample.records
    assert sample.changes
    for record in sample.records:
        assert record.enterprise.founding_date <= record.event_date <= UNTIL
        for message in (record.header, record.body):
            for day in days_in(message):
                assert as_date(day) <= UNTIL
    for change in sample.changes:
        assert change.enterprise.founding_date < change.effective_date <= UNTIL


def test_records_refer_to_earlier_ones_of_the_same_enterprise(sample: Sample) -> None:
    """A rectification is of one's own violation, and comes in a later pass of the load."""
    by_key = {record.key: record for record in sample.records}
    order = {kind: place for place, kinds in enumerate(KIND_ORDER) for kind in kinds}

    assert len(by_key) == len(sample.records)
    for record in sample.records:
        for key in record.refers.values():
            assert by_key[key].enterprise is record.enterprise
            assert by_key[key].event_date <= record.event_date
            assert order[by_key[key].kind] < order[record.kind]


def test_business_keys_are_different(sample: Sample) -> None:
    """No two records of a kind share authority and document number."""
    keys = Counter(
        (record.kind, record.header.authority, number)
        for record, number in zip(sample.records, sample.document_numbers, strict=True)
    )

    assert max(keys.values()) == 1
    assert all(len(number) <= 100 for number in sample.document_numbers)


def test_no_record_follows_the_end_of_an_enterprise(sample: Sample) -> None:
    """An enterprise that was closed or merged takes no new ones."""
    ends = {
        change.enterprise.credit_code: change.effective_date
        for change in sample.changes
        if change.state
    }

    assert ends
    for record in sample.records:
        if (end := ends.get(record.enterprise.credit_code)) is not None:
            assert record.event_date < end


def test_proportions_are_sane() -> None:
    """All five fields and kinds occur; grave things are rare, and bad enterprises have more."""
    sample = make_sample(seed=20190926, until=UNTIL, enterprises=1_000)
    kinds = Counter(record.kind for record in sample.records)
    fields = Counter(record.header.field for record in sample.records)
    penalties = Counter(r.enterprise.credit_code for r in sample.records if r.kind == "penalty")
    rectified = Counter(r.enterprise.credit_code for r in sample.records if r.kind == "violation")

    assert set(fields) == {1, 2, 3, 4, 5}
    assert len(kinds) == 14
    assert 8 <= len(sample.records) / 1_000 <= 25
    assert kinds["accident"] < kinds["penalty"] < kinds["violation"] < kinds["inspection"]
    assert 5 <= kinds["accident"] <= 60
    # Most have none, and who has several has many violations, too.
    assert len(penalties) < 600
    often = [code for code, count in penalties.items() if count >= 3]
    mean_often = sum(rectified[code] for code in often) / len(often)
    assert mean_often > 2 * sum(rectified.values()) / 1_000


def test_stories_keep_their_codes_whatever_the_day() -> None:
    """Documentation may name them."""
    assert BY_NAME["clean"].credit_code == "91110105YY000001X9"
    assert BY_NAME["two-penalties"].credit_code == "91110105YY00000289"
    assert [story.serial for story in STORIES] == list(range(1, len(STORIES) + 1))


def story_bodies(sample: Sample, name: str, kind: str) -> list[Any]:
    """Give the bodies of one kind in a story."""
    code = BY_NAME[name].credit_code
    return [
        getattr(record.body, kind)
        for record in sample.records
        if record.enterprise.credit_code == code and record.kind == kind
    ]


@pytest.mark.parametrize(
    "until", [date(2026, 6, 30), date(2026, 1, 1), date(2024, 2, 29), date(2025, 12, 31)]
)
def test_stories_tell_what_they_promise_on_every_day(until: date) -> None:
    """Their circumstances lie in the windows that the law looks at, whenever it is made."""
    sample = make_sample(seed=1, until=until, enterprises=len(STORIES))
    last_year = until.year - 1

    penalties = [
        record
        for record in sample.records
        if record.kind == "penalty"
        and record.enterprise.credit_code == BY_NAME["two-penalties"].credit_code
    ]
    assert [record.event_date.year for record in penalties] == [last_year, last_year]
    larger = [
        record.event_date
        for record in sample.records
        if record.kind == "accident"
        and record.enterprise.credit_code == BY_NAME["two-larger-accidents"].credit_code
    ]
    assert len(larger) == 2
    assert (until - larger[0]).days < 365
    concealed = story_bodies(sample, "concealed-accident", "accident")
    assert [one.reporting for one in concealed] == [Accident.REPORTING_CONCEALED]
    levels = story_bodies(sample, "clean", "honour")
    assert {
        one.standardisation_level for one in levels if one.kind == Honour.KIND_STANDARDISATION
    } == {1}
    assert not story_bodies(sample, "clean", "penalty")
    multiplied = story_bodies(sample, "multiplied-fine", "penalty")
    assert [one.fine_multiple.value for one in multiplied] == ["3"]


@pytest.mark.parametrize(
    "name",
    ["unlicensed", "forged-report", "evaded-penalty", "multiplied-fine", "concealed-accident"],
)
def test_grave_stories_have_a_final_penalty_behind_them(name: str) -> None:
    """A listing needs one (应急管理部令第11号 art. 3), except where the story is about its lack."""
    sample = make_sample(seed=1, until=date(2026, 12, 31), enterprises=len(STORIES))

    assert any(
        isinstance(one, Penalty) and one.HasField("final_date")
        for one in story_bodies(sample, name, "penalty")
    )


def test_the_pending_penalty_is_not_final() -> None:
    """It makes nobody a candidate."""
    sample = make_sample(seed=1, until=UNTIL, enterprises=len(STORIES))
    pending = story_bodies(sample, "pending-penalty", "penalty")

    assert [one.HasField("final_date") for one in pending] == [False]
