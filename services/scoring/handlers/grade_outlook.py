"""GetGradeOutlook: what would lift a grade, and from which day."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from safetycredit.scoring.v1 import grade_outlook_pb2 as pb
from safetycredit.scoring.v1.grade_service_pb2 import (
    GetGradeOutlookRequest,
    GetGradeOutlookResponse,
)
from services.common.call_context import CallContext
from services.common.calls import Handler
from services.engine.days import day_date
from services.engine.explained import ExplainedLine
from services.engine.language import Source, Wording
from services.engine.outlook import Act, Item
from services.engine.vocabulary import split_source
from services.scoring.commands.answers import PolicyChoice
from services.scoring.commands.grades.get_grade_outlook import GetGradeOutlook, GradeLift
from services.scoring.domain.identifiers import record_name_of
from services.scoring.handlers.issuing_rules import GetGradeOutlookRules
from services.scoring.handlers.messages import (
    basis_message,
    grade_message,
    policy_ref_message,
    source_message,
    wording_message,
)
from services.scoring.handlers.wire_values import write_amount, write_day

_DEFAULT_FIELD: Final = 1
"""Number of the field that is meant when none is given: work safety."""


@dataclass(frozen=True, slots=True)
class OutlookHandlers:
    """Answers GetGradeOutlook.

    Attributes:
        get_outlook: Finds what would lift a grade.
    """

    get_outlook: GetGradeOutlook

    def by_name(self) -> dict[str, Handler]:
        """Give the handlers by the names of their methods."""
        return {"GetGradeOutlook": self.get_grade_outlook}

    async def get_grade_outlook(
        self, request: GetGradeOutlookRequest, context: CallContext
    ) -> GetGradeOutlookResponse:
        """Say what would lift the grade of one enterprise."""
        rules = GetGradeOutlookRules.read(request)
        standpoint = rules.standpoint(context.clock)
        answer = await context.run_command(
            self.get_outlook,
            rules.subject,
            standpoint,
            choice=PolicyChoice(
                policy_id=rules.policy_id,
                version=rules.policy_version,
                field=rules.field or _DEFAULT_FIELD,
            ),
            horizon=rules.horizon(standpoint.as_of),
        )
        return GetGradeOutlookResponse(
            grade=grade_message(answer.grade),
            lifts=[_lift(one) for one in answer.lifts],
            basis=basis_message(answer.basis),
        )


# Private values and functions ---------------------------------------------------

_ACTS: Final = {
    Act.WAIT: pb.LIFT_ACT_WAIT,
    Act.RECTIFY: pb.LIFT_ACT_RECTIFY,
    Act.REMOVE: pb.LIFT_ACT_REVOKE,
    Act.REPAIR: pb.LIFT_ACT_REPAIR,
    Act.GAIN: pb.LIFT_ACT_GAIN,
}
_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "violation": ("违法行为", "violation"),
    "penalty": ("行政处罚", "penalty"),
    "hazard": ("事故隐患", "hazard"),
    "accident": ("生产安全事故", "accident"),
}
_WHOSE: Final[Mapping[str, tuple[str, str]]] = {
    "persons": ("有关人员的", "a person's "),
    "predecessors": ("合并、分立前单位的", "a predecessor's "),
    "members": ("集团成员单位的", "a group member's "),
}


def _lift(found: GradeLift) -> pb.GradeLift:
    lift = found.lift
    pairs = zip(lift.items, lift.lines, strict=True)
    message = pb.GradeLift(
        items=[_item(item, lines) for item, lines in pairs],
        earliest_date=write_day(day_date(lift.day)),
        grade=found.grade,
        grade_rank=lift.standing.rank,
        policy=policy_ref_message(found.version),
        grade_better=lift.grade_better,
    )
    if found.score is not None:
        message.score.CopyFrom(write_amount(found.score))
    return message


def _item(item: Item, lines: tuple[ExplainedLine, ...]) -> pb.LiftItem:
    bounding = [item.source] if item.source is not None else []
    sources: dict[Source, None] = dict.fromkeys([*bounding, *(line.source for line in lines)])
    level = item.gain.level if item.gain and item.gain.name == "standardisation" else 0
    return pb.LiftItem(
        act=_ACTS[item.act],
        record_id=_name(item),
        record_kind=split_source(item.kind)[0],
        standardisation_level=level,
        earliest_date=write_day(day_date(item.day)),
        wording=wording_message(_wording(item)),
        sources=[source_message(source) for source in sources],
        rule_ids=list(dict.fromkeys(line.rule_id for line in lines)),
    )


def _name(item: Item) -> str:
    return record_name_of(split_source(item.kind)[0], item.record_id) if item.record_id else ""


def _wording(item: Item) -> Wording:
    if item.act is Act.WAIT:
        return Wording("到期：统计期间或者期限届满", "wait: a window closes, or a term ends")
    if item.act is Act.GAIN:
        return _gain_wording(item)
    kind, relation = split_source(item.kind)
    whose = _WHOSE.get(relation, ("", ""))
    zh, en = (
        owner + word for owner, word in zip(whose, _KINDS.get(kind, (kind, kind)), strict=True)
    )
    name = _name(item)
    if item.act is Act.RECTIFY:
        return Wording(
            f"整改{zh}{name}并经复查合格", f"rectify {en} {name}, and have that accepted"
        )
    if item.act is Act.REPAIR:
        return Wording(f"{zh}{name}获准信用修复", f"have {en} {name} repaired (credit repair)")
    return Wording(f"{zh}{name}被更正或者撤销", f"have {en} {name} corrected or revoked")


def _gain_wording(item: Item) -> Wording:
    assert item.gain is not None, "asked only for what is gained"
    if item.gain.name == "standardisation":
        level = item.gain.level
        return Wording(
            f"取得或者续评安全生产标准化{level}级",
            f"gain or renew standardisation level {level}",
        )
    if item.gain.name == "commitment":
        if item.gain.level:
            return Wording("履行安全生产承诺", "keep a public commitment")
        return Wording("作出安全生产承诺", "make a public commitment")
    return Wording("获得表彰奖励", "gain an award")
