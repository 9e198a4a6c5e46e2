"""The table of access, and how it fits the services."""

import importlib
import json
from pathlib import Path

import pytest
from google.protobuf.descriptor import Descriptor, FileDescriptor, ServiceDescriptor

from services.common.access import (
    AccessDeniedError,
    AccessTable,
    AccessTableError,
    require_role,
)
from services.common.identity import Caller, Role
from services.common.portals import is_bound

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

    roles = {
        method.full_name: access.roles(service.full_name, method.name)
        for service in all_services()
        for method in service.methods
    }
    assert len(roles) > 50
    assert [name for name, open_to in roles.items() if not open_to] == []
    assert set().union(*roles.values()) <= set(Role)


def test_an_rpc_without_a_row_is_open_to_nobody() -> None:
    """Deny by default."""
    assert AccessTable.load().roles("safetycredit.credit.v1.CreditService", "Erase") == frozenset()
    assert AccessTable.load().roles("another.Service", "GetRecord") == frozenset()


def test_what_everybody_may_call_every_role_may_call() -> None:
    """A role that is left out of a public RPC could call it by saying less about itself."""
    access = AccessTable.load()

    public = {
        method.full_name: access.roles(service.full_name, method.name)
        for service in all_services()
        for method in service.methods
        if Role.PUBLIC in access.roles(service.full_name, method.name)
    }

    assert len(public) >= 10
    assert {name for name, roles in public.items() if roles != set(Role)} == set()


def test_who_may_copy_a_list_may_look_at_its_entries() -> None:
    """Nothing is hidden in one entry that an export of all of them shows."""
    access = AccessTable.load()

    copying = access.roles("safetycredit.scoring.v1.ListSyncService", "ExportList")

    for method in ("GetListEntry", "ListListEntries"):
        assert copying <= access.roles("safetycredit.scoring.v1.ListService", method), method


# Fields that end like an identifier and name neither a subject nor what has one.
NAMING_NOBODY = {"request_id", "policy_id"}


def naming_fields(message: Descriptor, within: str = "") -> set[str]:
    """Give every field of a request, however deep, by which somebody could be named."""
    found: set[str] = set()
    for field in message.fields:
        path = f"{within}{field.name}"
        kind = field.message_type
        if kind is not None and kind.full_name == "safetycredit.type.v1.SubjectRef":
            found.add(path)
        elif kind is not None and kind.full_name.startswith("safetycredit."):
            found |= naming_fields(kind, f"{path}.")
        elif field.name.endswith(("_id", "_ids", "_code", "_codes")):
            found.add(path)
    return found - NAMING_NOBODY


def test_portals_are_bound_by_every_field_that_names_somebody() -> None:
    """A new RPC, or a new field of one, is not reached by portals before somebody binds it."""
    access = AccessTable.load()

    bound = {
        method.full_name: (access.about(service.full_name, method.name), method.input_type)
        for service in all_services()
        for method in service.methods
        if is_bound(access.roles(service.full_name, method.name))
    }

    assert len(bound) >= 15
    assert {name: set(about) for name, (about, _) in bound.items()} == {
        name: naming_fields(request) for name, (_, request) in bound.items()
    }


BIND = "services: {safetycredit.scoring.v1.SupervisionService: {GetRiskColour: [enterprise_portal]"


@pytest.mark.parametrize(
    ("about", "wrong"),
    [
        pytest.param("", "GetRiskColour: say under about whom it is about", id="without-a-rule"),
        pytest.param(
            "about: {safetycredit.scoring.v1.SupervisionService: {GetRiskColour: [enterprise]}}",
            "GetRiskColour: enterprise is no single text or subject of GetRiskColourRequest",
            id="unknown-field",
        ),
        pytest.param(
            "about: {safetycredit.scoring.v1.SupervisionService:"
            " {GetRiskColour: [subject], DrawInspections: [division]}}",
            "DrawInspections: no rule is needed",
            id="needless-rule",
        ),
    ],
)
def test_a_service_that_portals_reach_unbound_is_refused(
    tmp_path: Path, about: str, wrong: str
) -> None:
    """The server does not start, and says what is wrong with the rule."""
    access = table(
        tmp_path,
        f"{OPEN}\n{BIND}, GetSupervision: [auditor], GetRiskDistribution: [auditor],"
        f" DrawInspections: [auditor]}}}}\n{about}\n",
    )

    with pytest.raises(AccessTableError) as error:
        access.require_rows(
            one for one in all_services() if one.full_name.endswith("SupervisionService")
        )

    assert error.value.facts["wrong"] == f"safetycredit.scoring.v1.SupervisionService/{wrong}"


def test_a_stream_is_never_open_to_portals(tmp_path: Path) -> None:
    """What has no single request cannot be bound to one enterprise."""
    rows = AccessTable.load()
    (lists,) = (one for one in all_services() if one.full_name.endswith("ListSyncService"))
    roles = {one.name: sorted(rows.roles(lists.full_name, one.name)) for one in lists.methods}
    roles["WatchList"] = ["enterprise_portal"]
    access = table(tmp_path, f"{OPEN}\nservices: {{{lists.full_name}: {json.dumps(roles)}}}\n")

    with pytest.raises(AccessTableError) as error:
        access.require_rows([lists])

    assert "WatchList: a stream cannot be bound" in error.value.message


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
