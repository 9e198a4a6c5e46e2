"""Terms by circumstance and by listing, from the decision to the end: over loopback."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.scoring.main import ScoringServer
from tests.fakes.list_policies import write_list_policies
from tests.fakes.list_world import CHIEF, ON_SQLITE, ListWorld, plain_day
from tests.unit.engine.test_term_file import TERMS

pytestmark = ON_SQLITE

POLICY = "cn.test.several-blacklist"
DECIDE, PUBLISH, EXPIRE, CORRECT = 10, 12, 14, 20


@pytest.fixture(scope="module")
def list_policies_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the policies of the tests, the one of two circumstances with terms for each."""
    folder = write_list_policies(tmp_path_factory.mktemp("terms"))
    (folder / "cn/several-blacklist.yaml").write_text(TERMS, encoding="utf-8")
    return folder


async def listed(world: ListWorld) -> Any:  # noqa: ANN401 -- the case.
    """List the enterprise; give the case."""
    return await world.published((await world.opened(policy_id=POLICY)).case_id)


def told(case: Any, kind: int) -> str:  # noqa: ANN401 -- a case of the wire.
    """Give what a step of the ledger says of the term."""
    step = next(one for one in case.steps if one.kind == kind)
    return str({one.name: one.text for one in step.contents}.get("term", ""))


async def given(world: ListWorld, case: Any) -> tuple[date | None, int, str, int, list[str], str]:  # noqa: ANN401 -- a case of the wire.
    """Ask for the only entry of a case; give its end and what gave its term."""
    (held,) = case.entries
    answer = await world.call("GetListEntry", CHIEF, entry_id=held.entry.entry_id)
    entry, term = answer.entry.entry, answer.term
    end = plain_day(entry.end_date) if entry.HasField("end_date") else None
    number, rules = term.listing_number, list(term.rule_ids)
    return end, term.value, term.unit, number, rules, term.clause.rpartition(" ")[2]


@pytest.mark.parametrize(
    ("penalties", "end", "value", "unit", "rules", "clause"),
    [
        pytest.param([True], (2028, 6, 3), 3, "year", ["TS-MAJOR"], "第十三条第一项", id="major"),
        pytest.param(
            [False], (2025, 12, 3), 6, "month", ["TS-MINOR"], "第十三条第二项", id="minor"
        ),
        pytest.param(
            [True, False], (2028, 6, 3), 3, "year", ["TS-MAJOR"], "第十三条第一项", id="both"
        ),
    ],
)
async def test_a_circumstance_gives_the_term(
    world: ListWorld,
    penalties: list[bool],
    end: tuple[int, int, int],
    value: int,
    *,
    unit: str,
    rules: list[str],
    clause: str,
) -> None:
    """Three years for a major penalty, six months for a minor one, the longer for both."""
    number = world.facts.enterprise(credit_code="91110000600037341L", fields=0b10)
    for major in penalties:
        world.penalty(number, major=major)
    world.stand_at(date(2025, 6, 3))

    case = await listed(world)

    assert await given(world, case) == (date(*end), value, unit, 1, rules, clause)
    length = {"year": "3年", "month": "6个月"}[unit]
    text = f"e-{number}：首次列入，{length}（{rules[0]}，测试名单办法 测〔2020〕1号 {clause}）"
    assert [told(case, DECIDE), told(case, PUBLISH)] == [text, text]


async def test_each_further_listing_has_its_own_term(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """A minor one: 6 months, then 12, then 5 years; each ends by itself on its day."""
    number = world.facts.enterprise(credit_code="91110000600037341L", fields=0b10)
    found = []
    for opened in (date(2025, 6, 3), date(2025, 12, 3), date(2026, 12, 3)):
        world.penalty(number, major=False, final_date=opened)
        world.stand_at(opened)
        case_server.lists.once()
        found.append(await listed(world))

    terms = [await given(world, case) for case in found]

    assert [one[:4] for one in terms] == [
        (date(2025, 12, 3), 6, "month", 1),
        (date(2026, 12, 3), 12, "month", 2),
        (date(2031, 12, 3), 5, "year", 3),
    ]
    assert told(found[2], PUBLISH).startswith(f"e-{number}：第3次列入，5年（测试名单办法")


async def test_what_fell_no_longer_gives_the_term(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """Without the major penalty, revoked in August, the listing ends after six months."""
    number = world.facts.enterprise(credit_code="91110000600037341L", fields=0b10)
    major = world.penalty(number, major=True)
    world.penalty(number, major=False)
    world.stand_at(date(2025, 6, 3))
    case = await listed(world)
    world.stand_at(date(2025, 8, 1))
    world.facts.revoke(major)

    case_server.lists.once()

    assert (await given(world, case))[:5] == (date(2025, 12, 3), 6, "month", 1, ["TS-MINOR"])
    world.stand_at(date(2025, 12, 3))
    case_server.lists.once()
    after = (await world.call("GetListCase", CHIEF, case_id=case.case_id)).list_case
    assert [one.kind for one in after.steps if one.entry_id] == [CORRECT, CORRECT, EXPIRE]


async def test_list_of_one_term_tells_it_and_writes_nothing_more(world: ListWorld) -> None:
    """Whose list has one term is told that; its ledger says what it always said."""
    world.penalised()
    world.stand_at(date(2025, 6, 3))

    case = await world.published((await world.opened()).case_id)

    assert (await given(world, case))[1:5] == (1, "year", 1, [])
    assert [told(case, DECIDE), told(case, PUBLISH)] == ["", ""]
