"""Explaining places among peers: where a subject stands, and by which table."""

from collections.abc import Sequence
from typing import Final

from services.engine.evaluation import NOT_APPLICABLE
from services.engine.explaining import ExplainedLine, TakenResult, explain
from services.engine.language import Wording
from services.engine.numbers import MISSING, widen
from services.engine.peers import PERCENT_PLACES
from services.scoring.commands.evaluating import Outcome
from services.scoring.commands.peers.pinned_tables import PinnedTable
from services.scoring.commands.policies.policy_library import CompiledVersion
from services.scoring.commands.taken_results import with_results
from services.scoring.domain.amount import Amount

DIGEST_CHARACTERS: Final = 12
"""House decision: enough of a digest for readers; what the answer stands on has the whole of it."""


PLACE_WORDING: Final = Wording("在同类中的位次", "place among peers")


def place_rule(name: str) -> str:
    """Give the identifier of the line that says where a subject stands.

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
    """Give a line for each place among peers behind one subject's result; none for most policies.

    A place that another policy took in is named with its table alone.

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
    """Say where a subject stands."""
    run = outcome.evaluation
    peers, tables = run.plan.peers[name], table.open()

    def number(slot: int) -> int:
        return int(widen(run.column(slot))[position])

    value, group = number(peers.of), [number(slot) for slot in peers.among]
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
