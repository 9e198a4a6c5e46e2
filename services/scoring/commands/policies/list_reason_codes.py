"""List the reasons that explanations give: a public registry, the weightiest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.common.tokens import MalformedPageTokenError, PageScope
from services.engine.language import Wording
from services.engine.reasons import Reason, ReasonEffect, reasons_of
from services.engine.vocabulary import Vocabulary
from services.scoring.commands.peers.peer_lines import PLACE_WORDING, place_rule
from services.scoring.commands.policies.policy_library import CompiledVersion, PolicyLibrary
from services.scoring.commands.rates.worksheet import FACTOR, PREMIUM, output_wording
from services.scoring.commands.standpoint import PageRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonsWanted:
    """Which reasons are wanted; all filters must hold.

    Attributes:
        policy_id: Policy; empty for all.
        kind: Kind of the policy; empty for all.
        field: Number of the field; 0 for all.
        division: Division where the policies apply, as a number; none for all.
        as_of: Day on which they are in force.
    """

    policy_id: str = ""
    kind: str = ""
    field: int = 0
    division: int | None = None
    as_of: date


@dataclass(frozen=True, slots=True)
class ReasonCode:
    """A reason with the version whose reason it is."""

    compiled: CompiledVersion
    reason: Reason


@dataclass(frozen=True, slots=True)
class ReasonPage:
    """A page of reasons."""

    reasons: tuple[ReasonCode, ...]
    next_token: str


@dataclass(frozen=True, slots=True)
class ListReasonCodes:
    """Lists the reasons of every policy in force on a day.

    Attributes:
        library: The policies.
        vocabulary: The words that they use.
    """

    library: PolicyLibrary
    vocabulary: Vocabulary

    def __call__(self, wanted: ReasonsWanted, page: PageRequest) -> ReasonPage:
        """Give a page.

        Raises:
            PolicyUnknownError: There is no such policy.
            PolicyNotInForceError: It is not in force on the day.
            MalformedPageTokenError: The page token is damaged.
            PageTokenMismatchError: It belongs to another filter, or the policies have changed.
        """
        library = self.library.now()
        if wanted.policy_id:
            library.named(wanted.kind, wanted.policy_id, version="", as_of=wanted.as_of)
        scope = PageScope(
            page.method, page.filter_bytes, f"{library.digest}{wanted.as_of.isoformat()}"
        )
        first = _first(scope, page.token) if page.token else 0
        found = sorted(self._codes(library, wanted), key=_order)
        after = first + page.size
        token = scope.encode((after,)) if after < len(found) else ""
        return ReasonPage(tuple(found[first:after]), token)

    # Private methods -------------------------------------------------------------

    def _codes(self, library: PolicyLibrary, wanted: ReasonsWanted) -> Iterator[ReasonCode]:
        versions = library.listed(
            wanted.kind, field=wanted.field, division=wanted.division, as_of=wanted.as_of
        )
        for one in versions:
            if wanted.policy_id in {"", one.policy.policy_id}:
                reasons = reasons_of(one.plan, self.vocabulary)
                for reason in (*reasons, *_results(one), *_places(one)):
                    yield ReasonCode(one, reason)


# Private values and functions ---------------------------------------------------

_RATE: Final = "rate"
_BOUNDED: Final = Wording("按上下限调整", "change by the bounds")


def _results(one: CompiledVersion) -> Iterator[Reason]:
    """Give the lines of worksheets: what came out of a rate, and what bounds made of it."""
    if one.policy.kind != _RATE:
        return
    source = one.version.source
    for name in one.version.outputs:
        # The bounds of a policy that only bounds are called by its name too.
        for rule_id in (name, f"{one.policy.policy_id}.{name}"):
            yield Reason(
                rule_id=rule_id,
                effect=ReasonEffect.RESULT,
                total=name,
                unit=one.plan.outputs[name].unit,
                wording=output_wording(name),
                source=source,
            )
    for name in (PREMIUM, FACTOR):
        if name in one.version.outputs:
            yield Reason(
                rule_id=f"{name}.bounds",
                effect=ReasonEffect.BOUND,
                total=name,
                unit=one.plan.outputs[name].unit,
                wording=_BOUNDED,
                source=source,
            )


def _places(one: CompiledVersion) -> Iterator[Reason]:
    """Give the lines that say where a subject stands among its peers."""
    for name in one.plan.peers:
        yield Reason(
            rule_id=place_rule(name),
            effect=ReasonEffect.PLACE,
            wording=PLACE_WORDING,
            source=one.version.source,
        )


def _order(code: ReasonCode) -> tuple[object, ...]:
    reason = code.reason
    # Sizes compare within one unit only.
    unit = reason.unit if reason.effect is ReasonEffect.AMOUNT else ""
    return (
        reason.effect,
        unit,
        reason.weight,
        code.compiled.policy.policy_id,
        reason.rule_id,
    )


def _first(scope: PageScope, text: str) -> int:
    position = scope.decode(text)
    if len(position) == 1 and isinstance(position[0], int) and position[0] >= 0:
        return position[0]
    raise MalformedPageTokenError(
        "send the page token of the last answer unchanged, or start without one"
    )
