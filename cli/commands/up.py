"""``safetycredit up``: the whole system, from one command."""

import sys
import time
from pathlib import Path
from typing import Annotated, Final

import grpc
import typer

from cli.client.connection import Client, Session
from cli.client.failures import failure_of_error
from cli.commands.options import session_of
from cli.commands.sample import describe, load_with_progress
from cli.display.console import messages, output, plain, print_failure
from cli.sample.load import SampleRefusedError
from cli.sample.population import (
    ENTERPRISES_DEFAULT,
    ENTERPRISES_MAX,
    ENTERPRISES_MIN,
    SEED_DEFAULT,
    make_sample,
)
from cli.sample.stories import BY_NAME
from cli.serving.processes import (
    ServerProcess,
    addresses_of,
    interruptible,
    running_servers,
    wait_until_serving,
    watch,
)
from cli.serving.store import SampleMark, SamplePlan, prepare_store
from safetycredit.credit.v1.credit_service_pb2 import (
    GetEnterpriseRequest,
    SearchEnterprisesRequest,
)
from safetycredit.credit.v1.credit_service_pb2_grpc import CreditServiceStub
from safetycredit.scoring.v1.basis_pb2 import ResultStatus
from safetycredit.scoring.v1.grade_service_pb2 import GetCreditGradeRequest
from safetycredit.scoring.v1.policy_service_pb2 import ListPoliciesRequest, PolicyKind
from safetycredit.type.v1.subject_pb2 import LocalIdentity, SubjectRef
from services.common.clock import SystemClock, today

_SHOWN_STORY: Final = "two-penalties"
_POLICIES_TRIED_MAX: Final = 50


def up(
    ctx: typer.Context,
    *,
    migrate: Annotated[
        bool, typer.Option("--migrate", help="Migrate also a store that somebody named.")
    ] = False,
    sample: Annotated[
        bool, typer.Option(help="Load the sample if the default store is empty.")
    ] = True,
    enterprises: Annotated[
        int,
        typer.Option(min=ENTERPRISES_MIN, max=ENTERPRISES_MAX, help="How many to invent then."),
    ] = ENTERPRISES_DEFAULT,
) -> None:
    """Start both servers, until Ctrl-C.

    The embedded default store is made, migrated, and filled with an invented
    population if it is empty. A store named by SAFETYCREDIT_DATABASE_URL is only
    served: nothing is written to it unasked.

    Example: safetycredit up
    """
    session = session_of(ctx)
    # Looked at first, so that a second start leaves the store alone.
    addresses_of(session.settings)
    prepare_store(session.settings, migrate_named=migrate)
    try:
        with interruptible(), running_servers(session.settings) as servers:
            wait_until_serving(servers)
            if sample and session.settings.default_store:
                _fill(session, enterprises)
            _announce(session, servers)
            watch(servers)
    except KeyboardInterrupt:
        messages().print("both servers have ended")


# Private functions -----------------------------------------------------------


def _fill(session: Session, enterprises: int) -> None:
    """Load the sample into an empty store, or go on where a load was interrupted."""
    mark = SampleMark.beside(session.settings)
    with session.credit(None) as client:
        begun = mark.read()
        if begun is None:
            if not _empty(client):
                return
            begun = SamplePlan(SEED_DEFAULT, today(SystemClock()), enterprises)
            mark.write(begun)
        messages().print("the store is empty: loading an invented population, once")
        started = time.monotonic()
        invented = make_sample(seed=begun.seed, until=begun.until, enterprises=begun.enterprises)
        try:
            loaded = load_with_progress(client, invented)
        except SampleRefusedError as error:
            # The store is somebody's by now; it is served as it is.
            print_failure(failure_of_error(error))
        else:
            describe(loaded, seconds=time.monotonic() - started)
        mark.remove()


def _empty(client: Client[CreditServiceStub]) -> bool:
    request = SearchEnterprisesRequest(page_size=1)
    return not client.call(client.stub.SearchEnterprises, request).enterprises


def _announce(session: Session, servers: tuple[ServerProcess, ...]) -> None:
    """Say that the system is ready, with commands that work."""
    console = output()
    places = ", ".join(f"{server.name} on {server.address}" for server in servers)
    console.print(plain(f"\nsafetycredit is ready: {places}. Ctrl-C ends both."))
    program = _program()
    shown = _shown_subject(session)
    if shown is None:
        console.print(plain(f"The store is empty. Fill it with:\n  {program} sample load"))
    else:
        argument, reference = shown
        policy = _policy_option(session, reference)
        changed = session.settings.model_fields_set
        credit = _target(session.settings.credit_listen, named="credit_listen" in changed)
        scoring = _target(session.settings.scoring_listen, named="scoring_listen" in changed)
        console.print("Try, in another terminal:")
        # Not folded, so that they can be copied from a narrow terminal, too.
        typer.echo(plain(f"  {program} grade get {argument}{policy} --explain{scoring}"))
        typer.echo(plain(f"  {program} record list {argument}{credit}"))
    # Whoever started this may read it through a pipe.
    sys.stdout.flush()


def _shown_subject(session: Session) -> tuple[str, SubjectRef] | None:
    """Choose an enterprise to look at: the story's, else the first in the store."""
    code = BY_NAME[_SHOWN_STORY].credit_code
    with session.credit(None) as client:
        try:
            client.call(
                client.stub.GetEnterprise,
                GetEnterpriseRequest(subject=SubjectRef(credit_code=code)),
            )
        except grpc.RpcError as error:
            if error.code() is not grpc.StatusCode.NOT_FOUND:
                raise
        else:
            return code, SubjectRef(credit_code=code)
        request = SearchEnterprisesRequest(page_size=1)
        found = client.call(client.stub.SearchEnterprises, request).enterprises
    if not found:
        return None
    first = found[0]
    if first.credit_code:
        return first.credit_code, SubjectRef(credit_code=first.credit_code)
    local: LocalIdentity = first.local_identity
    return f"'{local.scheme}:{local.value}'", SubjectRef(local_identity=local)


def _policy_option(session: Session, reference: SubjectRef) -> str:
    """Name a policy that gives the enterprise a grade, unless it gets one unnamed."""
    with session.policies(None) as client:
        request = ListPoliciesRequest(
            kind=PolicyKind.POLICY_KIND_GRADE, page_size=_POLICIES_TRIED_MAX
        )
        policies = client.call(client.stub.ListPolicies, request).policies
    with session.grades(None) as client:
        for name in ("", *dict.fromkeys(policy.ref.policy_id for policy in policies)):
            ask = GetCreditGradeRequest(subject=reference, policy_id=name)
            try:
                grade = client.call(client.stub.GetCreditGrade, ask).grade
            except grpc.RpcError as error:
                # Not every policy is in force everywhere and always.
                if error.code() is not grpc.StatusCode.FAILED_PRECONDITION:
                    raise
                continue
            if grade.status == ResultStatus.RESULT_STATUS_RESULT:
                return f" --policy {name}" if name else ""
    return ""


def _target(listen: str, *, named: bool) -> str:
    """Name a server's address if it is not where clients look by themselves."""
    return f" --target {listen}" if named else ""


def _program() -> str:
    """Write how this program was started, short enough to type."""
    path = Path(sys.argv[0])
    if path.name != "safetycredit":
        return "safetycredit"
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
