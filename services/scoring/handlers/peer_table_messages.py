"""Tables of peers as messages: stamps and sizes, never values or identities."""

from collections.abc import Mapping
from dataclasses import dataclass
from heapq import nsmallest
from typing import Final

from safetycredit.scoring.v1 import peer_table_service_pb2 as pb
from services.engine.days import day_date
from services.engine.numbers import MISSING
from services.engine.plan import Plan
from services.engine.vocabulary import AttributeType
from services.scoring.commands.peers.compute_peer_table import ComputedTables, DescribedTable
from services.scoring.domain.amount import Amount
from services.scoring.domain.peer_table import GroupKey, PeerGroup
from services.scoring.handlers.messages import peer_table_ref, point_message
from services.scoring.handlers.wire_values import write_instant

GROUPS_MAX: Final = 1_000
"""House limit: groups of one place in an answer, the largest first."""

UNKNOWN: Final = "unknown"
"""Stands for what nobody knows of the peers of a group."""

_LETTER_BEFORE_A: Final = ord("A") - 1
_LETTER_STEP: Final = 10_000


@dataclass(frozen=True, slots=True)
class PeerTableMessages:
    """Writes tables.

    Attributes:
        codes: Numbers of code words, by code set.
    """

    codes: Mapping[str, Mapping[str, int]]

    def computed(self, computed: ComputedTables) -> pb.ComputePeerTableResponse:
        """Write tables that were recorded together."""
        return pb.ComputePeerTableResponse(
            tables=[self.table(one) for one in computed.tables],
            point=point_message(computed.point),
        )

    def table(self, table: DescribedTable) -> pb.PeerTable:
        """Write one table."""
        stamp = table.stamp
        return pb.PeerTable(
            ref=peer_table_ref(table.compiled, stamp),
            recorded_revision=stamp.recorded_revision,
            recorded_time=write_instant(stamp.recorded_time),
            places=[
                self._place(table.compiled.plan, name, groups)
                for name, groups in table.groups.items()
            ],
        )

    # Private methods -------------------------------------------------------------

    def _place(self, plan: Plan, name: str, groups: Mapping[GroupKey, PeerGroup]) -> pb.PeerPlace:
        given = plan.version.inputs[name]
        sizes = {key: group.size for key, group in groups.items()}
        largest = nsmallest(GROUPS_MAX, sizes, key=lambda key: (-sizes[key], key))
        return pb.PeerPlace(
            input=name,
            measure=given.attribute,
            among=given.among,
            peer_count=sum(sizes.values()),
            group_count=len(sizes),
            groups=[
                pb.PeerGroup(
                    values=[
                        self._text(plan, of, number)
                        for of, number in zip(given.among, key, strict=True)
                    ],
                    peer_count=sizes[key],
                )
                for key in largest
            ],
        )

    def _text(self, plan: Plan, name: str, number: int) -> str:
        """Write what the peers of a group have in common."""
        if number == MISSING:
            return UNKNOWN
        ref = plan.types[name]
        kind = ref.type.type
        if kind is AttributeType.DIVISION:
            return f"{number:06d}"
        if kind is AttributeType.DAY:
            return day_date(number).isoformat()
        if kind is AttributeType.INDUSTRY:
            letter, digits = divmod(number, _LETTER_STEP)
            return f"{chr(_LETTER_BEFORE_A + letter)}{digits:04d}"
        if kind is AttributeType.CODE:
            words = plan.words.get(name) or self.codes.get(ref.type.codes, {})
            return next((word for word, other in words.items() if other == number), str(number))
        return str(Amount(number, ref.scale))
