"""Explaining comparisons with peers: where a subject stands, or what they have; by which table."""

from collections.abc import Sequence
from typing import Final

from services.engine.evaluation import NOT_APPLICABLE
from services.engine.explained import ExplainedLine, TakenResult
from services.engine.explaining import explain
from services.engine.language import Wording
from services.engine.numbers import MISSING, widen
from services.engine.peers import PERCENT_PLACES, Figure, PeerTable
from services.scoring.commands.evaluating import Outcome
from services.scoring.commands.peers.pinned_tables import PinnedTable
from services.scoring.commands.policies.policy_library import CompiledVersion
from services.scoring.commands.taken_results import with_results
from services.scoring.domain.amount import Amount

DIGEST_CHARACTERS: Final = 12
"""House decision: enough of a digest for readers; what the answer stands on has the whole of it."""


PLACE_WORDING: Final = Wording("与同类比较", "comparison with peers")
_FIGURES: Final = {
    "mean": Wording("平均值", "mean"),
    "median": Wording("中位数", "median"),
    "sum": Wording("合计", "sum"),
    "least": Wording("最小值", "least"),
    "greatest": Wording("最大值", "greatest"),
}


def place_rule(name: str) -> str:
    """Give the identifier of the line that says where a subject stands, or what its peers have.

    Args:
        name: Name of the input.
    """
    return f"{name}.peers"


def explained(
    outcome: Outcome, position: int, results: Sequence[TakenResult] = ()
) -> tuple[ExplainedLine, ...]:
    """Give the lines of one subject's result, with its places among peers.

    Args:
        outcome: What a version gave.
        position: Position of the subject in the population.
        results: What it took in of other policies, see `taken_results`.
    """
    lines = with_results(explain(outcome.evaluation, position), outcome, results)
    return (*lines, *peer_lines(outcome, position))


def peer_lines(outcome: Outcome, position: int) -> tuple[ExplainedLine, ...]:
    """Give a line for each comparison with peers behind one subject's result.

    Most policies have none. A comparison that another policy took in is named with its table alone.

    Args:
        outcome: What a version gave.
        position: Position of the subject in the population.
    """
    places = outcome.pinned.places
    if not places or int(outcome.evaluation.states()[position]) == NOT_APPLICABLE:
        return ()
    lines: list[ExplainedLine] = []
    for compiled, table in places:
        own = compiled is outcome.pinned.compiled
        for name in compiled.plan.peers:
            said = _place(outcome, position, name, table) if own and table is not None else None
            lines.append(_line(compiled, name, table, said))
    return tuple(lines)


# Private functions -----------------------------------------------------------


def _place(outcome: Outcome, position: int, name: str, table: PinnedTable) -> Wording:
    """Say where a subject stands, or what its peers have."""
    run = outcome.evaluation
    peers, tables = run.plan.peers[name], table.open()

    def number(slot: int) -> int:
        return int(widen(run.column(slot))[position])

    value, group = number(peers.of), [number(slot) for slot in peers.among]
    if peers.figure is not None:
        return _figure(tables[name], peers.figure, group)
    measure = run.plan.version.inputs[name].attribute
    place = tables[name].places(measure, value, group)
    count = tables[name].places("count", value, group)
    if place == MISSING:
        return Wording("在同类中没有位次", "no place among its peers")
    if measure == "rank":
        return Wording(f"在{count}家同类中列第{place}位", f"place {place} among {count} peers")
    if measure == "percentile":
        share = Amount(int(place), PERCENT_PLACES)
        return Wording(f"高于{count}家同类的{share}%", f"above {share} percent of {count} peers")
    return Wording(f"同类共{count}家", f"{count} peers")


def _figure(table: PeerTable, figure: Figure, group: Sequence[int]) -> Wording:
    """Say what the peers of a subject have, whatever its own value is."""
    found = table.figure(figure, group)
    if found == MISSING:
        return Wording("没有同类的数据", "nothing is known of its peers")
    count, word = table.places("count", 0, group), _FIGURES[figure.measure]
    amount = Amount(int(found), figure.places)
    return Wording(f"同类{count}家的{word.zh}为{amount}", f"{word.en} of {count} peers {amount}")


def _line(
    compiled: CompiledVersion, name: str, table: PinnedTable | None, said: Wording | None
) -> ExplainedLine:
    if table is None:
        wording = Wording(
            "尚无同类比较表，按文件对缺失的规定处理",
            "no table of peers yet: what the policy says of a missing value holds",
        )
    else:
        stamp = table.stamp
        digest = stamp.digest[:DIGEST_CHARACTERS]
        wording = Wording(
            f"同类比较表：{stamp.as_of}，数据至第{stamp.revision}次写入，摘要{digest}",
            f"table of peers of {stamp.as_of}, facts up to revision {stamp.revision}, {digest}",
        )
    if said is not None:
        wording = Wording(f"{said.zh}；{wording.zh}", f"{said.en}; {wording.en}")
    return ExplainedLine(
        rule_id=place_rule(name),
        total="",
        amount=None,
        places=0,
        unit="",
        effect="",
        wording=wording,
        source=compiled.version.source,
    )
