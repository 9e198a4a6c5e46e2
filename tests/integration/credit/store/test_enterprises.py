"""Enterprises behind the store's ports, in memory and on both databases."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.credit.commands.ports import (
    EnterpriseFile,
    EnterpriseFilter,
    Store,
)
from services.credit.commands.registration import new_enterprise
from services.credit.domain.codes import (
    EnterpriseState,
    Field,
)
from services.credit.domain.enterprise import Period, Profile, Succession
from services.credit.domain.subject import (
    CreditCode,
    EnterpriseId,
    Identity,
    LocalIdentity,
)
from tests.fakes.clock import FixedClock
from tests.fakes.credit_facts import (
    BARE,
    DATONG,
    DAY,
    HUAWEI,
    LIU,
    PROFILE,
    START,
    part,
    registered,
)


@pytest.mark.parametrize(
    ("identity", "profile"),
    [pytest.param(HUAWEI, PROFILE, id="full"), pytest.param(DATONG, BARE, id="bare")],
)
def test_an_enterprise_is_found_by_all_its_names(
    store: Store, identity: Identity, profile: Profile
) -> None:
    """By identity and by identifier, with everything that is known of it."""
    number = registered(store, identity, profile)

    with store.read() as reading:
        refs = [identity, EnterpriseId(number), EnterpriseId(1), CreditCode("9" * 18)]
        found = reading.enterprises.resolve(refs, revision=1)
        file = reading.enterprises.files([number], revision=1)[number]

    assert found == {identity: number, EnterpriseId(number): number}
    assert file.identity == identity
    assert file.versions[0].profile == profile
    assert file.versions[0].period.start_date == START
    assert file.versions[0].recorded_time == store.point().recorded_time


def test_an_enterprise_is_unknown_before_its_revision(store: Store) -> None:
    """Nothing is known before it was recorded."""
    number = registered(store)

    with store.read() as reading:
        assert reading.enterprises.resolve([HUAWEI, EnterpriseId(number)], revision=0) == {}
        assert reading.enterprises.files([number], revision=0) == {}


def test_hundreds_of_names_are_resolved_at_once(store: Store) -> None:
    """An import names as many enterprises as it has rows."""
    names = [LocalIdentity("tw.entity-name", f"第{number}号") for number in range(700)]
    with store.write(caller=LIU, method="register") as write:
        files = [new_enterprise(write, name, BARE, start_date=START) for name in names]
        write.enterprises.register(files)
        write.commit()

    with store.read() as reading:
        found = reading.enterprises.resolve(names, revision=1)
        versions = reading.enterprises.versions(set(found.values()), revision=1)

    assert found == {file.identity: file.enterprise_id for file in files}
    assert versions == {file.enterprise_id: file.versions for file in files}


def rewritten(store: Store, number: int) -> None:
    """Rename an enterprise from 2024 on."""
    with store.write(caller=LIU, method="update") as write:
        file = write.enterprises.files([number], revision=write.point.revision)[number]
        (old,) = file.versions
        change = date(2024, 1, 1)
        new = Period(
            profile=replace(PROFILE, name="新名"),
            state=EnterpriseState.SPLIT,
            start_date=change,
            document_number="更名1号",
        )
        write.enterprises.rewrite(
            number,
            superseded_row_ids=[old.row_id],
            periods=[replace(old.period, end_date=change), new],
        )
        write.commit()


def file_at(store: Store, number: int, revision: int, *, superseded: bool) -> EnterpriseFile:
    """Read a file as known at a revision."""
    with store.read() as reading:
        files = reading.enterprises.files([number], revision=revision, superseded=superseded)
    return files[number]


def test_rewritten_periods_are_told_apart_by_knowledge(store: Store, clock: FixedClock) -> None:
    """Before the change one period was known, after it two, and the first is history."""
    number = registered(store)
    clock.advance(timedelta(hours=1))
    rewritten(store, number)

    (then,) = file_at(store, number, 1, superseded=True).versions
    current = file_at(store, number, 2, superseded=False).versions
    history = file_at(store, number, 2, superseded=True).versions

    assert then.superseded_time is None
    assert [(one.profile.name, one.period.end_date) for one in current] == [
        (PROFILE.name, date(2024, 1, 1)),
        ("新名", None),
    ]
    assert current[1].period.state is EnterpriseState.SPLIT
    assert history == (replace(then, superseded_time=clock.now()), *current)


def test_successions_are_known_to_both_sides_from_their_revision(store: Store) -> None:
    """Neither side knew before, both do since."""
    predecessor, successor = registered(store), registered(store, DATONG)
    succession = Succession(
        predecessor_id=predecessor,
        successor_id=successor,
        kind=EnterpriseState.MERGED,
        effective_date=DAY,
    )
    with store.write(caller=LIU, method="update") as write:
        write.enterprises.add_successions([succession])
        write.commit()

    for number in (predecessor, successor):
        assert file_at(store, number, 2, superseded=False).successions == ()
        assert file_at(store, number, 3, superseded=False).successions == (succession,)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(EnterpriseFilter(), [0, 1], id="all"),
        pytest.param(EnterpriseFilter(name_contains="朝阳"), [0], id="past-name"),
        pytest.param(EnterpriseFilter(name_contains="新名"), [0], id="present-name"),
        pytest.param(EnterpriseFilter(name_contains="DA_T%"), [1], id="either-case-and-signs"),
        pytest.param(EnterpriseFilter(name_contains="ＤＡ"), [], id="full-width-is-another"),
        pytest.param(EnterpriseFilter(name_contains="D_"), [], id="underscore-is-itself"),
        pytest.param(EnterpriseFilter(name_contains="/"), [], id="slash-is-itself"),
        pytest.param(EnterpriseFilter(credit_code=HUAWEI.value), [0], id="credit-code"),
        pytest.param(EnterpriseFilter(divisions=range(110_000, 120_000)), [0], id="province"),
        pytest.param(EnterpriseFilter(divisions=range(110_105, 110_106)), [0], id="district"),
        pytest.param(EnterpriseFilter(divisions=range(110_106, 120_000)), [], id="just-above"),
        pytest.param(EnterpriseFilter(industry_prefix="C34"), [0], id="industry"),
        pytest.param(EnterpriseFilter(industry_prefix="C35"), [], id="another-industry"),
        pytest.param(EnterpriseFilter(field=Field.FIRE), [1], id="field"),
        pytest.param(EnterpriseFilter(field=Field.TRANSPORT), [], id="another-field"),
    ],
)
def test_searches_agree(store: Store, wanted: EnterpriseFilter, expected: list[int]) -> None:
    """Every store finds the same enterprises, by number."""
    numbers = [registered(store), registered(store, DATONG, replace(BARE, name="Da_t%大同"))]
    rewritten(store, numbers[0])

    with store.read() as reading:
        found = reading.enterprises.search(wanted, part(store))

    assert list(found) == [numbers[place] for place in expected]


def test_searches_stand_on_both_axes_of_time(store: Store) -> None:
    """The day before the first period, and the revision before the first row, have nothing."""
    first, second = registered(store), registered(store, DATONG)

    def search(**changes: object) -> list[int]:
        with store.read() as reading:
            return list(reading.enterprises.search(EnterpriseFilter(), part(store, **changes)))

    assert search() == [first, second]
    assert search(as_of=START) == [first, second]
    assert search(as_of=START - timedelta(days=1)) == []
    assert search(revision=1) == [first]
    assert search(after=(first,)) == [second]
    assert search(limit=1) == [first]
