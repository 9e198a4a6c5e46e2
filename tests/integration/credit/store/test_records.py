"""Records behind the store's ports, in memory and on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.credit.commands.ports import (
    RecordFilter,
    RecordSummary,
    Store,
)
from services.credit.domain.codes import (
    Field,
    HazardLevel,
    RecordKind,
)
from services.credit.domain.record import (
    Body,
    Hazard,
    Header,
    business_key,
)
from tests.fakes.clock import FixedClock
from tests.fakes.credit_facts import (
    BARE_BODIES,
    DAY,
    FULL_BODIES,
    HEADER,
    LIU,
    edition,
    listed,
    part,
    recorded,
    superseded,
)


@pytest.mark.parametrize(
    "body",
    [
        *[pytest.param(one, id=f"full-{one.kind.label}") for one in FULL_BODIES],
        *[pytest.param(one, id=f"bare-{one.kind.label}") for one in BARE_BODIES],
    ],
)
def test_bodies_of_all_kinds_come_back(store: Store, body: Body) -> None:
    """Every attribute, set or not, is read as it was written."""
    (written,) = recorded(store, body)

    with store.read() as reading:
        (read,) = reading.records.editions(written.record_id, revision=1)

    assert read == written


def test_a_batch_of_all_kinds_comes_back(store: Store) -> None:
    """Many records of many kinds are written and listed together."""
    bare = Header(field=Field.FIRE, authority="局", document_number="1号", event_date=DAY)
    written = recorded(store, *FULL_BODIES, *BARE_BODIES, header=bare)

    with store.read() as reading:
        read = reading.records.page(RecordFilter(), part(store))

    assert list(read) == written


def test_editions_are_known_from_their_revision(store: Store, clock: FixedClock) -> None:
    """At each revision the last edition of then is current."""
    (first,) = recorded(store, BARE_BODIES[2])
    clock.advance(timedelta(hours=1))
    revised = superseded(store, first, FULL_BODIES[2])
    with store.read() as reading:
        second = reading.records.editions(first.record_id, revision=2)[-1]
    revoked = superseded(store, second, None)

    with store.read() as reading:
        known = [reading.records.editions(first.record_id, revision=number) for number in range(4)]

    assert [list(one) for one in known] == [
        [],
        [first],
        [revised, second],
        [revised, revoked],
    ]
    assert [listed(store, RecordFilter(), revision=number) for number in range(4)] == [
        [],
        [first.record_id],
        [first.record_id],
        [],
    ]


def test_records_are_found_by_hundreds_of_keys(store: Store) -> None:
    """An import asks for as many keys as it has rows; unknown ones are left out."""
    written = recorded(store, *[BARE_BODIES[2]] * 700)
    keys = {business_key(one.header, one.body): one for one in written}
    unknown = (RecordKind.HAZARD, *next(iter(keys))[1:])

    with store.write(caller=LIU, method="import") as write:
        found = write.records.by_keys({*keys, unknown})
        nothing = write.records.by_keys(set())

    assert {key: list(editions) for key, editions in found.items()} == {
        key: [one] for key, one in keys.items()
    }
    assert nothing == {}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("一\t二\n三\r四", id="white-space"),
        pytest.param("\\N \\. \\t \\\\", id="escapes"),
        pytest.param('{"a": [\'b\', null]},"', id="quotes-and-brackets"),
        pytest.param("", id="nothing"),
    ],
)
def test_any_text_comes_back_and_is_found(store: Store, text: str) -> None:
    """What means something to a way of writing or asking means nothing in a text or a key."""
    hazard = Hazard(level=HazardLevel.GENERAL, description=text)
    written = recorded(store, hazard, header=replace(HEADER, document_number=f"{text}号"))
    keys = [business_key(one.header, one.body) for one in written]

    with store.write(caller=LIU, method="import") as write:
        found = write.records.by_keys(keys)

    assert [list(found[key]) for key in keys] == [[one] for one in written]


def test_all_editions_of_a_key_are_found(store: Store) -> None:
    """Revised and revoked ones too, oldest first."""
    (first,) = recorded(store, BARE_BODIES[2])
    superseded(store, first, FULL_BODIES[2])

    with store.write(caller=LIU, method="import") as write:
        found = write.records.by_keys([business_key(first.header, first.body)])

    ((_, editions),) = found.items()
    assert [one.number for one in editions] == [1, 2]
    assert editions[0].superseded is not None


def test_summaries_are_of_the_latest_edition(store: Store) -> None:
    """Revised records stand, revoked ones do not, unknown ones are left out."""
    kept, revised, revoked = recorded(store, BARE_BODIES[2], BARE_BODIES[2], BARE_BODIES[4])
    superseded(store, revised, FULL_BODIES[2])
    superseded(store, revoked, None)

    with store.write(caller=LIU, method="import") as write:
        found = write.records.summaries({kept.record_id, revised.record_id, revoked.record_id, 999})

    penalty = RecordSummary(
        kind=RecordKind.PENALTY, subject_id=7, revoked=False, authority=HEADER.authority
    )
    assert found == {
        kept.record_id: penalty,
        revised.record_id: penalty,
        revoked.record_id: RecordSummary(
            kind=RecordKind.HAZARD, subject_id=7, revoked=True, authority=HEADER.authority
        ),
    }


def test_lists_are_ordered_by_day_and_record(store: Store) -> None:
    """Slices follow each other without loss or repetition."""
    days = [DAY + timedelta(days=1), DAY, DAY]
    with store.write(caller=LIU, method="record") as write:
        editions = [
            edition(write, BARE_BODIES[7], replace(HEADER, event_date=day, document_item=str(at)))
            for at, day in enumerate(days)
        ]
        write.records.add(editions)
        write.commit()
    last, first, middle = (one.record_id for one in editions)

    assert listed(store, RecordFilter()) == [first, middle, last]
    assert listed(store, RecordFilter(), limit=2) == [first, middle]
    assert listed(store, RecordFilter(), after=(DAY, first)) == [middle, last]
    assert listed(store, RecordFilter(), after=(DAY, middle)) == [last]
    assert listed(store, RecordFilter(), as_of=DAY) == [first, middle]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param(RecordFilter(subject_id=7), True, id="subject"),
        pytest.param(RecordFilter(subject_id=8), False, id="another-subject"),
        pytest.param(RecordFilter(kinds=frozenset({RecordKind.REPORT})), True, id="kind"),
        pytest.param(RecordFilter(kinds=frozenset({RecordKind.HAZARD})), False, id="another-kind"),
        pytest.param(RecordFilter(field=Field.TRANSPORT), True, id="field"),
        pytest.param(RecordFilter(field=Field.FIRE), False, id="another-field"),
        pytest.param(RecordFilter(authority="局"), True, id="authority"),
        pytest.param(RecordFilter(authority="l"), False, id="another-authority"),
        pytest.param(
            RecordFilter(document_number=HEADER.document_number), True, id="document-number"
        ),
        pytest.param(RecordFilter(document_number="12号"), False, id="part-of-the-number"),
        pytest.param(RecordFilter(event_start_date=DAY), True, id="from-the-day"),
        pytest.param(
            RecordFilter(event_start_date=DAY + timedelta(days=1)), False, id="from-the-next-day"
        ),
        pytest.param(RecordFilter(event_end_date=DAY), False, id="up-to-the-day"),
        pytest.param(
            RecordFilter(event_end_date=DAY + timedelta(days=1)), True, id="up-to-the-next-day"
        ),
    ],
)
def test_lists_are_filtered(store: Store, wanted: RecordFilter, *, found: bool) -> None:
    """Each filter lets its own records pass."""
    (written,) = recorded(store, BARE_BODIES[7])

    assert listed(store, wanted) == ([written.record_id] if found else [])
