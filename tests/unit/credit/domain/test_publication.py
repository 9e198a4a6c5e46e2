"""Publication of penalties: both sides of every day on which it changes."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.credit.domain.codes import Field, HonourKind, Sanction
from services.credit.domain.publication import (
    Publication,
    PublicationEnd,
    PublicationState,
    publication_of,
)
from services.credit.domain.record import Edition, Header, Honour, Penalty, Supersession
from services.credit.domain.remedy import Remedy, RemedyState
from services.credit.domain.remedy_errors import NotRepairableError, PeriodsUndefinedError
from services.credit.domain.repair_law import DishonestyClass, PublicationLaw
from services.credit.domain.repair_notice import repair_notice
from tests.fakes.credit_remedies import AUTHORITY, basis, procedure, published, remedy

S = RemedyState
DECIDED = date(2026, 5, 10)
PUBLISHED = date(2026, 5, 15)
EARLIEST = date(2026, 8, 10)
END = date(2027, 5, 10)


def penalty(**changes: object) -> Edition:
    """Give a penalty of 2026-05-10, made public five days later."""
    values: dict[str, object] = {"publish_date": PUBLISHED, "publicity_end_date": None} | changes
    own_end = values["publicity_end_date"]
    publish_date = values["publish_date"]
    assert own_end is None or isinstance(own_end, date)
    assert publish_date is None or isinstance(publish_date, date)
    return Edition(
        row_id=5,
        record_id=5,
        number=1,
        subject_id=7,
        person=False,
        header=Header(
            field=Field.WORK_SAFETY,
            authority=AUTHORITY,
            document_number="罚1号",
            event_date=DECIDED,
            publish_date=publish_date,
        ),
        body=Penalty(
            sanctions=frozenset({Sanction.FINE}), violation_code=0, publicity_end_date=own_end
        ),
        recorded_revision=1,
        recorded_time=datetime(2026, 5, 16, tzinfo=UTC),
    )


def one_law(start_date: date) -> list[PublicationLaw]:
    """Give three months at least and a year at most, by one version."""
    year = start_date.year + 1
    month = start_date.month + 3
    return [published(start_date.replace(month=month), start_date.replace(year=year))]


def on(as_of: date, *remedies: Remedy, edition: Edition | None = None) -> Publication:
    """Say how the penalty stands on a day."""
    return publication_of(edition or penalty(), remedies, one_law, as_of=as_of)


@pytest.mark.parametrize(
    ("as_of", "state", "end"),
    [
        pytest.param(date(2026, 5, 14), "NOT_PUBLISHED", "NONE", id="the-day-before-publication"),
        pytest.param(date(2026, 5, 15), "PUBLISHED", "NONE", id="the-first-day"),
        pytest.param(date(2027, 5, 9), "PUBLISHED", "NONE", id="the-last-day"),
        pytest.param(date(2027, 5, 10), "ENDED", "TERM", id="a-year-after-the-decision"),
    ],
)
def test_publication_runs_from_its_first_day_to_the_end_of_the_term(
    as_of: date, state: str, end: str
) -> None:
    """The term runs from the decision, not from the publication (自认定之日起)."""
    found = on(as_of)

    assert (found.state.name, found.end.name, found.last_date) == (state, end, date(2027, 5, 9))


def test_what_was_never_made_public_is_not_published() -> None:
    """A record without a day of publication has none."""
    found = on(date(2026, 9, 1), edition=penalty(publish_date=None))

    assert found.state is PublicationState.NOT_PUBLISHED


@pytest.mark.parametrize(
    ("own_end", "last"),
    [
        pytest.param(date(2026, 11, 30), date(2026, 11, 30), id="earlier-counts"),
        pytest.param(date(2029, 5, 10), date(2027, 5, 9), id="later-does-not"),
    ],
)
def test_the_authority_may_end_it_earlier_but_not_later(own_end: date, last: date) -> None:
    """The longest period of the law bounds the authority's own 公示截止期."""
    assert on(date(2026, 9, 1), edition=penalty(publicity_end_date=own_end)).last_date == last


GRANTED = remedy(S.APPLIED, S.ACCEPTED, S.GRANTED, days=[date(2026, 9, 2), date(2026, 9, 10)])
WITHDRAWN = remedy(
    S.APPLIED,
    S.ACCEPTED,
    S.GRANTED,
    S.WITHDRAWN,
    days=[date(2026, 9, 2), date(2026, 9, 10), date(2026, 9, 20)],
)


@pytest.mark.parametrize(
    ("as_of", "state", "end", "last"),
    [
        pytest.param(date(2026, 9, 9), "PUBLISHED", "NONE", date(2027, 5, 9), id="day-before"),
        pytest.param(date(2026, 9, 10), "ENDED", "REPAIRED", date(2026, 9, 9), id="its-day"),
    ],
)
def test_a_repair_ends_publication_on_its_day(
    as_of: date, state: str, end: str, last: date
) -> None:
    """From the day of the grant the penalty is published no more."""
    found = on(as_of, GRANTED)

    assert (found.state.name, found.end.name, found.last_date) == (state, end, last)


@pytest.mark.parametrize(
    ("as_of", "state", "start", "last"),
    [
        pytest.param(date(2026, 9, 19), "ENDED", DECIDED, date(2026, 9, 9), id="day-before"),
        pytest.param(
            date(2026, 9, 20), "PUBLISHED", date(2026, 9, 20), date(2027, 9, 19), id="its-day"
        ),
        pytest.param(
            date(2027, 9, 20), "ENDED", date(2026, 9, 20), date(2027, 9, 19), id="after-a-year"
        ),
    ],
)
def test_a_withdrawn_repair_restores_publication_and_restarts_the_term(
    as_of: date, state: str, start: date, last: date
) -> None:
    """What was obtained by deceit is undone, and the term runs again from that day."""
    found = on(as_of, WITHDRAWN)

    assert (found.state.name, found.period_start_date, found.last_date) == (state, start, last)


def test_a_policy_may_leave_the_term_as_it_was() -> None:
    """Whether the term restarts is the policy's to say."""

    def law_of(start_date: date) -> list[PublicationLaw]:
        return [replace(law, withdrawal_restarts_term=False) for law in one_law(start_date)]

    found = publication_of(penalty(), [WITHDRAWN], law_of, as_of=date(2026, 9, 20))

    assert (found.state, found.last_date) == (PublicationState.PUBLISHED, date(2027, 5, 9))


def test_a_revoked_penalty_should_never_have_been_published() -> None:
    """行政处罚法 art. 48: a penalty that was revoked is withdrawn from publication."""
    revoked = replace(
        penalty(),
        superseded=Supersession(
            time=datetime(2026, 8, 1, tzinfo=UTC),
            revision=2,
            next_row_id=None,
            reason="复议撤销",
            document_number="复1号",
        ),
    )

    found = on(date(2026, 6, 1), edition=revoked)

    assert (found.state, found.end, found.last_date) == (
        PublicationState.ENDED,
        PublicationEnd.REVOKED,
        None,
    )


OLD = basis("old", date(2023, 5, 1), date(2026, 4, 1))
NEW = basis("new", date(2026, 4, 1))


@pytest.mark.parametrize(
    ("old_end", "new_end", "end"),
    [
        pytest.param(
            date(2026, 3, 1), date(2025, 3, 1), date(2026, 3, 1), id="ended-under-the-old-one"
        ),
        pytest.param(
            date(2026, 4, 1), date(2025, 4, 1), date(2026, 4, 1), id="ends-with-the-old-one"
        ),
        pytest.param(
            date(2028, 3, 1), date(2026, 3, 1), date(2026, 4, 1), id="shortened-ends-at-once"
        ),
        pytest.param(
            date(2028, 3, 1), date(2027, 3, 1), date(2027, 3, 1), id="ends-under-the-new-one"
        ),
    ],
)
def test_a_new_version_shortens_what_is_published_from_its_first_day(
    old_end: date, new_end: date, end: date
) -> None:
    """What was published under the former rules was right until the new ones came."""

    def law_of(_start_date: date) -> list[PublicationLaw]:
        return [
            published(date(2025, 6, 1), old_end, basis=OLD),
            published(date(2025, 6, 1), new_end, basis=NEW),
        ]

    found = publication_of(penalty(), [], law_of, as_of=date(2026, 5, 1))

    assert found.end_date == end


def test_the_class_is_that_of_the_version_in_force_on_the_day() -> None:
    """A day before the new version is answered by the old one."""

    def law_of(_start_date: date) -> list[PublicationLaw]:
        return [
            published(EARLIEST, END, basis=OLD, dishonesty=DishonestyClass.SERIOUS),
            published(EARLIEST, END, basis=NEW),
        ]

    classes = [
        publication_of(penalty(), [], law_of, as_of=day).law.dishonesty.name
        for day in (date(2026, 3, 31), date(2026, 4, 1))
    ]

    assert classes == ["SERIOUS", "GENERAL"]


def test_a_day_before_any_version_has_no_answer() -> None:
    """The periods of a time whose law is not written down are not guessed."""
    with pytest.raises(PeriodsUndefinedError):
        on(date(2025, 12, 31))


def test_what_is_no_penalty_has_no_publication_period() -> None:
    """Credit repair is for penalties; other records can be objected to."""
    honour = replace(penalty(), body=Honour(honour_kind=HonourKind.AWARD))

    with pytest.raises(NotRepairableError) as error:
        on(date(2026, 9, 1), edition=honour)

    assert error.value.facts["kind"] == "honour"


def test_the_notice_says_what_the_party_must_know() -> None:
    """两书同达: class, first and last day, conditions, authority and periods, with the basis."""
    notice = repair_notice(on(date(2026, 6, 1)), procedure())

    for said in (
        "一般",
        "自2026-05-10起算，最长至2027-05-09",
        "自2026-08-10起",
        "公开作出信用承诺",
        f"向{AUTHORITY}申请信用修复",
        "3个工作日",
        "10个工作日",
        "《测试办法》（测试1号）第一条",
    ):
        assert said in notice
