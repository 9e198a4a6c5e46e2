"""Simulations for people: the matrix in one order, bands in percent, a report that is complete."""

from pathlib import Path

import pytest
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal
from google.type.money_pb2 import Money

from cli.display.simulation_report import write_report
from cli.display.simulations import (
    band_text,
    changed_text,
    left_out,
    line_text,
    matrix_of,
    print_simulation,
    redlist_text,
    short,
    undecided_text,
)
from safetycredit.scoring.v1.basis_pb2 import PolicyRef, ResultStatus
from safetycredit.scoring.v1.policy_simulation_pb2 import (
    AffectedSubject,
    AnsweredElsewhere,
    LackingInput,
    MigrationCell,
    MovedLine,
    Movement,
    PolicyImpact,
    PremiumBand,
    PremiumChange,
    RedlistImpact,
    RedlistLoss,
    ShadowReport,
    ShortResult,
    Simulation,
    SimulationState,
    UnmetCondition,
)
from safetycredit.type.v1.wording_pb2 import Source, Wording

A, B, C = (
    ShortResult(status=ResultStatus.RESULT_STATUS_RESULT, label=label) for label in ("A", "乙", "C")
)
NOTHING = ShortResult()
CELLS = [
    MigrationCell(live=A, candidate=A, subjects=3),
    MigrationCell(live=A, candidate=B, subjects=2),
    MigrationCell(live=B, candidate=C, subjects=1),
]
LINE = MovedLine(
    rule_id="T-1",
    total="score",
    live_amount=Decimal(value="-10"),
    candidate_amount=Decimal(value="-20"),
    wording=Wording(zh="扣分<b>", en="points off"),
    source=Source(instrument="办法", article="第五条"),
    in_live=True,
    in_candidate=True,
)
SIMULATION = Simulation(
    simulation_id="sim-1",
    policy_id="cn.test",
    version="two",
    state=SimulationState.SIMULATION_STATE_DONE,
    subjects_done=6,
    subjects_total=6,
    impacts=[
        PolicyImpact(
            policy_id="cn.test",
            live=PolicyRef(policy_id="cn.test", version="one"),
            candidate=PolicyRef(policy_id="cn.test", version="two"),
            subjects=6,
            changed=3,
            matrix=CELLS,
            premium=PremiumChange(
                enterprises=1,
                live=Money(currency_code="CNY", units=100),
                candidate=Money(currency_code="CNY", units=125),
                bands=[
                    PremiumBand(
                        change_min_bp=Decimal(value="2001"),
                        change_max_bp=Decimal(value="3001"),
                        enterprises=1,
                        live=Money(currency_code="CNY", units=100),
                        candidate=Money(currency_code="CNY", units=125),
                    )
                ],
            ),
            most_affected=[
                AffectedSubject(
                    subject_id="e-1",
                    name="样本公司",
                    movement=Movement.MOVEMENT_WORSE,
                    live=A,
                    candidate=B,
                    lines=[LINE],
                )
            ],
        )
    ],
)


def test_a_matrix_keeps_its_diagonal() -> None:
    """Results that both sides have stand in one order across and down; others follow."""
    rows, columns, counts = matrix_of(CELLS)

    assert rows == ["A", "乙"]
    assert columns == ["A", "乙", "C"]
    assert counts == {("A", "A"): 3, ("A", "乙"): 2, ("乙", "C"): 1}


@pytest.mark.parametrize(
    ("least", "most", "text"),
    [
        pytest.param("", "-5000", "below -50 %", id="lowest"),
        pytest.param("0", "1", "unchanged", id="none"),
        pytest.param("1", "501", "+0.01 % to below +5.01 %", id="small"),
        pytest.param("5001", "", "+50.01 % and more", id="highest"),
    ],
)
def test_bands_are_written_in_percent(least: str, most: str, text: str) -> None:
    """Basis points are a hundredth of a percent."""
    assert band_text(least, most) == text


@pytest.mark.parametrize(
    ("result", "text"),
    [
        pytest.param(A, "A", id="grade"),
        pytest.param(
            ShortResult(status=ResultStatus.RESULT_STATUS_RESULT), "—", id="result-without-a-name"
        ),
        pytest.param(
            ShortResult(status=ResultStatus.RESULT_STATUS_NO_DATA), "no_data", id="no-data"
        ),
        pytest.param(NOTHING, "no policy", id="no-policy"),
    ],
)
def test_a_result_is_a_word(result: ShortResult, text: str) -> None:
    """Every result has one."""
    assert short(result) == text


def test_a_line_names_rule_amounts_wording_and_clause() -> None:
    """In the language asked for."""
    assert line_text(LINE, "en") == "T-1 -10 → -20: points off (办法 第五条)"


def test_a_simulation_is_printed_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """Matrix, premiums and the most affected with the clause."""
    print_simulation(SIMULATION, "zh")

    printed = capsys.readouterr().out
    for text in (
        "sim-1",
        "3 of 6",
        "125.00 CNY",
        "+20.01 % to below +30.01 %",
        "样本公司",
        "第五条",
    ):
        assert text in printed


def test_a_report_is_a_page_and_a_chart_for_each_policy(tmp_path: Path) -> None:
    """The page shows the same as the terminal, with every text escaped; the chart is a picture."""
    page, chart = write_report(SIMULATION, tmp_path / "report", "zh")

    html = page.read_text(encoding="utf-8")
    assert page.name == "sim-1.html"
    assert chart.read_bytes().startswith(b"\x89PNG")
    assert f'src="{chart.name}"' in html
    for text in ("样本公司", "扣分&lt;b&gt;", "3 of 6", "125.00 CNY", "cn.test two"):
        assert text in html


@pytest.mark.parametrize(
    ("undecided", "changed", "said"),
    [
        pytest.param(0, 0, "0 of 6", id="all-decided"),
        pytest.param(5, 0, "0 of 6", id="one-decided"),
        pytest.param(6, 0, "cannot be told", id="none-decided"),
        pytest.param(6, 6, "6 of 6", id="results-lost"),
    ],
)
def test_no_change_found_is_no_proof_of_none(undecided: int, changed: int, said: str) -> None:
    """Where nobody has a result, nobody is said to stay as he is."""
    lacking = [
        LackingInput(name="applied", subjects=undecided, asked=True),
        LackingInput(name="headcount", subjects=1),
    ]
    impact = PolicyImpact(subjects=6, changed=changed, undecided=undecided, lacking=lacking)

    assert changed_text(impact) == said
    without = f"without applied (asked with the question): {undecided}, headcount: 1"
    assert undecided_text(impact) == (f"{undecided} of 6, {without}" if undecided else "")


@pytest.mark.parametrize(
    ("truncated", "said"),
    [pytest.param(False, False, id="all-are-kept"), pytest.param(True, True, id="some-are-not")],
)
def test_a_simulation_says_where_it_keeps_fewer_changes_than_it_counts(
    capsys: pytest.CaptureFixture[str],
    truncated: bool,  # noqa: FBT001 -- a case.
    said: bool,  # noqa: FBT001 -- a case.
) -> None:
    """Two of three are kept; the others are in the counts only, and that is printed."""
    found = Simulation()
    found.CopyFrom(SIMULATION)
    found.changes_kept, found.changes_truncated = 2, truncated
    found.further_policy_ids.append("cn.test.list")

    print_simulation(found, "zh")

    printed = capsys.readouterr().out
    assert "cn.test.list" in printed
    assert ("2 of 3; the others are counted only" in printed) is said


def test_who_would_lose_the_redlist_is_printed_with_the_clause(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """One of three entries is lost, and of one nobody can tell; other policies have none."""
    found = Simulation()
    found.CopyFrom(SIMULATION)
    before = _both_reports(found, capsys, tmp_path)
    loss = RedlistLoss(
        entry_id="l-7",
        name="样本公司",
        start_date=Date(year=2025, month=6, day=11),
        unmet=[
            UnmetCondition(name="penalties", source=Source(instrument="办法", article="第二条"))
        ],
    )
    redlist = RedlistImpact(entries=3, lost=1, undecided=1, losses=[loss])
    found.impacts[0].redlist.CopyFrom(redlist)

    after = _both_reports(found, capsys, tmp_path)

    assert redlist_text(redlist) == "1 of 3 entries in force, and of 1 it cannot be told"
    for text in after:
        assert all(word in text for word in ("would lose the list", "l-7", "penalties", "第二条"))
    assert not any("would lose the list" in text for text in before)


def _both_reports(
    found: Simulation, capsys: pytest.CaptureFixture[str], folder: Path
) -> tuple[str, str]:
    """Give a simulation as it is printed, and as a page."""
    print_simulation(found, "zh")
    page, *_ = write_report(found, folder / "report", "zh")
    return capsys.readouterr().out, page.read_text("utf-8")


ELSEWHERE = AnsweredElsewhere(policy_id="cn.local", version="one", subjects=55)


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        pytest.param(PolicyImpact(), [], id="nobody"),
        pytest.param(
            PolicyImpact(
                answered_elsewhere=[
                    AnsweredElsewhere(policy_id="cn.local", version="one", subjects=55, changed=16)
                ]
            ),
            [
                (
                    "answered elsewhere",
                    "55 by cn.local one, not counted; 16 would change if this were named",
                )
            ],
            id="another-ladder",
        ),
        pytest.param(
            PolicyImpact(persons_left_out=3),
            [("left out", "3 persons, by the filter")],
            id="persons",
        ),
        pytest.param(
            ShadowReport(answered_elsewhere=[ELSEWHERE], persons_left_out=3),
            [
                ("answered elsewhere", "55 by cn.local one, not counted"),
                ("left out", "3 persons, a shadow compares enterprises"),
            ],
            id="a-shadow",
        ),
    ],
)
def test_who_is_in_none_of_the_numbers_is_said(
    of: PolicyImpact | ShadowReport, expected: list[tuple[str, str]]
) -> None:
    """Subjects of a more local policy with what naming this one would change, and persons."""
    assert left_out(of) == expected
