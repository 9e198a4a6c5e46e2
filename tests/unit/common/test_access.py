"""The table of access, and how it fits the services."""

import importlib
from pathlib import Path

import pytest
from google.protobuf.descriptor import FileDescriptor, ServiceDescriptor

from services.common.access import (
    AccessDeniedError,
    AccessTable,
    AccessTableError,
    require_role,
)
from services.common.identity import Caller, Role

PROTOS = Path(__file__).parents[3] / "protos"

OPEN = "open: [grpc.health.v1.Health, grpc.reflection.v1alpha.ServerReflection]"

WRITES = ("Register", "Update", "Assign", "End", "Record", "Revise", "Revoke", "Import")
# What insurers write as well; of these, their own insurance records only.
INSURERS_WRITE = {
    "RecordInsurancePolicy",
    "RecordEndorsement",
    "RecordClaim",
    "RecordInsurancePayment",
    "RecordPreventionPlan",
    "RecordPreventionService",
    "ReviseRecord",
    "RevokeRecord",
    "ImportRecords",
}


def all_services() -> list[ServiceDescriptor]:
    """Give every service of the generated code."""
    services: list[ServiceDescriptor] = []
    for path in sorted(PROTOS.glob("safetycredit/**/*_service.proto")):
        name = path.relative_to(PROTOS).with_suffix("").as_posix().replace("/", ".")
        descriptor: FileDescriptor = importlib.import_module(f"{name}_pb2").DESCRIPTOR
        services += descriptor.services_by_name.values()
    return services


def table(tmp_path: Path, text: str) -> AccessTable:
    """Load a table from its text."""
    path = tmp_path / "access.yaml"
    path.write_text(text)
    return AccessTable.load(path)


def test_every_rpc_has_a_row_and_every_row_an_rpc() -> None:
    """The table that the servers use fits the protos exactly."""
    services = all_services()
    access = AccessTable.load()

    access.require_rows(services)

    assert {service.full_name for service in services} == access.service_names()
    assert len(services) >= 5


def test_nobody_writes_but_recorders_and_regulators() -> None:
    """Facts are written by the authorities, insurance by the insurers too, and by nobody else."""
    access = AccessTable.load()
    credit = "safetycredit.credit.v1.CreditService"
    (service,) = (one for one in all_services() if one.full_name == credit)

    writing = [method.name for method in service.methods if method.name.startswith(WRITES)]

    assert len(writing) > 10
    writers = {name: access.roles(credit, name) - {"recorder", "regulator"} for name in writing}
    assert {name for name, roles in writers.items() if roles == {"insurer"}} == INSURERS_WRITE
    for name in writing:
        assert access.roles(credit, name) >= {"recorder", "regulator"}, name
        assert writers[name] <= {"insurer"}, name


def test_every_rpc_is_open_to_somebody() -> None:
    """A row without roles would be an RPC that nobody can call."""
    access = AccessTable.load()

    for service in all_services():
        for method in service.methods:
            assert access.roles(service.full_name, method.name) <= set(Role)
            assert access.roles(service.full_name, method.name), method.full_name


def test_an_rpc_without_a_row_is_open_to_nobody() -> None:
    """Deny by default."""
    assert AccessTable.load().roles("safetycredit.credit.v1.CreditService", "Erase") == frozenset()
    assert AccessTable.load().roles("another.Service", "GetRecord") == frozenset()


def test_a_service_that_differs_from_its_rows_is_refused(tmp_path: Path) -> None:
    """Both directions are named: an RPC without a row, and a row without an RPC."""
    access = table(
        tmp_path,
        f"{OPEN}\n"
        "services:\n"
        "  safetycredit.scoring.v1.SupervisionService:\n"
        "    GetSupervision: [regulator]\n"
        "    GetRiskColour: [regulator]\n"
        "    GetRiskDistribution: [regulator]\n"
        "    DrawStraws: [regulator]\n",
    )

    with pytest.raises(AccessTableError) as error:
        access.require_rows(
            one for one in all_services() if one.full_name.endswith("SupervisionService")
        )

    assert error.value.facts == {
        "missing": "safetycredit.scoring.v1.SupervisionService/DrawInspections",
        "unknown": "safetycredit.scoring.v1.SupervisionService/DrawStraws",
    }


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{OPEN}\nservices: {{a.B: {{C: [king]}}}}", id="unknown-role"),
        pytest.param(f"{OPEN}\nservices: {{a.B: [C]}}", id="rows-without-roles"),
        pytest.param(f"{OPEN}\nservices: {{}}\nclosed: []", id="unknown-key"),
        pytest.param("open: [a.B]\nservices: {}", id="another-open-service"),
        pytest.param("open: [", id="no-yaml"),
    ],
)
def test_a_malformed_table_is_refused(tmp_path: Path, text: str) -> None:
    """A table that cannot be understood stops the server."""
    with pytest.raises(AccessTableError):
        table(tmp_path, text)


def test_one_of_the_roles_opens_the_door() -> None:
    """A caller needs one of the roles; without any it is told which would do."""
    caller = Caller(identity="liu", roles=frozenset({"auditor", "insurer"}))

    require_role(caller, frozenset({"insurer", "regulator"}), "a.B/C")
    with pytest.raises(AccessDeniedError) as error:
        require_role(caller, frozenset({"regulator", "recorder"}), "a.B/C")

    assert error.value.facts == {"method": "a.B/C", "roles": "recorder,regulator"}
