"""Portals over the network: every RPC that they may call reaches their own enterprise alone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import grpc
import pytest
from google.protobuf.message_factory import GetMessageClass

from services.common.identity import Caller, caller_metadata
from services.common.portals import is_bound
from services.scoring.main import ScoringServer
from tests.fakes.credit_remedies import portal_of
from tests.fakes.list_world import CHIEF, CODE, ON_SQLITE, ListWorld
from tests.fakes.scoring_client import RefusedError

OTHER = "91350100M000100Y43"
REFUSALS = {"OTHER_SUBJECT", "PORTAL_NOT_BOUND"}


@dataclass(frozen=True)
class Doors:
    """What portals may call of a server.

    Attributes:
        world: Calls it.
        server: The server.
        values: What requests say whom they are about, by the name of the field.
    """

    world: ListWorld
    server: ScoringServer
    values: Mapping[str, Any]

    async def reasons(self, who: Caller, **values: Any) -> dict[str, str]:  # noqa: ANN401 -- values of fields.
        """Try every bound RPC; give the reason of the refusal by method, empty if answered."""
        access = self.server.plan.access
        found: dict[str, str] = {}
        for service in (one.descriptor for one in self.server.plan.services):
            for method in service.methods:
                if not is_bound(access.roles(service.full_name, method.name)):
                    continue
                known = {**self.values, **values}
                # The last of the fields is the one that every request has.
                name = access.about(service.full_name, method.name)[-1]
                request = GetMessageClass(method.input_type)(**{name: known[name]})
                path = f"/{service.full_name}/{method.name}"
                found[method.name] = await self._reason(path, request.SerializeToString(), who)
        return found

    async def _reason(self, path: str, request: bytes, who: Caller) -> str:
        unary: Any = self.world.channel.unary_unary(path)
        try:
            await unary(request, metadata=caller_metadata(who), timeout=20)
        except grpc.aio.AioRpcError as error:
            refused = RefusedError(error)
            denied = refused.code == "PERMISSION_DENIED"
            assert denied or refused.reason not in REFUSALS, "what is not one's own is denied"
            return refused.reason
        return ""


@pytest.fixture
async def doors(world: ListWorld, case_server: ScoringServer) -> Doors:
    """List one enterprise, with a person beside it, and register another."""
    number, _ = world.penalised(performed_date=date(2025, 5, 1))
    world.principal(number, "赵一")
    world.facts.enterprise(credit_code=OTHER, fields=0b10)
    world.stand_at(date(2025, 6, 3))
    case = await world.published((await world.opened()).case_id)
    (entry,) = (one.entry for one in case.entries if one.entry.subject_id.startswith("e-"))
    values = {
        "subject": {"credit_code": CODE},
        "case_id": case.case_id,
        "entry_id": entry.entry_id,
    }
    return Doors(world, case_server, values)


@ON_SQLITE
async def test_a_portal_reaches_its_own_enterprise_and_no_other(doors: Doors) -> None:
    """Both by registration and as a portal of many, for every RPC, by whatever it names."""
    own = await doors.reasons(portal_of(CODE))
    many = await doors.reasons(portal_of("*", CODE))

    other = await doors.reasons(portal_of(OTHER))
    many_for_another = await doors.reasons(portal_of("*", OTHER))

    assert len(own) >= 11
    assert REFUSALS.isdisjoint(own.values())
    assert many == own
    assert set(other.values()) == {"OTHER_SUBJECT"}
    assert other == many_for_another


@ON_SQLITE
async def test_a_portal_that_acts_for_nobody_reaches_nothing(doors: Doors) -> None:
    """Registered for nobody, of many without a name, and of one for another."""
    for who in (portal_of(""), portal_of("*"), portal_of(CODE, OTHER)):
        assert set((await doors.reasons(who)).values()) == {"PORTAL_NOT_BOUND"}


@ON_SQLITE
async def test_what_is_not_known_is_refused_as_what_is_anothers(doors: Doors) -> None:
    """Nobody learns by asking which cases and entries there are."""
    unknown = {"case_id": "c-77", "entry_id": "l-77", "subject": {"person_id": "p-77"}}

    found = await doors.reasons(portal_of(CODE), **unknown)

    assert set(found.values()) == {"OTHER_SUBJECT"}


@ON_SQLITE
async def test_a_person_speaks_for_itself_in_the_case_of_its_unit(
    doors: Doors,
) -> None:
    """Who names nobody speaks for the unit, and for its unit the person does not."""
    world, case_id = doors.world, doors.values["case_id"]
    case = (await world.call("GetListCase", CHIEF, case_id=case_id)).list_case
    unit, person = (one.subject_id for one in case.parties)
    who = replace(portal_of(person), divisions=frozenset({"*"}))

    async def reason(who: Caller, **fields: Any) -> str:  # noqa: ANN401 -- fields of a request.
        with pytest.raises(RefusedError) as error:
            await world.take("RecordStatement", who, case_id=case_id, **fields)
        return error.value.reason

    assert await reason(who, party_subject_id=person, statement="无责") not in REFUSALS
    assert await reason(who, statement="无责") == "OTHER_SUBJECT"
    assert await reason(who, party_subject_id=unit, statement="无责") == "OTHER_SUBJECT"


@ON_SQLITE
async def test_whoever_another_role_lets_in_is_not_bound(doors: Doors) -> None:
    """A regulator who is registered as a portal too asks about everybody."""
    both = replace(CHIEF, roles=frozenset({"regulator", "enterprise_portal"}))

    assert REFUSALS.isdisjoint((await doors.reasons(both)).values())
