"""The handlers of CreditService, put together over the ports."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.common.calls import Handler
from services.credit.commands.assign_role import AssignRole
from services.credit.commands.end_role import EndRole
from services.credit.commands.get_enterprise import GetEnterprise
from services.credit.commands.get_person import GetPerson
from services.credit.commands.get_record import GetRecord
from services.credit.commands.import_records import ImportRecords
from services.credit.commands.join_group import JoinGroup
from services.credit.commands.leave_group import LeaveGroup
from services.credit.commands.list_records import ListRecords
from services.credit.commands.ports import AccidentLevelLaw, Codes, IdentityVault, Store
from services.credit.commands.record_fact import RecordFact
from services.credit.commands.register_enterprise import RegisterEnterprise
from services.credit.commands.register_person import RegisterPerson
from services.credit.commands.revise_record import ReviseRecord
from services.credit.commands.revoke_record import RevokeRecord
from services.credit.commands.search_enterprises import SearchEnterprises
from services.credit.commands.update_enterprise import UpdateEnterprise
from services.credit.handlers.drafts import DraftDecoder
from services.credit.handlers.enterprises import EnterpriseHandlers
from services.credit.handlers.groups import GroupHandlers
from services.credit.handlers.imports import ImportHandlers
from services.credit.handlers.person_messages import PersonEncoder
from services.credit.handlers.persons import PersonHandlers
from services.credit.handlers.record_messages import RecordEncoder
from services.credit.handlers.records import RecordHandlers
from services.credit.handlers.requests import PageLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditPorts:
    """Everything that the service needs of the world.

    Attributes:
        store: Where facts are stored.
        levels: Derives levels of accidents.
        codes: The open sets of codes.
        vault: Encrypts identity numbers.
    """

    store: Store
    levels: AccidentLevelLaw
    codes: Codes
    vault: IdentityVault


def credit_handlers(ports: CreditPorts, limits: PageLimits) -> Mapping[str, Handler]:
    """Give the handler of every method of CreditService.

    Args:
        ports: What the service works with.
        limits: How many rows a page holds.
    """
    store, levels = ports.store, ports.levels
    decoder = DraftDecoder(ports.codes)
    return {
        **EnterpriseHandlers(
            register=RegisterEnterprise(store),
            update=UpdateEnterprise(store),
            get=GetEnterprise(store),
            search=SearchEnterprises(store),
            limits=limits,
        ).by_method(),
        **GroupHandlers(JoinGroup(store), LeaveGroup(store)).by_method(),
        **PersonHandlers(
            register=RegisterPerson(store, ports.vault),
            assign=AssignRole(store),
            end=EndRole(store),
            get=GetPerson(store),
            encoder=PersonEncoder(ports.vault),
        ).by_method(),
        **RecordHandlers(
            record=RecordFact(store, levels),
            revise=ReviseRecord(store, levels),
            revoke=RevokeRecord(store),
            get=GetRecord(store),
            page=ListRecords(store),
            decoder=decoder,
            encoder=RecordEncoder(ports.codes),
            limits=limits,
        ).by_method(),
        **ImportHandlers(ImportRecords(store, levels), decoder).by_method(),
    }
