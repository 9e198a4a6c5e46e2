"""Rules of every kind of record, on both sides of every boundary."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.credit.domain.codes import (
    AwardRank,
    Commitment,
    Field,
    HazardLevel,
    HonourKind,
    Liability,
    Outcome,
    Responsibility,
    Sanction,
)
from services.credit.domain.enterprise import PROFILE_RULES, Profile
from services.credit.domain.record import (
    Accident,
    Body,
    Hazard,
    Header,
    Honour,
    Inspection,
    Penalty,
    Rectification,
    Report,
    Violation,
)
from services.credit.domain.record_rules import BODY_RULES, HEADER_RULES
from services.credit.domain.rules import Moment, violations_of

TODAY = date(2025, 6, 1)
TOMORROW = date(2025, 6, 2)
EVENT = date(2025, 3, 10)
DAY_BEFORE = date(2025, 3, 9)
NOW = datetime(2025, 6, 1, 4, 0, tzinfo=UTC)
MOMENT = Moment(now=NOW, today=TODAY, event_date=EVENT)

HEADER = Header(
    field=Field.WORK_SAFETY,
    authority="朝阳区应急管理局",
    document_number="12号",
    event_date=EVENT,
)
PENALTY = Penalty(sanctions=frozenset({Sanction.WARNING}), violation_code=0)
FINED = Penalty(sanctions=frozenset({Sanction.FINE}), violation_code=0, fine_fen=1)
ORDERED = Rectification(target_record_id=1, outcome=Outcome.ORDERED, due_date=EVENT)
HAZARD = Hazard(level=HazardLevel.MAJOR, description="堵塞")
LEVELLED = Honour(honour_kind=HonourKind.STANDARDISATION, standardisation_level=1)
COMMITTED = Honour(honour_kind=HonourKind.COMMITMENT, commitment=Commitment.MADE)
AWARDED = Honour(honour_kind=HonourKind.AWARD, award_rank=AwardRank.COUNTY)
REPORT = Report(description="动火")
LIABLE = Accident(liability=Liability.LIABLE)
# The event date in Shanghai begins and ends at 16:00 UTC.
DAY_BEGINS = datetime(2025, 3, 9, 16, 0, tzinfo=UTC)
DAY_ENDS = datetime(2025, 3, 10, 16, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def broken(body: Body) -> list[tuple[str, str]]:
    """Give the field and the reason of every rule that a body breaks."""
    found = violations_of(body, BODY_RULES[body.kind], MOMENT)
    return [(one.field, one.reason) for one in found]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(Inspection(), id="inspection"),
        pytest.param(Violation(violation_code=0), id="violation"),
        pytest.param(replace(PENALTY, fine_fen=0), id="penalty-without-fine"),
        pytest.param(replace(FINED, fine_fen=10**12), id="fine-of-ten-thousand-million-yuan"),
        pytest.param(replace(PENALTY, confiscated_fen=10**12), id="highest-confiscation"),
        pytest.param(replace(PENALTY, final_date=EVENT), id="final-on-the-day"),
        pytest.param(replace(PENALTY, final_date=TODAY), id="final-today"),
        pytest.param(replace(PENALTY, performed_date=TODAY), id="performed-today"),
        pytest.param(replace(PENALTY, performed_date=DAY_BEFORE), id="paid-in-advance"),
        pytest.param(replace(PENALTY, valid_until_date=EVENT), id="valid-for-the-day"),
        pytest.param(replace(PENALTY, valid_until_date=date(2099, 1, 1)), id="valid-for-long"),
        pytest.param(replace(PENALTY, publicity_end_date=EVENT), id="published-for-the-day"),
        pytest.param(replace(PENALTY, fine_multiple_hundredths=200), id="lowest-multiple"),
        pytest.param(replace(PENALTY, fine_multiple_hundredths=500), id="highest-multiple"),
        pytest.param(replace(PENALTY, violation_text="违" * 1_000), id="longest-kind"),
        pytest.param(replace(PENALTY, content="罚" * 4_000), id="longest-content"),
        pytest.param(ORDERED, id="due-on-the-day"),
        pytest.param(replace(ORDERED, recheck_level=3), id="highest-re-check"),
        pytest.param(
            Rectification(target_record_id=1, outcome=Outcome.ACCEPTED), id="accepted-without-due"
        ),
        pytest.param(HAZARD, id="hazard"),
        pytest.param(replace(HAZARD, due_date=EVENT), id="hazard-due-on-the-day"),
        pytest.param(Accident(), id="accident-without-numbers"),
        pytest.param(
            Accident(deaths=10_000, serious_injuries=100_000, direct_loss_fen=10**13),
            id="highest-accident",
        ),
        pytest.param(Accident(occurrence_time=DAY_BEGINS), id="first-instant-of-the-day"),
        pytest.param(Accident(occurrence_time=DAY_ENDS - TICK), id="last-instant-of-the-day"),
        pytest.param(
            Accident(occurrence_time=DAY_BEGINS, report_time=DAY_BEGINS), id="reported-at-once"
        ),
        pytest.param(Accident(report_time=NOW), id="reported-now"),
        pytest.param(Accident(investigation_approval_date=TODAY), id="approved-today"),
        pytest.param(replace(LIABLE, responsibility=Responsibility.SECONDARY), id="partly-liable"),
        pytest.param(replace(LIABLE, responsibility_share_bp=1), id="least-share"),
        pytest.param(
            replace(LIABLE, responsibility=Responsibility.PRIMARY, responsibility_share_bp=9_999),
            id="greatest-part",
        ),
        pytest.param(
            replace(LIABLE, responsibility=Responsibility.FULL, responsibility_share_bp=10_000),
            id="all-of-it",
        ),
        pytest.param(replace(LIABLE, responsibility_share_bp=10_000), id="all-of-it-by-number"),
        pytest.param(
            Accident(liability=Liability.NOT_LIABLE, responsibility=Responsibility.NONE),
            id="no-responsibility",
        ),
        pytest.param(Accident(responsibility=Responsibility.EQUAL), id="words-before-the-finding"),
        pytest.param(replace(LEVELLED, standardisation_level=3), id="lowest-level"),
        pytest.param(replace(LEVELLED, end_date=date(2025, 3, 11)), id="ends-the-day-after"),
        pytest.param(COMMITTED, id="commitment"),
        pytest.param(AWARDED, id="award"),
        pytest.param(replace(REPORT, handled_date=EVENT), id="handled-on-the-day"),
        pytest.param(replace(REPORT, description="报" * 4_000), id="longest-report"),
    ],
)
def test_a_right_body_breaks_no_rule(body: Body) -> None:
    """The last right value of every range is right."""
    assert broken(body) == []


def wrong(name: str, body: Body, reason: str, **changes: Any) -> Any:  # noqa: ANN401 -- a row.
    """Change a right body; it is wrong then at the field that is changed last."""
    # In messages an amount has no unit in its name.
    field = list(changes)[-1].removesuffix("_fen").removesuffix("_hundredths")
    return pytest.param(replace(body, **changes), field, reason, id=name)


WRONG_BODIES = [
    wrong("no-sanction", PENALTY, "REQUIRED", sanctions=frozenset()),
    wrong("fine-below-zero", FINED, "AMOUNT_BELOW_ZERO", fine_fen=-1),
    wrong("fine-too-large", FINED, "AMOUNT_TOO_LARGE", fine_fen=10**12 + 1),
    wrong("fine-without-its-sanction", PENALTY, "FINE_WITHOUT_SANCTION", fine_fen=1),
    wrong("confiscated-below-zero", PENALTY, "AMOUNT_BELOW_ZERO", confiscated_fen=-1),
    wrong("confiscated-too-large", PENALTY, "AMOUNT_TOO_LARGE", confiscated_fen=10**12 + 1),
    wrong("final-before-the-decision", PENALTY, "DATE_BEFORE_EVENT", final_date=DAY_BEFORE),
    wrong("final-tomorrow", PENALTY, "DATE_IN_FUTURE", final_date=TOMORROW),
    wrong("performed-tomorrow", PENALTY, "DATE_IN_FUTURE", performed_date=TOMORROW),
    wrong("ends-before-its-start", PENALTY, "DATE_BEFORE_EVENT", valid_until_date=DAY_BEFORE),
    wrong(
        "published-until-before-its-start",
        PENALTY,
        "DATE_BEFORE_EVENT",
        publicity_end_date=DAY_BEFORE,
    ),
    wrong("multiple-below-two", PENALTY, "NUMBER_TOO_SMALL", fine_multiple_hundredths=199),
    wrong("multiple-above-five", PENALTY, "NUMBER_TOO_LARGE", fine_multiple_hundredths=501),
    wrong("kind-too-long", PENALTY, "TEXT_TOO_LONG", violation_text="违" * 1_001),
    wrong("facts-too-long", PENALTY, "TEXT_TOO_LONG", facts="实" * 4_001),
    wrong("ordered-without-due", ORDERED, "REQUIRED", due_date=None),
    wrong("due-before-the-order", ORDERED, "DATE_BEFORE_EVENT", due_date=DAY_BEFORE),
    wrong("fourth-re-check", ORDERED, "NUMBER_TOO_LARGE", recheck_level=4),
    wrong("re-check-below-zero", ORDERED, "NUMBER_TOO_SMALL", recheck_level=-1),
    wrong("blank-hazard", HAZARD, "REQUIRED", description=" \n"),
    wrong("hazard-due-before-it-was-found", HAZARD, "DATE_BEFORE_EVENT", due_date=DAY_BEFORE),
    wrong("deaths-below-zero", Accident(), "NUMBER_TOO_SMALL", deaths=-1),
    wrong("too-many-deaths", Accident(), "NUMBER_TOO_LARGE", deaths=10_001),
    wrong("too-many-injuries", Accident(), "NUMBER_TOO_LARGE", serious_injuries=100_001),
    wrong("loss-too-large", Accident(), "AMOUNT_TOO_LARGE", direct_loss_fen=10**13 + 1),
    wrong(
        "just-before-the-day", Accident(), "TIME_ON_ANOTHER_DAY", occurrence_time=DAY_BEGINS - TICK
    ),
    wrong(
        "first-instant-of-the-next-day", Accident(), "TIME_ON_ANOTHER_DAY", occurrence_time=DAY_ENDS
    ),
    wrong(
        "reported-before-it-happened",
        Accident(),
        "REPORT_BEFORE_OCCURRENCE",
        occurrence_time=DAY_BEGINS,
        report_time=DAY_BEGINS - TICK,
    ),
    wrong(
        "liable-for-nothing", LIABLE, "RESPONSIBILITY_ASTRAY", responsibility=Responsibility.NONE
    ),
    wrong(
        "responsible-but-not-liable",
        Accident(),
        "RESPONSIBILITY_ASTRAY",
        liability=Liability.NOT_LIABLE,
        responsibility=Responsibility.SECONDARY,
    ),
    wrong("share-of-nothing", LIABLE, "NUMBER_TOO_SMALL", responsibility_share_bp=0),
    wrong("more-than-all", LIABLE, "NUMBER_TOO_LARGE", responsibility_share_bp=10_001),
    wrong(
        "share-without-liability",
        Accident(),
        "SHARE_ASTRAY",
        liability=Liability.NOT_LIABLE,
        responsibility_share_bp=1,
    ),
    wrong(
        "share-of-no-responsibility",
        Accident(),
        "SHARE_ASTRAY",
        responsibility=Responsibility.NONE,
        responsibility_share_bp=1,
    ),
    wrong(
        "full-but-not-all",
        LIABLE,
        "SHARE_ASTRAY",
        responsibility=Responsibility.FULL,
        responsibility_share_bp=9_999,
    ),
    wrong(
        "all-but-not-full",
        LIABLE,
        "SHARE_ASTRAY",
        responsibility=Responsibility.PRIMARY,
        responsibility_share_bp=10_000,
    ),
    wrong("reported-in-the-future", Accident(), "TIME_IN_FUTURE", report_time=NOW + TICK),
    wrong(
        "approved-before-it-happened",
        Accident(),
        "DATE_BEFORE_EVENT",
        investigation_approval_date=DAY_BEFORE,
    ),
    wrong("no-level", LEVELLED, "LEVEL_ASTRAY", standardisation_level=0),
    wrong("fourth-level", LEVELLED, "LEVEL_ASTRAY", standardisation_level=4),
    wrong("award-with-a-level", AWARDED, "LEVEL_ASTRAY", standardisation_level=1),
    wrong("award-without-rank", AWARDED, "RANK_ASTRAY", award_rank=AwardRank.UNSPECIFIED),
    wrong("commitment-with-rank", COMMITTED, "RANK_ASTRAY", award_rank=AwardRank.COUNTY),
    wrong(
        "commitment-without-state",
        COMMITTED,
        "COMMITMENT_ASTRAY",
        commitment=Commitment.UNSPECIFIED,
    ),
    wrong("level-with-commitment", LEVELLED, "COMMITMENT_ASTRAY", commitment=Commitment.KEPT),
    wrong("ends-on-its-first-day", LEVELLED, "END_NOT_AFTER_START", end_date=EVENT),
    wrong("handled-before-it-came", REPORT, "DATE_BEFORE_EVENT", handled_date=DAY_BEFORE),
    wrong("handled-tomorrow", REPORT, "DATE_IN_FUTURE", handled_date=TOMORROW),
]


@pytest.mark.parametrize(("body", "field", "reason"), WRONG_BODIES)
def test_a_wrong_body_is_refused_by_name(body: Body, field: str, reason: str) -> None:
    """The first wrong value of every range is refused, alone and by its own reason."""
    assert broken(body) == [(field, reason)]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param(HEADER, [], id="right"),
        pytest.param(replace(HEADER, event_date=TODAY), [], id="today"),
        pytest.param(
            replace(HEADER, event_date=TOMORROW),
            [("event_date", "DATE_IN_FUTURE")],
            id="tomorrow",
        ),
        pytest.param(replace(HEADER, publish_date=EVENT), [], id="published-on-the-day"),
        pytest.param(
            replace(HEADER, publish_date=DAY_BEFORE),
            [("publish_date", "DATE_BEFORE_EVENT")],
            id="published-before",
        ),
        pytest.param(
            replace(HEADER, publish_date=TOMORROW),
            [("publish_date", "DATE_IN_FUTURE")],
            id="published-tomorrow",
        ),
        pytest.param(replace(HEADER, document_number="号" * 100), [], id="longest-number"),
        pytest.param(
            replace(HEADER, document_number="号" * 101),
            [("document_number", "TEXT_TOO_LONG")],
            id="number-too-long",
        ),
        pytest.param(
            replace(HEADER, authority="", document_number=" "),
            [("authority", "REQUIRED"), ("document_number", "REQUIRED")],
            id="blank",
        ),
        pytest.param(
            replace(HEADER, document_item="项" * 101),
            [("document_item", "TEXT_TOO_LONG")],
            id="item-too-long",
        ),
    ],
)
def test_headers_are_judged(header: Header, expected: list[tuple[str, str]]) -> None:
    """A header is refused field by field."""
    moment = replace(MOMENT, event_date=header.event_date)

    found = violations_of(header, HEADER_RULES, moment)

    assert [(one.field, one.reason) for one in found] == expected


PROFILE = Profile(name="某公司", fields=frozenset({Field.FIRE}))


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        pytest.param(PROFILE, [], id="least"),
        pytest.param(replace(PROFILE, industry="C"), [], id="letter"),
        pytest.param(replace(PROFILE, industry="C26"), [], id="two-digits"),
        pytest.param(replace(PROFILE, industry="T9700"), [], id="four-digits"),
        pytest.param(
            replace(PROFILE, industry="C2"), [("industry", "INDUSTRY_MALFORMED")], id="one-digit"
        ),
        pytest.param(
            replace(PROFILE, industry="U26"),
            [("industry", "INDUSTRY_MALFORMED")],
            id="letter-after-t",
        ),
        pytest.param(
            replace(PROFILE, industry="C26145"),
            [("industry", "INDUSTRY_MALFORMED")],
            id="five-digits",
        ),
        pytest.param(replace(PROFILE, headcount=0), [], id="nobody"),
        pytest.param(replace(PROFILE, headcount=10_000_000), [], id="most"),
        pytest.param(
            replace(PROFILE, headcount=-1), [("headcount", "NUMBER_TOO_SMALL")], id="below-zero"
        ),
        pytest.param(
            replace(PROFILE, headcount=10_000_001),
            [("headcount", "NUMBER_TOO_LARGE")],
            id="too-many",
        ),
        pytest.param(replace(PROFILE, founding_date=TODAY), [], id="founded-today"),
        pytest.param(
            replace(PROFILE, founding_date=TOMORROW),
            [("founding_date", "DATE_IN_FUTURE")],
            id="founded-tomorrow",
        ),
        pytest.param(
            replace(PROFILE, name="", fields=frozenset()),
            [("name", "REQUIRED"), ("fields", "REQUIRED")],
            id="empty",
        ),
        pytest.param(replace(PROFILE, name="名" * 200), [], id="longest-name"),
        pytest.param(
            replace(PROFILE, name="名" * 201), [("name", "TEXT_TOO_LONG")], id="name-too-long"
        ),
    ],
)
def test_profiles_are_judged(profile: Profile, expected: list[tuple[str, str]]) -> None:
    """A profile is refused field by field."""
    found = violations_of(profile, PROFILE_RULES, MOMENT)

    assert [(one.field, one.reason) for one in found] == expected


def test_a_rule_that_reads_a_wrong_attribute_is_not_asked() -> None:
    """One mistake is reported once: an unreadable event date makes no other date wrong."""
    body = replace(PENALTY, final_date=DAY_BEFORE, valid_until_date=DAY_BEFORE, fine_fen=-1)

    found = violations_of(body, BODY_RULES[body.kind], MOMENT, faulty={"event_date"})

    assert [(one.field, one.reason) for one in found] == [("fine", "AMOUNT_BELOW_ZERO")]
