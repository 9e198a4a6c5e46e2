"""PeerTableService: tables of peers, computed now, and looked at."""

from dataclasses import dataclass

from safetycredit.scoring.v1 import peer_table_service_pb2 as pb
from services.common.call_context import CallContext
from services.common.calls import Handler, Response
from services.common.write_calls import response_of, write_call
from services.scoring.commands.peers.compute_peer_table import ComputePeerTable
from services.scoring.commands.peers.get_peer_table import GetPeerTable
from services.scoring.handlers.list_sync_requests import RequestId
from services.scoring.handlers.messages import point_message
from services.scoring.handlers.peer_table_messages import PeerTableMessages
from services.scoring.handlers.requests import AnyDay, Name, PointRules, RequiredName, Rules


class ComputePeerTableRules(Rules):
    """Rules of ComputePeerTableRequest."""

    request_id: RequestId
    policy_id: RequiredName
    as_of: AnyDay = None


class GetPeerTableRules(PointRules):
    """Rules of GetPeerTableRequest."""

    policy_id: RequiredName
    policy_version: Name = ""


@dataclass(frozen=True, slots=True)
class PeerTableHandlers:
    """Answers the calls of PeerTableService.

    Attributes:
        compute: Computes tables.
        get: Finds them.
        messages: Writes them.
    """

    compute: ComputePeerTable
    get: GetPeerTable
    messages: PeerTableMessages

    def by_name(self) -> dict[str, Handler]:
        """Give the handlers by the names of their methods."""
        return {
            "ComputePeerTable": self.compute_peer_table,
            "GetPeerTable": self.get_peer_table,
        }

    async def compute_peer_table(
        self, request: pb.ComputePeerTableRequest, context: CallContext
    ) -> Response:
        """Compute a table now."""
        rules = ComputePeerTableRules.read(request)
        call = write_call(request, context, self.messages.computed)
        answer = await context.run_command(self.compute, call, rules.policy_id, as_of=rules.as_of)
        return response_of(answer, pb.ComputePeerTableResponse)

    async def get_peer_table(
        self, request: pb.GetPeerTableRequest, context: CallContext
    ) -> Response:
        """Give the table that an answer takes."""
        rules = GetPeerTableRules.read(request)
        table, point = await context.run_command(
            self.get, rules.policy_id, rules.policy_version, rules.standpoint(context.clock)
        )
        return pb.GetPeerTableResponse(table=self.messages.table(table), point=point_message(point))
