"""Simulations and shadow runs on a terminal: matrices, lists, premiums, and whom a clause moves."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from cli.display.console import print_pairs, print_table
from cli.display.explanations import policy_name, source_text, wording
from cli.display.wording import code, day, instant, money
from safetycredit.scoring.v1.basis_pb2 import ResultStatus
from safetycredit.scoring.v1.policy_simulation_pb2 import (
    AffectedSubject,
    AnsweredElsewhere,
    MigrationCell,
    MovedLine,
    Movement,
    PolicyImpact,
    PremiumChange,
    RedlistImpact,
    RedlistLoss,
    ShadowReport,
    ShortResult,
    Simulation,
    SimulationState,
)

_PERCENT = Decimal(100)
_COLUMNS_MAX = 14
"""House decision: a matrix with more columns is printed as a list of its changes."""


def print_simulation(simulation: Simulation, language: str) -> None:
    """Print a simulation with its results."""
    print_pairs(
        [
            ("simulation", simulation.simulation_id),
            ("policy", f"{simulation.policy_id} {simulation.version}"),
            ("digest", simulation.digest),
            ("state", code(SimulationState.DESCRIPTOR, simulation.state)),
            ("failure", f"{simulation.failure_reason} {simulation.failure_message}".strip()),
            ("as of", day(simulation.as_of)),
            ("known at", instant(simulation.known_at)),
            ("division", simulation.division),
            ("industry", simulation.industry),
            ("subjects", f"{simulation.subjects_done} of {simulation.subjects_total}"),
            ("together with", " ".join(simulation.further_policy_ids)),
            ("changes kept", _kept(simulation)),
        ]
    )
    for impact in simulation.impacts:
        print_impact(impact, language)


def _kept(simulation: Simulation) -> str:
    """Say so where more subjects changed than are kept; nothing where every one is."""
    if not simulation.changes_truncated:
        return ""
    changed = sum(impact.changed for impact in simulation.impacts)
    return f"{simulation.changes_kept} of {changed}; the others are counted only"


def print_impact(impact: PolicyImpact, language: str) -> None:
    """Print what a candidate does to the results of one policy."""
    live = policy_name(impact.live) if impact.HasField("live") else "none in force"
    print_pairs(
        [
            ("live", live),
            ("candidate", policy_name(impact.candidate)),
            ("changed", changed_text(impact)),
            ("undecided", undecided_text(impact)),
            ("entered", str(impact.entered) if impact.entered else ""),
            ("left", str(impact.left) if impact.left else ""),
            ("would lose the list", redlist_text(impact.redlist)),
            *left_out(impact),
        ],
        title=f"\n{impact.policy_id}",
    )
    print_matrix(impact.matrix)
    if impact.HasField("premium"):
        _print_premium(impact.premium)
    if impact.most_affected:
        print_affected(impact.most_affected, language, title="most affected")
    if impact.redlist.losses:
        _print_losses(impact.redlist.losses)


def left_out(of: PolicyImpact | ShadowReport) -> list[tuple[str, str]]:
    """Say who is in none of the numbers: subjects of a more local policy, and persons."""
    pairs = [("answered elsewhere", elsewhere_text(one)) for one in of.answered_elsewhere]
    if of.persons_left_out:
        why = "a shadow compares enterprises" if isinstance(of, ShadowReport) else "by the filter"
        pairs.append(("left out", f"{of.persons_left_out} persons, {why}"))
    return pairs


def elsewhere_text(one: AnsweredElsewhere) -> str:
    """Say for how many a more local policy answers, and what naming the policy would change."""
    changed = f"; {one.changed} would change if this were named" if one.changed else ""
    return f"{one.subjects} by {one.policy_id} {one.version}, not counted{changed}"


def redlist_text(redlist: RedlistImpact) -> str:
    """Say how many entries in force would be lost, and of how many nobody can tell."""
    if not redlist.entries:
        return ""
    untold = f", and of {redlist.undecided} it cannot be told" if redlist.undecided else ""
    return f"{redlist.lost} of {redlist.entries} entries in force{untold}"


def unmet_text(loss: RedlistLoss) -> str:
    """Write what an entry would be lost for, each condition with its clause."""
    return "\n".join(f"{one.name} ({source_text(one.source)})" for one in loss.unmet)


def changed_text(impact: PolicyImpact) -> str:
    """Say how many change, or that nobody can tell: no change found is no proof of none."""
    if impact.undecided and impact.undecided == impact.subjects and not impact.changed:
        return "cannot be told"
    return f"{impact.changed} of {impact.subjects}"


def undecided_text(impact: PolicyImpact) -> str:
    """Say of how many no result can be told, and without what; empty for none."""
    if not impact.undecided:
        return ""
    without = ", ".join(
        f"{one.name}{' (asked with the question)' if one.asked else ''}: {one.subjects}"
        for one in impact.lacking
    )
    return f"{impact.undecided} of {impact.subjects}, without {without or 'data'}"


def print_matrix(cells: Sequence[MigrationCell]) -> None:
    """Print a migration matrix: live results down, the candidate's across."""
    rows, columns, counts = matrix_of(cells)
    if len(columns) > _COLUMNS_MAX:
        _print_pairs_of(cells)
        return
    print_table(
        ("live ↓   candidate →", *columns, "all"),
        [
            (
                row,
                *(str(counts.get((row, column), "") or "") for column in columns),
                str(sum(counts.get((row, column), 0) for column in columns)),
            )
            for row in rows
        ],
        numbers=range(1, len(columns) + 2),
    )


def matrix_of(
    cells: Iterable[MigrationCell],
) -> tuple[list[str], list[str], dict[tuple[str, str], int]]:
    """Give the rows, the columns and the counts of a matrix, results in words."""
    counts: dict[tuple[str, str], int] = {}
    rows: dict[str, None] = {}
    for cell in cells:
        key = (short(cell.live), short(cell.candidate))
        rows[key[0]] = None
        counts[key] = counts.get(key, 0) + cell.subjects
    across = dict.fromkeys(column for _, column in counts)
    # Results that both sides have stand in one order, so that the diagonal is one.
    shared = [row for row in rows if row in across]
    columns = [*shared, *(column for column in across if column not in rows)]
    return list(rows), columns, counts


def short(result: ShortResult) -> str:
    """Write a result in a word."""
    if result.status == ResultStatus.RESULT_STATUS_RESULT:
        return result.label or "—"
    if result.status == ResultStatus.RESULT_STATUS_UNSPECIFIED:
        return "no policy"
    return code(ResultStatus.DESCRIPTOR, result.status)


def print_affected(subjects: Sequence[AffectedSubject], language: str, *, title: str) -> None:
    """Print subjects that move, with the clauses that move them."""
    print_table(
        ("subject", "name", "moves", "from", "to", "score or premium", "because"),
        [
            (
                one.credit_code or one.subject_id,
                one.name,
                code(Movement.DESCRIPTOR, one.movement),
                short(one.live),
                short(one.candidate),
                _amounts(one),
                "\n".join(line_text(line, language) for line in one.lines[:3]),
            )
            for one in subjects
        ],
        title=title,
    )


def line_text(line: MovedLine, language: str) -> str:
    """Write a line that moved, with its rule, its clause and both amounts."""
    before = line.live_amount.value or line.live_effect or "—"
    after = line.candidate_amount.value or line.candidate_effect or "—"
    says = wording(line.wording, language)
    return f"{line.rule_id} {before} → {after}: {says} ({source_text(line.source)})"


def print_shadow(report: ShadowReport, language: str) -> None:
    """Print what a shadow run showed."""
    print_pairs(
        [
            ("proposal", report.proposal_id),
            ("live", policy_name(report.live) if report.HasField("live") else "none in force"),
            ("candidate", policy_name(report.candidate)),
            ("running", "yes" if report.running else "no"),
            ("since", instant(report.start_time)),
            ("until", instant(report.stop_time)),
            ("compared for", day(report.as_of)),
            ("revision", str(report.revision)),
            ("subjects", str(report.subjects)),
            ("agreeing", str(report.agreeing)),
            ("differing", str(report.differing)),
            ("comparisons", str(report.comparisons)),
            *left_out(report),
        ]
    )
    if report.matrix:
        print_matrix(report.matrix)
    if report.examples:
        print_affected(report.examples, language, title="examples")
    for other in report.further:
        print_shadow(other, language)


def band_text(least: str, most: str) -> str:
    """Write a band of changes in percent; the ends are basis points, empty for none."""
    if not least:
        return f"below {_percent(most)}"
    if not most:
        return f"{_percent(least)} and more"
    if (least, most) == ("0", "1"):
        return "unchanged"
    return f"{_percent(least)} to below {_percent(most)}"


# Private functions -----------------------------------------------------------


def _print_losses(losses: Sequence[RedlistLoss]) -> None:
    print_table(
        ("entry", "subject", "name", "listed", "until", "unmet"),
        [
            (
                one.entry_id,
                one.credit_code or one.subject_id,
                one.name,
                day(one.start_date),
                day(one.end_date),
                unmet_text(one),
            )
            for one in losses
        ],
        title="would lose the list",
    )


def _print_pairs_of(cells: Sequence[MigrationCell]) -> None:
    moved = [cell for cell in cells if short(cell.live) != short(cell.candidate)]
    print_table(
        ("live", "candidate", "subjects"),
        [(short(cell.live), short(cell.candidate), str(cell.subjects)) for cell in moved],
        numbers=(2,),
    )


def _percent(points: str) -> str:
    return f"{Decimal(points) / _PERCENT:+f} %"


def _amounts(one: AffectedSubject) -> str:
    if one.HasField("candidate_premium") or one.HasField("live_premium"):
        return f"{money(one.live_premium) or '—'} → {money(one.candidate_premium) or '—'}"
    if one.HasField("candidate_score") or one.HasField("live_score"):
        return f"{one.live_score.value or '—'} → {one.candidate_score.value or '—'}"
    return ""


def _print_premium(premium: PremiumChange) -> None:
    print_pairs(
        [
            ("with a premium", str(premium.enterprises)),
            ("live", money(premium.live)),
            ("candidate", money(premium.candidate)),
        ],
        title="premiums",
    )
    print_table(
        ("change", "enterprises", "live", "candidate"),
        [
            (
                band_text(band.change_min_bp.value, band.change_max_bp.value),
                str(band.enterprises),
                money(band.live),
                money(band.candidate),
            )
            for band in premium.bands
            if band.enterprises
        ],
        numbers=(1, 2, 3),
    )
