"""Terms that the deciding authority chooses within a range, decision to end: over loopback."""

from collections.abc import Coroutine
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.scoring.main import ScoringServer
from tests.fakes.list_policies import EXTENDED, REDLIST, write_list_policies
from tests.fakes.list_world import (
    BUREAU,
    CHIEF,
    CLERK,
    CODE,
    DECISION,
    FIREMAN,
    NOTICE,
    ON_SQLITE,
    PORTAL,
    ListWorld,
    plain_day,
)
from tests.fakes.scoring_client import RefusedError
from tests.unit.engine.test_term_ranges import RANGED

POLICY = "cn.test.several-blacklist"
DECIDE, PUBLISH, EXPIRE, CORRECT = 10, 12, 14, 20
IN_FORCE, REMOVED = 1, 2
WHY = "主动消除危害"


@pytest.fixture(scope="module")
def list_policies_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write policies whose terms are ranges: two blacklists and the redlist."""
    folder = write_list_policies(tmp_path_factory.mktemp("ranges"))
    hazards = EXTENDED.replace(
        "term: {value: 1, unit: month", "term: {value: 1, to: 3, unit: month"
    )
    red = REDLIST.replace("term: {value: 3, unit: year", "term: {value: 1, to: 3, unit: year")
    assert (hazards, red) != (EXTENDED, REDLIST)
    for name, text in (
        ("several-blacklist", RANGED),
        ("fire-blacklist", hazards),
        ("redlist", red),
    ):
        (folder / f"cn/{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def choice(value: int, unit: str, party: str = "", *, why: str = WHY) -> dict[str, Any]:
    """Choose a term in a decision."""
    term = {"value": value, "unit": unit, "party_subject_id": party}
    return {"terms": [term], "term_reason": why}


def penalised(world: ListWorld, *penalties: str) -> tuple[int, list[int]]:
    """Register the enterprise with penalties, on 3 June 2025; give the numbers."""
    number = world.facts.enterprise(credit_code=CODE, fields=0b10)
    given = [world.penalty(number, major=one == "major") for one in penalties]
    world.stand_at(date(2025, 6, 3))
    return number, given


async def approved(world: ListWorld) -> str:
    """Open a case and bring it to its approval; give it."""
    case_id = (await world.opened(policy_id=POLICY)).case_id
    await world.approved(case_id)
    return str(case_id)


async def decide(world: ListWorld, case_id: str, **decision: Any) -> Any:  # noqa: ANN401 -- the case.
    """Decide a case today."""
    return await world.take("DecideListCase", CHIEF, case_id=case_id, **{**DECISION, **decision})


async def published(world: ListWorld, case_id: str, **decision: Any) -> Any:  # noqa: ANN401 -- the case.
    """Decide a case and publish it today."""
    await decide(world, case_id, **decision)
    await world.take("ServeDecision", CHIEF, case_id=case_id)
    return await world.take("PublishListCase", CHIEF, case_id=case_id)


async def refused(call: Coroutine[Any, Any, Any]) -> RefusedError:
    """Give why a call is refused."""
    with pytest.raises(RefusedError) as error:
        await call
    return error.value


def told(case: Any, kind: int, name: str = "term") -> str:  # noqa: ANN401 -- a case of the wire.
    """Give what a step of the ledger says of the term."""
    step = next(one for one in case.steps if one.kind == kind)
    return str({one.name: one.text for one in step.contents}.get(name, ""))


async def given(world: ListWorld, entry_id: str) -> tuple[date, tuple[int, int, int, str], int]:
    """Ask for an entry; give its end, its term with least and greatest, and its state."""
    answer = await world.call("GetListEntry", CHIEF, entry_id=entry_id)
    term, held = answer.term, answer.entry
    lengths = (term.value, term.least, term.greatest, term.unit)
    return plain_day(held.entry.end_date), lengths, held.state


@pytest.mark.parametrize(
    ("wrong", "right", "end"),
    [
        pytest.param(5, 6, date(2025, 12, 3), id="the-least"),
        pytest.param(13, 12, date(2026, 6, 3), id="the-greatest"),
    ],
)
async def test_the_term_is_chosen_within_its_range(
    world: ListWorld, case_server: ScoringServer, wrong: int, right: int, end: date
) -> None:
    """Six to twelve months: both ends may be chosen, neither 5 nor 13; then it runs and ends."""
    number, _ = penalised(world, "minor")
    case_id = await approved(world)

    outside = await refused(decide(world, case_id, **choice(wrong, "month")))
    case = await published(world, case_id, **choice(right, "month"))

    assert (outside.code, outside.reason) == ("FAILED_PRECONDITION", "TERM_OUT_OF_RANGE")
    clause = "测试名单办法 测〔2020〕1号 第十三条第二项"
    assert outside.message.endswith(
        f"the term of e-{number} is from 6 to 12 month ({clause}); it cannot be {wrong} month"
    )
    entry_id = case.entries[0].entry.entry_id
    assert plain_day(case.entries[0].entry.end_date) == end
    assert await given(world, entry_id) == (end, (right, 6, 12, "month"), IN_FORCE)
    text = f"e-{number}：首次列入，{right}个月（在6至12个月内确定，TS-MINOR，{clause}）"
    assert [told(case, kind) for kind in (DECIDE, PUBLISH)] == [text, text]
    assert told(case, DECIDE, "term_reason") == WHY
    for today, state in ((date.fromordinal(end.toordinal() - 1), IN_FORCE), (end, REMOVED)):
        world.stand_at(today)
        case_server.lists.once()
        assert (await given(world, entry_id))[2] == state


@ON_SQLITE
@pytest.mark.parametrize(
    ("decision", "reason", "named"),
    [
        pytest.param(
            {},
            "TERM_NOT_CHOSEN",
            {"least": "1", "greatest": "3", "unit": "year", "clause": "第十三条"},
            id="nothing-chosen",
        ),
        pytest.param(
            choice(24, "month"),
            "TERM_OUT_OF_RANGE",
            {"chosen": "24 month", "unit": "year"},
            id="other-unit",
        ),
        pytest.param(
            choice(2, "year", why=""), "CONTENT_MISSING", {"missing": "term_reason"}, id="not-why"
        ),
        pytest.param(choice(2, "year", "e-999"), "PARTY_UNKNOWN", {}, id="of-nobody-listed"),
        pytest.param(
            choice(2, "year", why="王五已赔偿"), "PERSON_IN_TEXT", {}, id="reason-names-a-person"
        ),
    ],
)
async def test_wrong_decisions_are_refused(
    world: ListWorld, decision: dict[str, Any], reason: str, named: dict[str, str]
) -> None:
    """One to three years for a major penalty: range and clause are named."""
    number, _ = penalised(world, "major")
    world.principal(number, "王五")
    case_id = await approved(world)

    error = await refused(decide(world, case_id, **decision))

    assert error.reason == reason
    for name, text in named.items():
        assert error.facts[name].endswith(text)


@ON_SQLITE
@pytest.mark.parametrize(
    ("terms", "field", "reason"),
    [
        pytest.param([(0, "year", "")], "terms.value", "NUMBER_OUT_OF_RANGE", id="no-time"),
        pytest.param([(2, "week", "")], "terms.unit", "UNIT_UNKNOWN", id="weeks"),
        pytest.param([(2, "year", "x-1")], "terms", "ID_MALFORMED", id="whose"),
        pytest.param([(2, "year", ""), (1, "year", "")], "terms", "PARTY_REPEATED", id="two"),
    ],
)
async def test_what_is_no_term_is_no_request(
    world: ListWorld, terms: list[tuple[int, str, str]], field: str, reason: str
) -> None:
    """Before anything is looked up."""
    chosen = [
        {"value": value, "unit": unit, "party_subject_id": party} for value, unit, party in terms
    ]

    error = await refused(decide(world, "c-1", terms=chosen, term_reason=WHY))

    assert (error.code, error.violations) == ("INVALID_ARGUMENT", {field: reason})


@ON_SQLITE
async def test_each_party_may_have_a_term_of_its_own(world: ListWorld) -> None:
    """The unit three years, its principal one; who follows its own part sees no other's."""
    number, _ = penalised(world, "major")
    person = world.principal(number, "王五")
    both = [*choice(3, "year")["terms"], *choice(1, "year", f"p-{person}")["terms"]]

    case = await published(world, await approved(world), terms=both, term_reason=WHY)

    ends = {one.entry.subject_id: plain_day(one.entry.end_date) for one in case.entries}
    assert ends == {f"e-{number}": date(2028, 6, 3), f"p-{person}": date(2026, 6, 3)}
    own = (await world.call("GetListCase", PORTAL, case_id=case.case_id)).list_case
    assert told(own, DECIDE).startswith(f"e-{number}：首次列入，3年（在1至3年内确定，")
    assert f"p-{person}" not in told(own, DECIDE)


@ON_SQLITE
async def test_what_fell_bounds_the_chosen_term(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """Two years of one to three; without the major penalty twelve months are left, of six to 12."""
    _, (_, major) = penalised(world, "minor", "major")
    case = await published(world, await approved(world), **choice(2, "year"))
    entry_id = case.entries[0].entry.entry_id
    before = await given(world, entry_id)
    world.stand_at(date(2025, 8, 1))
    world.facts.revoke(major)

    case_server.lists.once()

    assert before[:2] == (date(2027, 6, 3), (2, 1, 3, "year"))
    assert (await given(world, entry_id))[:2] == (date(2026, 6, 3), (12, 6, 12, "month"))


@ON_SQLITE
async def test_what_fell_before_the_publication_bounds_the_chosen_term(world: ListWorld) -> None:
    """The publication tells what is left of the three years that were decided."""
    _, (_, major) = penalised(world, "minor", "major")
    case_id = await approved(world)
    await decide(world, case_id, **choice(3, "year"))
    world.facts.revoke(major)
    await world.take("ServeDecision", CHIEF, case_id=case_id)

    case = await world.take("PublishListCase", CHIEF, case_id=case_id)

    assert plain_day(case.entries[0].entry.end_date) == date(2026, 6, 3)
    assert "，3年（在1至3年内确定，" in told(case, DECIDE)
    assert "，12个月（在6至12个月内确定，" in told(case, PUBLISH)


@ON_SQLITE
async def test_who_is_listed_again_has_the_range_of_that_listing(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """A minor one again: one to two years, then three, fixed; without the first all move down.

    The second is the first then: of its two years twelve months are left. The third is the second:
    of its three years, two.
    """
    number, (penalty,) = penalised(world, "minor")
    cases = [await published(world, await approved(world), **choice(6, "month"))]
    for day, decision in ((date(2025, 12, 3), choice(2, "year")), (date(2026, 12, 1), {})):
        world.stand_at(day)
        case_server.lists.once()
        world.penalty(number, major=False, final_date=day)
        case_id = await approved(world)
        if not decision:
            fixed = await refused(decide(world, case_id, **choice(3, "year")))
            assert (fixed.reason, fixed.facts["clause"][-4:]) == ("TERM_FIXED", "第十四条")
        cases.append(await published(world, case_id, **decision))
    second, third = (case.entries[0].entry.entry_id for case in cases[1:])
    before = [(await given(world, one))[:2] for one in (second, third)]
    world.facts.revoke(penalty)

    case_server.lists.once()

    assert before == [
        (date(2027, 12, 3), (2, 1, 2, "year")),
        (date(2029, 12, 1), (3, 3, 3, "year")),
    ]
    assert [(await given(world, one))[:2] for one in (second, third)] == [
        (date(2026, 12, 3), (12, 6, 12, "month")),
        (date(2028, 12, 1), (2, 1, 2, "year")),
    ]


@ON_SQLITE
async def test_deceit_restarts_the_chosen_term(world: ListWorld) -> None:
    """Removed early in January and restored in February: eight months from there."""
    number = world.facts.enterprise(credit_code=CODE, fields=0b10)
    world.penalty(number, major=False, performed_date=date(2025, 5, 1))
    world.stand_at(date(2025, 6, 3))
    case = await published(world, await approved(world), **choice(8, "month"))
    of_entry = {"entry_id": case.entries[0].entry.entry_id}
    world.stand_at(date(2026, 1, 5))
    await world.take("ApplyForEarlyRemoval", PORTAL, **of_entry)
    await world.take("AcceptEarlyRemoval", CHIEF, opinion=1, **of_entry)
    proof = {"harm_removed": "整改报告"}
    await world.take("DecideEarlyRemoval", CHIEF, opinion=1, attachments=proof, **of_entry)
    world.stand_at(date(2026, 2, 2))

    restored = await world.take("WithdrawEarlyRemoval", CHIEF, reason="伪造", **of_entry)

    assert plain_day(restored.entries[0].entry.end_date) == date(2026, 10, 2)


@ON_SQLITE
async def test_a_hazard_extends_the_chosen_term(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """Open at the end of the second month, which was chosen of one to three."""
    number, _ = world.penalised(fields=0b110)
    world.facts.record("hazard", number, date(2025, 8, 2), level=2)
    world.stand_at(date(2025, 6, 3))
    head = replace(CHIEF, identity="head", authority="北京市应急管理局")
    case_id = (await world.opened(policy_id="cn.test.fire-blacklist")).case_id
    await world.take("ReportListCase", CLERK, case_id=case_id, addressee=head.authority)
    of_case: dict[str, Any] = {"case_id": case_id, "person": "郑"}
    await world.take("NotifyListCase", head, **of_case, **NOTICE)
    await world.take("RecordStatement", head, waived=True, **of_case)
    await world.take("ReviewListCase", FIREMAN, case_id=case_id, field=2, opinion=1)
    await world.take("ApproveListCase", head, opinion=1, **of_case)
    await world.take("DecideListCase", head, **of_case, **DECISION, **choice(2, "month"))
    await world.take("ServeDecision", head, **of_case)
    case = await world.take("PublishListCase", head, **of_case)
    assert plain_day(case.entries[0].entry.end_date) == date(2025, 8, 3)
    world.stand_at(date(2025, 8, 4))

    case_server.lists.once()

    case = (await world.call("GetListCase", CHIEF, case_id=case_id)).list_case
    assert case.entries[0].state == IN_FORCE
    assert not case.entries[0].entry.HasField("end_date")


async def redlist_decided(world: ListWorld, applied: date, day: date, years: int) -> str:
    """Apply for the redlist on a day and decide on another; give the case."""
    world.stand_at(applied)
    case = await world.take(
        "ApplyForRedlist",
        PORTAL,
        subject={"credit_code": CODE},
        policy_id="cn.test.redlist",
        field=1,
        inputs=[{"name": "dishonest_acts", "value": 0}],
        attachments={"dishonest_acts": "信用报告"},
    )
    of_case = {"case_id": case.case_id}
    await world.take("ReportListCase", CLERK, addressee=BUREAU, **of_case)
    await world.take("ReviewListCase", CLERK, field=1, opinion=1, **of_case)
    await world.take("ApproveListCase", CHIEF, opinion=1, **of_case)
    await world.take("AnnounceListCase", CHIEF, **of_case)
    world.stand_at(day)
    await world.take("DecideListCase", CHIEF, cause="诚实守信", **choice(years, "year"), **of_case)
    return str(case.case_id)


@ON_SQLITE
async def test_a_redlisting_has_a_chosen_term_too(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """Two years of one to three; what was lost for a revoked penalty comes back to the same end."""
    number = world.facts.enterprise(credit_code=CODE)
    case_id = await redlist_decided(world, date(2025, 6, 3), date(2025, 6, 11), 2)
    case = await world.take("PublishListCase", CHIEF, case_id=case_id)
    entry_id = case.entries[0].entry.entry_id
    broken = world.facts.record("penalty", number, date(2025, 7, 1))
    world.stand_at(date(2025, 7, 2))
    case_server.lists.once()
    lost = (await given(world, entry_id))[2]
    world.facts.revoke(broken)

    case_server.lists.once()

    assert lost == REMOVED
    assert await given(world, entry_id) == (date(2027, 6, 11), (2, 1, 3, "year"), IN_FORCE)


@ON_SQLITE
async def test_a_renewal_chooses_its_own_term(world: ListWorld, case_server: ScoringServer) -> None:
    """One year to 11 June 2026; from there three more, decided on the first of that month."""
    world.facts.enterprise(credit_code=CODE)
    first = await redlist_decided(world, date(2025, 6, 3), date(2025, 6, 11), 1)
    await world.take("PublishListCase", CHIEF, case_id=first)
    renewal = await redlist_decided(world, date(2026, 5, 20), date(2026, 6, 1), 3)
    world.stand_at(date(2026, 6, 11))
    case_server.lists.once()

    case = await world.take("PublishListCase", CHIEF, case_id=renewal)

    entry = case.entries[0].entry
    assert plain_day(entry.start_date) == date(2026, 6, 11)
    assert (await given(world, entry.entry_id))[:2] == (date(2029, 6, 11), (3, 1, 3, "year"))
