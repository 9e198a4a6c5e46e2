"""Loading of the sample through the credit service, as any other client would."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cli.client.connection import Client
from cli.errors import CliError
from cli.importing.stream import ImportStream, RowOutcome
from cli.sample.codes import identity_number
from cli.sample.insurance import INSURERS_SINCE
from cli.sample.ledger import KIND_ORDER, SampleRecord, proto_date
from cli.sample.names import person_name
from cli.sample.population import Sample, SampleChange
from cli.sample.stories import BY_NAME, REVOKED_STORY
from safetycredit.credit.v1.credit_service_pb2 import (
    AssignRoleRequest,
    GetRecordRequest,
    ImportRow,
    ImportRowResult,
    RegisterEnterpriseRequest,
    RegisterPersonRequest,
    RevokeRecordRequest,
    UpdateEnterpriseRequest,
)
from safetycredit.credit.v1.credit_service_pb2_grpc import CreditServiceStub
from safetycredit.credit.v1.record_pb2 import RecordBody, RecordHeader
from safetycredit.type.v1.subject_pb2 import SubjectRef

Progress = Callable[[int, int], None]
"""Told how many records have been answered, and how many there are."""

_REVOKED: Final = "RECORD_REVOKED"
_REVOKED_CODE: Final = BY_NAME[REVOKED_STORY].credit_code
_REVOKING_DOCUMENT: Final = "样行复〔1〕1号"


class SampleRefusedError(CliError):
    """The service refused a part of the sample: the store holds other data, or is newer."""

    reason = "SAMPLE_REFUSED"


@dataclass(slots=True)
class Loaded:
    """What a load did.

    Attributes:
        stored: Records that are new in the store.
        unchanged: Records that were there before.
        enterprises: Enterprises that are new in the store.
    """

    stored: int = 0
    unchanged: int = 0
    enterprises: int = 0


def load_sample(client: Client[CreditServiceStub], sample: Sample, progress: Progress) -> Loaded:
    """Load a sample; loading it again changes nothing.

    Raises:
        SampleRefusedError: A record was refused.
        grpc.RpcError: The service cannot be reached, or refused a call.
    """
    loaded = Loaded()
    record_ids = _load_records(client, sample, loaded, progress)
    recorded = {record.enterprise.credit_code for record in sample.records}
    for enterprise in sample.enterprises:
        if enterprise.credit_code not in recorded:
            # The others were registered with their first record.
            answer = client.call(
                client.stub.RegisterEnterprise,
                RegisterEnterpriseRequest(
                    request_id=_request_id(sample, "enterprise", enterprise.credit_code),
                    identity=SubjectRef(credit_code=enterprise.credit_code),
                    profile=enterprise.profile,
                    start_date=proto_date(enterprise.founding_date),
                ),
            )
            loaded.enterprises += not answer.repeated
    _load_insurers(client, sample)
    _load_roles(client, sample)
    for change in sample.changes:
        client.call(client.stub.UpdateEnterprise, _update(sample, change))
    _revoke(client, sample, record_ids)
    return loaded


# Private functions -----------------------------------------------------------


def _request_id(sample: Sample, what: str, which: object) -> str:
    """Name a call so that its repeat in a second load changes nothing."""
    return f"sample-{sample.seed}-{sample.until:%Y%m%d}-{what}-{which}"


def _load_records(
    client: Client[CreditServiceStub], sample: Sample, loaded: Loaded, progress: Progress
) -> dict[str, str]:
    record_ids: dict[str, str] = {}
    numbered = list(zip(sample.records, sample.document_numbers, strict=True))
    for kinds in KIND_ORDER:
        # A record needs the identifiers of those that it refers to.
        chosen = [pair for pair in numbered if pair[0].kind in kinds]
        stream = ImportStream(client.stub, client.metadata)
        for outcomes in stream.outcomes(_rows(chosen, record_ids)):
            for outcome in outcomes:
                record = chosen[outcome.row_number - 1][0]
                _require_taken(outcome, record)
                record_ids[record.key] = outcome.record_id
                stored = outcome.outcome == ImportRowResult.OUTCOME_STORED
                loaded.stored += stored
                loaded.unchanged += not stored
            progress(loaded.stored + loaded.unchanged, len(numbered))
        loaded.enterprises += stream.enterprise_count
    return record_ids


def _require_taken(outcome: RowOutcome, record: SampleRecord) -> None:
    if outcome.outcome != ImportRowResult.OUTCOME_REFUSED:
        return
    # What an earlier load revoked stays revoked.
    if outcome.reason == _REVOKED and record.enterprise.credit_code == _REVOKED_CODE:
        return
    raise SampleRefusedError(
        f"the service refused {outcome.document_number}: {outcome.message}",
        advice=(
            "Does the store hold a sample of another day or seed? Name them with --until and"
            " --seed, or load into an empty store."
        ),
        refusal=outcome.reason,
    )


def _rows(
    chosen: Sequence[tuple[SampleRecord, str]], record_ids: Mapping[str, str]
) -> Iterator[ImportRow]:
    for row_number, (record, document_number) in enumerate(chosen, 1):
        header = RecordHeader()
        header.CopyFrom(record.header)
        header.document_number = document_number
        body = RecordBody()
        body.CopyFrom(record.body)
        said = getattr(body, record.kind)
        for field, key in record.refers.items():
            setattr(said, field, record_ids[key])
        yield ImportRow(
            row_number=row_number,
            enterprise=record.enterprise.profile,
            enterprise_start_date=proto_date(record.enterprise.founding_date),
            header=header,
            body=body,
        )


def _load_insurers(client: Client[CreditServiceStub], sample: Sample) -> None:
    """Register the insurers, so that complaints about them can be recorded."""
    for one in sample.insurers:
        code = one.insurer.credit_code
        client.call(
            client.stub.RegisterEnterprise,
            RegisterEnterpriseRequest(
                request_id=_request_id(sample, "insurer", code),
                identity=SubjectRef(credit_code=code),
                profile=one.profile,
                start_date=proto_date(INSURERS_SINCE),
            ),
        )


def _load_roles(client: Client[CreditServiceStub], sample: Sample) -> None:
    for role in sample.roles:
        answer = client.call(
            client.stub.RegisterPerson,
            RegisterPersonRequest(
                request_id=_request_id(sample, "person", role.person),
                name=person_name(role.person),
                identity_number=identity_number(role.person),
            ),
        )
        client.call(
            client.stub.AssignRole,
            AssignRoleRequest(
                request_id=_request_id(sample, "role", role.person),
                person_id=answer.person.person_id,
                enterprise=SubjectRef(credit_code=role.enterprise.credit_code),
                kind=role.kind,
                start_date=proto_date(role.start_date),
            ),
        )


def _update(sample: Sample, change: SampleChange) -> UpdateEnterpriseRequest:
    code = change.enterprise.credit_code
    return UpdateEnterpriseRequest(
        # The document names the change within its enterprise.
        request_id=_request_id(sample, "change", f"{code}-{change.effective_date:%Y%m%d}"),
        subject=SubjectRef(credit_code=code),
        effective_date=proto_date(change.effective_date),
        profile=change.profile,
        state=change.state,
        successors=[SubjectRef(credit_code=change.successor)] if change.successor else [],
        document_number=change.document_number,
    )


def _revoke(
    client: Client[CreditServiceStub], sample: Sample, record_ids: Mapping[str, str]
) -> None:
    """Revoke the one penalty whose story it is; the earlier knowledge stays."""
    key = next(
        record.key
        for record in sample.records
        if record.kind == "penalty" and record.enterprise.credit_code == _REVOKED_CODE
    )
    if not record_ids[key]:
        # An earlier load revoked it.
        return
    stored = client.call(client.stub.GetRecord, GetRecordRequest(record_id=record_ids[key])).record
    client.call(
        client.stub.RevokeRecord,
        RevokeRecordRequest(
            request_id=_request_id(sample, "revocation", _REVOKED_CODE),
            record_id=stored.record_id,
            edition=stored.edition,
            reason="行政复议决定撤销该行政处罚",
            document_number=_REVOKING_DOCUMENT,
        ),
    )
