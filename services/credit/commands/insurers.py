"""Insurers: they write and read the insurance records that name them, and nothing else."""

from dataclasses import replace

from services.common.identity import Caller, Role
from services.credit.commands.ports import RecordFilter
from services.credit.domain.codes import INSURANCE_KINDS, RecordKind
from services.credit.domain.errors import NotTheInsurerError
from services.credit.domain.record import Edition, Header


def acts_as_insurer(caller: Caller) -> bool:
    """Say whether a caller is an insurer and nothing that reaches further."""
    return caller.has_role(Role.INSURER) and not caller.has_role(
        Role.RECORDER, Role.REGULATOR, Role.AUDITOR
    )


def require_own_record(caller: Caller, header: Header, kind: RecordKind) -> None:
    """Refuse an insurer that writes what is not its own.

    An insurer is not bound to divisions: it insures wherever it is let.

    Raises:
        NotTheInsurerError: The kind is no insurance, or the authority another.
    """
    if kind not in INSURANCE_KINDS:
        raise NotTheInsurerError(
            f"an insurer records insurance only, no {kind.label}", kind=kind.label
        )
    if not caller.authority or header.authority != caller.authority:
        raise NotTheInsurerError(
            f"the record names {header.authority} as the insurer; this caller records for"
            f" {caller.authority or 'nobody'}",
            authority=header.authority,
        )


def own_record(caller: Caller, edition: Edition) -> bool:
    """Say whether a caller may see a record: an insurer its own insurance records only."""
    if not acts_as_insurer(caller):
        return True
    own = bool(caller.authority) and edition.header.authority == caller.authority
    return own and edition.body.kind in INSURANCE_KINDS


def own_records(caller: Caller, wanted: RecordFilter) -> RecordFilter:
    """Narrow a filter to what a caller may see.

    Raises:
        NotTheInsurerError: An insurer asks for records that cannot be its own.
    """
    if not acts_as_insurer(caller):
        return wanted
    foreign = wanted.authority not in {"", caller.authority} or wanted.kinds - INSURANCE_KINDS
    if foreign or not caller.authority:
        raise NotTheInsurerError(
            "an insurer lists its own insurance records only; leave out other kinds and"
            " authorities, and say whom you act for"
        )
    return replace(wanted, authority=caller.authority, kinds=wanted.kinds or INSURANCE_KINDS)
