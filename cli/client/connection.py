"""Channels to the two services, with the caller in every call's metadata."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

import grpc

from safetycredit.credit.v1.credit_service_pb2_grpc import CreditServiceStub
from safetycredit.credit.v1.remedy_service_pb2_grpc import RemedyServiceStub
from safetycredit.scoring.v1.credit_statement_service_pb2_grpc import CreditStatementServiceStub
from safetycredit.scoring.v1.grade_service_pb2_grpc import GradeServiceStub
from safetycredit.scoring.v1.insurance_service_pb2_grpc import InsuranceServiceStub
from safetycredit.scoring.v1.list_service_pb2_grpc import ListServiceStub
from safetycredit.scoring.v1.list_sync_service_pb2_grpc import ListSyncServiceStub
from safetycredit.scoring.v1.measure_service_pb2_grpc import MeasureServiceStub
from safetycredit.scoring.v1.peer_table_service_pb2_grpc import PeerTableServiceStub
from safetycredit.scoring.v1.policy_service_pb2_grpc import PolicyServiceStub
from safetycredit.scoring.v1.prevention_service_pb2_grpc import PreventionServiceStub
from safetycredit.scoring.v1.rate_service_pb2_grpc import RateServiceStub
from safetycredit.scoring.v1.risk_service_pb2_grpc import RiskServiceStub
from safetycredit.scoring.v1.supervision_service_pb2_grpc import SupervisionServiceStub
from services.common.identity import Caller, caller_metadata
from services.common.settings import Settings, load_settings

CALL_SECONDS: Final = 60.0
"""House decision: nobody waits longer for one answer."""

_KEEPALIVE_MS: Final = 30_000
_MESSAGE_BYTES_MAX: Final = 64 * 2**20

Stub = TypeVar("Stub")
Request = TypeVar("Request")
Response = TypeVar("Response")


@dataclass(frozen=True, slots=True)
class Client(Generic[Stub]):
    """One service, ready to be called.

    Attributes:
        stub: The generated stub.
        metadata: Says who calls; goes with every call.
        target: Where the service is.
    """

    stub: Stub
    metadata: tuple[tuple[str, str], ...]
    target: str

    def call(
        self,
        method: "grpc.UnaryUnaryMultiCallable[Request, Response]",
        request: Request,
        *,
        seconds: float = CALL_SECONDS,
    ) -> Response:
        """Make one call.

        Args:
            method: The method.
            request: Its request.
            seconds: Time that it may take.

        Raises:
            grpc.RpcError: The service refused, or cannot be reached.
        """
        return method(request, metadata=self.metadata, timeout=seconds)


@dataclass(slots=True)
class Session:
    """What the global options say; the settings are read only if they are needed.

    Attributes:
        caller: Who calls.
    """

    caller: Caller
    _settings: Settings | None = field(default=None)

    @property
    def settings(self) -> Settings:
        """Give the settings of this machine.

        Raises:
            SettingError: One of them has a value that cannot be used.
        """
        if self._settings is None:
            self._settings = load_settings()
        return self._settings

    @contextmanager
    def credit(self, target: str | None) -> Iterator[Client[CreditServiceStub]]:
        """Open the credit service, where the settings say unless a target is given."""
        with self._open(target or self.settings.credit_listen, CreditServiceStub) as client:
            yield client

    @contextmanager
    def remedies(self, target: str | None) -> Iterator[Client[RemedyServiceStub]]:
        """Open the remedy service, where the settings say unless a target is given."""
        with self._open(target or self.settings.credit_listen, RemedyServiceStub) as client:
            yield client

    @contextmanager
    def measures(self, target: str | None) -> Iterator[Client[MeasureServiceStub]]:
        """Open the measure service, where the settings say unless a target is given."""
        with self._open(target or self.settings.scoring_listen, MeasureServiceStub) as client:
            yield client

    @contextmanager
    def grades(self, target: str | None) -> Iterator[Client[GradeServiceStub]]:
        """Open the grade service, where the settings say unless a target is given."""
        with self._open(target or self.settings.scoring_listen, GradeServiceStub) as client:
            yield client

    @contextmanager
    def lists(self, target: str | None) -> Iterator[Client[ListServiceStub]]:
        """Open the list service, where the settings say unless a target is given."""
        with self._open(target or self.settings.scoring_listen, ListServiceStub) as client:
            yield client

    @contextmanager
    def list_sync(self, target: str | None) -> Iterator[Client[ListSyncServiceStub]]:
        """Open the lists' feed, where the settings say unless a target is given."""
        with self._open(target or self.settings.scoring_listen, ListSyncServiceStub) as client:
            yield client

    @contextmanager
    def rates(self, target: str | None) -> Iterator[Client[RateServiceStub]]:
        """Open the rate service, where the settings say unless a target is given."""
        with self._open(target or self.settings.scoring_listen, RateServiceStub) as client:
            yield client

    @contextmanager
    def insurance(self, target: str | None) -> Iterator[Client[InsuranceServiceStub]]:
        """Open the insurance service, where the settings say unless a target is given."""
        with self._open(target or self.settings.scoring_listen, InsuranceServiceStub) as client:
            yield client

    @contextmanager
    def prevention(self, target: str | None) -> Iterator[Client[PreventionServiceStub]]:
        """Open the prevention service, where the settings say unless a target is given."""
        with self._open(target or self.settings.scoring_listen, PreventionServiceStub) as client:
            yield client

    @contextmanager
    def risk(self, target: str | None) -> Iterator[Client[RiskServiceStub]]:
        """Open the risk service, where the settings say unless a target is given."""
        with self._open(target or self.settings.scoring_listen, RiskServiceStub) as client:
            yield client

    @contextmanager
    def statements(self, target: str | None) -> Iterator[Client[CreditStatementServiceStub]]:
        """Open the service of statements, where the settings say unless a target is given."""
        with self._open(
            target or self.settings.scoring_listen, CreditStatementServiceStub
        ) as client:
            yield client

    @contextmanager
    def policies(self, target: str | None) -> Iterator[Client[PolicyServiceStub]]:
        """Open the policy service, where the settings say unless a target is given."""
        with self._open(target or self.settings.scoring_listen, PolicyServiceStub) as client:
            yield client

    @contextmanager
    def peers(self, target: str | None) -> Iterator[Client[PeerTableServiceStub]]:
        """Open the service of tables of peers, where the settings say unless a target is given."""
        with self._open(target or self.settings.scoring_listen, PeerTableServiceStub) as client:
            yield client

    @contextmanager
    def supervision(self, target: str | None) -> Iterator[Client[SupervisionServiceStub]]:
        """Open the supervision service, where the settings say unless a target is given."""
        with self._open(target or self.settings.scoring_listen, SupervisionServiceStub) as client:
            yield client

    @contextmanager
    def _open(self, target: str, stub: Callable[[Any], Stub]) -> Iterator[Client[Stub]]:
        with open_channel(target) as channel:
            yield Client(stub(channel), caller_metadata(self.caller), target)


@contextmanager
def open_channel(target: str) -> Iterator[grpc.Channel]:
    """Open a channel to a server on loopback."""
    options = [
        ("grpc.max_receive_message_length", _MESSAGE_BYTES_MAX),
        # A server that has gone is noticed also while an import waits for its answer.
        ("grpc.keepalive_time_ms", _KEEPALIVE_MS),
        # A proxy of the environment has no business on loopback.
        ("grpc.enable_http_proxy", 0),
    ]
    channel = grpc.insecure_channel(target, options)
    try:
        yield channel
    finally:
        channel.close()
