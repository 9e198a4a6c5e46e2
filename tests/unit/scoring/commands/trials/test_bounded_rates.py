"""Dry runs of rates: what enterprises would be asked to pay, after the bounds of their place."""

from datetime import date

import pytest

from services.scoring.commands.policies.joining import standing_in
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.commands.rates.recommend_rate import RateQuestion, RecommendRate
from services.scoring.commands.standpoint import Standpoint
from services.scoring.commands.trials.bounded_rates import CONFLICT
from services.scoring.commands.trials.simulation_ports import PolicyImpact
from services.scoring.domain.errors import RateBoundsConflictError
from services.scoring.domain.subject import EnterpriseId
from services.scoring.store.policies import load_policies
from tests.fakes.dry_runs import READER, OneSimulation, dry_run
from tests.fakes.rate_policies import CHAOYANG, bounds, filed_plan
from tests.fakes.scoring_policies import write_policies
from tests.fakes.scoring_store import FakeStore

DAY = date(2025, 6, 1)
STANDPOINT = Standpoint(as_of=DAY)
JIA = "cn.test.plan.jia-110105"
BEIJING = "cn.test.bounds.b110000"


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> PolicyLibrary:
    """Give Chaoyang's plans, bounded by the country, the city and the district."""
    return load_policies(write_policies(tmp_path_factory.mktemp("plans"), CHAOYANG))


@pytest.fixture
def insured(store: FakeStore) -> list[int]:
    """Record three of Chaoyang with 100 employees: no accident, one, and two."""
    numbers = [store.enterprise(headcount=100, division=110105) for _ in range(3)]
    for accidents, number in enumerate(numbers):
        for _ in range(accidents):
            store.record("accident", number, date(2025, 3, 1))
    return numbers


def premiums(impact: PolicyImpact) -> dict[str, tuple[int | None, int | None]]:
    """Give what those who move most pay, live and then, in fen."""
    return {one.subject_id: one.premiums_fen for one in impact.affected}


def recommended(
    store: FakeStore, plans: PolicyLibrary, content: bytes, number: int
) -> tuple[int | None, ...]:
    """Give what an enterprise is asked by jia's plan, and would be once a file is law."""
    law = standing_in(plans, READER.compile([content], plans).added)
    question = RateQuestion(policy_id=JIA, outlook=False)
    return tuple(
        RecommendRate(store, library)(
            EnterpriseId(number), STANDPOINT, question=question
        ).rate.premium_fen
        for library in (plans, law)
    )


def tried(store: FakeStore, plans: PolicyLibrary, text: str) -> OneSimulation:
    """Try a file of rates."""
    return dry_run(store, plans, STANDPOINT, text.lstrip().encode())


TIGHTER = bounds("110000", least="1.10", most="1.40").replace('version: "one"', 'version: "two"')
LOWER = filed_plan("jia", per_head="28").replace("start: 1\n", "start: 0.5\n")


def test_a_candidate_that_only_bounds_moves_the_premiums_of_the_plans_in_its_place(
    store: FakeStore, plans: PolicyLibrary, insured: list[int]
) -> None:
    """Base 2,800: factors 1, 1.5 and 2 within 0.95–1.80 become 1.10, 1.40 and 1.40 of it."""
    impacts = tried(store, plans, TIGHTER).impacts

    clean, one, two = insured
    assert premiums(impacts[JIA]) == {
        f"e-{clean}": (280_000, 308_000),
        f"e-{one}": (420_000, 392_000),
        f"e-{two}": (504_000, 392_000),
    }
    bands = impacts[JIA].premiums or ()
    assert sum(one.live_fen for one in bands) == 280_000 + 420_000 + 504_000
    assert sum(one.candidate_fen for one in bands) == 308_000 + 2 * 392_000
    # Gulou of Nanjing lies outside, and Dongcheng has bounds and no plan.
    assert [one for one in impacts if one.startswith(("cn.test.plan", "cn.test.rate"))] == [
        "cn.test.plan.jia-110105",
        "cn.test.plan.place-110105",
        "cn.test.plan.yi-110105",
        "cn.test.rate",
    ]


def test_a_premium_that_a_bound_moves_names_the_bound(
    store: FakeStore, plans: PolicyLibrary, insured: list[int]
) -> None:
    """Nothing bound whoever had no accident; now the city's lowest premium does, by 280 yuan.

    Two accidents stand at the city's highest on both sides; the ends of others are not named.
    """
    impact = tried(store, plans, TIGHTER).impacts[JIA]

    by_subject = {
        one.subject_id: {line.rule_id: line for line in one.lines} for one in impact.affected
    }
    lines = by_subject[f"e-{insured[0]}"]
    least = lines[f"{BEIJING}.premium_min"]
    assert (least.in_live, least.in_candidate, str(least.candidate)) == (False, True, "3080")
    assert (least.source.instrument, least.source.article) == ("上下限110000", "第min条")
    assert str(lines["premium.bounds"].candidate) == "280"
    assert lines.keys() == {f"{BEIJING}.premium_min", f"{BEIJING}.factor_min", "premium.bounds"}
    moved = [
        (name, str(line.live), str(line.candidate))
        for name, line in by_subject[f"e-{insured[2]}"].items()
    ]
    assert moved == [
        (f"{BEIJING}.factor_max", "1.8", "1.4"),
        (f"{BEIJING}.premium_max", "5040", "3920"),
        ("premium.bounds", "-560", "-1680"),
    ]


def test_a_cheaper_plan_stays_within_the_bounds_that_hold(
    store: FakeStore, plans: PolicyLibrary, insured: list[int]
) -> None:
    """Half of 2,800 is held at 0.95 of it; one accident makes 1, two make 1.5."""
    impacts = tried(store, plans, LOWER).impacts

    clean, one, two = insured
    assert premiums(impacts[JIA]) == {
        f"e-{clean}": (280_000, 266_000),
        f"e-{one}": (420_000, 280_000),
        f"e-{two}": (504_000, 420_000),
    }
    assert list(impacts) == [JIA]


@pytest.mark.parametrize("text", [TIGHTER, LOWER], ids=["bounds", "a-plan"])
def test_what_is_simulated_is_what_is_recommended_once_it_is_law(
    store: FakeStore, plans: PolicyLibrary, insured: list[int], text: str
) -> None:
    """To the fen, on both sides, of everybody."""
    found = premiums(tried(store, plans, text).impacts[JIA])

    content = text.lstrip().encode()
    assert found == {
        f"e-{number}": recommended(store, plans, content, number) for number in insured
    }


@pytest.mark.parametrize(
    ("least", "undecided"),
    [pytest.param("1.80", 0, id="just-room"), pytest.param("1.81", 1, id="no-room")],
)
def test_where_bounds_leave_no_room_there_is_no_premium(
    store: FakeStore, plans: PolicyLibrary, least: str, undecided: int
) -> None:
    """The city's most is 1.80 of the base: a district's least of more leaves nothing."""
    number = store.enterprise(headcount=100, division=110105)
    text = bounds("110105", least=least)

    impact = tried(store, plans, text).impacts[JIA]

    lacking = [(one.name, one.subjects) for one in impact.lacking]
    assert (impact.undecided, lacking) == (undecided, [(CONFLICT, 1)] * undecided)
    if undecided:
        with pytest.raises(RateBoundsConflictError):
            recommended(store, plans, text.lstrip().encode(), number)


@pytest.mark.parametrize(
    ("headcount", "live", "candidate"),
    [
        pytest.param(None, 2, 2, id="nobody-knows-how-many"),
        pytest.param(0, 2, 2, id="none-to-insure"),
        pytest.param(1, 1, 1, id="one"),
    ],
)
def test_who_has_no_rate_has_none_in_a_dry_run(
    store: FakeStore, plans: PolicyLibrary, headcount: int | None, live: int, candidate: int
) -> None:
    """Without employees nothing is paid, and no bound makes it something."""
    store.enterprise(headcount=headcount, division=110105)

    impact = tried(store, plans, TIGHTER).impacts[JIA]

    assert [(a.status, b.status) for a, b in impact.matrix] == [(live, candidate)]
    assert sum(one.enterprises for one in impact.premiums or ()) == (live == 1)
