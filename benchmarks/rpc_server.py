"""The scoring server as it is, and beside it a service whose every method answers nothing."""

from collections.abc import AsyncIterator
from dataclasses import replace

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from safetycredit.credit.v1 import credit_service_pb2
from services.common.call_context import CallContext
from services.common.calls import Handler, ServedService
from services.common.logs import configure_logging
from services.common.server import serve
from services.common.settings import load_settings
from services.scoring.main import build_scoring_server


def empty_service() -> ServedService:
    """Give a service of the other server, whose rows of access exist, with empty answers."""
    descriptor = credit_service_pb2.DESCRIPTOR.services_by_name["CreditService"]
    return ServedService(
        descriptor, {method.name: _empty_handler(method) for method in descriptor.methods}
    )


def main() -> None:
    """Serve until the process is told to end."""
    settings = load_settings()
    configure_logging(settings)
    server = build_scoring_server(settings)
    plan = replace(server.plan, services=(*server.plan.services, empty_service()))
    try:
        with server.keeping_grades_fresh():
            serve(settings, plan)
    finally:
        server.close()


# Private functions -----------------------------------------------------------


def _empty_handler(method: MethodDescriptor) -> Handler:
    answer = GetMessageClass(method.output_type)()

    async def one(_request: object, _context: CallContext) -> Message:
        return answer

    async def several(_request: object, _context: CallContext) -> AsyncIterator[Message]:
        yield answer

    return several if method.server_streaming else one


if __name__ == "__main__":
    main()
