"""Portals: whom a caller of the role ``enterprise_portal`` may act for and ask about.

A portal is registered for one enterprise or person, or as one that serves many, as a government
portal does (一网通办): it identifies whoever sits before it, and names them with every call.
``access.yaml`` says, for every RPC that the role opens, which field of the request tells whom it is
about; the service finds out who that is, and anybody else is out of reach.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message

from services.common.errors import Category, SafetyCreditError
from services.common.identity import EVERYTHING, ON_BEHALF_KEY, SUBJECT_KEY, Caller, Role

PORTAL: Final = Role.ENTERPRISE_PORTAL
"""The role that is bound."""

_TOKEN: Final = "token"  # noqa: S105 -- the name of a field, which holds a token of the store.


class PortalNotBoundError(SafetyCreditError):
    """Nothing says for whom a portal acts."""

    reason = "PORTAL_NOT_BOUND"
    category = Category.DENIED


class OtherSubjectError(SafetyCreditError):
    """A portal asks about, or acts for, somebody else than its own enterprise or person."""

    reason = "OTHER_SUBJECT"
    category = Category.DENIED


Named = Message | str
"""How a request names somebody: a ``SubjectRef``, or the identifier of whom or what it is about."""


class SubjectFinder(Protocol):
    """Finds out whom names are about; one for each server, over its own store."""

    def __call__(self, named: Sequence[Named], *, token: str) -> Sequence[Sequence[str]]:
        """Give the enterprises and persons behind each name, by identifier.

        The first is the one that it is about, the others are whom else it concerns; there are none
        where nothing of the name is known.

        Args:
            named: Subjects, by credit code or identifier; or what has one subject.
            token: Token of a write that must be included; empty for none.

        Raises:
            SafetyCreditError: The token is damaged, another store's, or too new for this replica.
        """
        ...


@dataclass(frozen=True, slots=True)
class PortalGate:
    """Lets portals through one RPC for their own enterprise or person.

    Attributes:
        method: Full name of the RPC.
        roles: Roles that open it.
        fields: Fields of the request: the first that is given says whom it is about, the others
            that are given must concern the same.
        find: Finds out who that is.
    """

    method: str
    roles: frozenset[str]
    fields: tuple[str, ...]
    find: SubjectFinder

    def binds(self, caller: Caller) -> bool:
        """Say whether a caller comes as a portal alone: another of its roles may open the RPC."""
        return self.roles & caller.roles == {PORTAL}

    def require_own(self, caller: Caller, request: Message) -> None:
        """Refuse a request about anybody but the portal's own enterprise or person.

        What is not known is refused in the same words as what is somebody else's.

        Raises:
            PortalNotBoundError: Nothing says for whom the caller acts.
            OtherSubjectError: The request is about somebody else, or nobody says about whom.
            SafetyCreditError: As `SubjectFinder` says.
        """
        own = bound_to(caller)
        named = _named(request, self.fields)
        found = self.find([own, *named], token=str(getattr(request, _TOKEN, "")))
        if not _is_about(found[0], found[1:]):
            raise other_subject(own, method=self.method, field=self.fields[0])


def other_subject(own: str, *, method: str, field: str) -> OtherSubjectError:
    """Make the refusal of a request that is not about whom a portal acts for.

    Args:
        own: Whom it acts for.
        method: Full name of the RPC.
        field: Field that says whom the request is about.
    """
    return OtherSubjectError(
        f"this portal acts for {own} in this call, so by {field} the request must be about {own},"
        " which must be registered",
        method=method,
        subject=own,
        field=field,
    )


def bound_to(caller: Caller) -> str:
    """Give the enterprise or person for which a portal acts in a call.

    Raises:
        PortalNotBoundError: It is registered for nobody, or serves many and names nobody, or names
            somebody for whom it is not registered.
    """
    if not caller.subject:
        raise PortalNotBoundError(
            f"this portal is registered for nobody; register it in {SUBJECT_KEY} for one enterprise"
            f" or person, or with {EVERYTHING} as one that serves many and names each in"
            f" {ON_BEHALF_KEY}",
            missing=SUBJECT_KEY,
        )
    if caller.subject != EVERYTHING:
        if caller.on_behalf_of not in {"", caller.subject}:
            raise PortalNotBoundError(
                f"this portal acts for {caller.subject} alone; leave {ON_BEHALF_KEY} out",
                subject=caller.subject,
            )
        return caller.subject
    if not caller.on_behalf_of:
        raise PortalNotBoundError(
            f"this portal serves many: name in {ON_BEHALF_KEY} the enterprise or person that it has"
            " identified for this call",
            missing=ON_BEHALF_KEY,
        )
    return caller.on_behalf_of


def is_bound(roles: frozenset[str]) -> bool:
    """Say whether portals are bound in an RPC that roles open; what is public is for everybody."""
    return PORTAL in roles and Role.PUBLIC not in roles


def unfit_rule(method: MethodDescriptor, fields: Sequence[str]) -> str:
    """Say what is wrong with the fields that are to say whom an RPC is about; empty if nothing is.

    Args:
        method: An RPC that portals may call and not everybody.
        fields: The fields.
    """
    if method.client_streaming or method.server_streaming:
        return "a stream cannot be bound to one enterprise"
    if not fields:
        return "say under about whom it is about"
    known: Mapping[str, FieldDescriptor] = method.input_type.fields_by_name
    for name in fields:
        field = known.get(name)
        if field is None or field.is_repeated or field.type not in _TYPES:
            return f"{name} is no single text or subject of {method.input_type.name}"
    return ""


# Private functions -----------------------------------------------------------

_TYPES: Final = frozenset({FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_MESSAGE})


def _named(request: Message, fields: Sequence[str]) -> list[Named]:
    """Give what those of the fields hold that are given."""
    given: list[Named] = []
    for name in fields:
        value: Named = getattr(request, name)
        if value if isinstance(value, str) else request.HasField(name):
            given.append(value)
    return given


def _is_about(own: Sequence[str], found: Sequence[Sequence[str]]) -> bool:
    """Say whether what was found is about whom a portal acts for."""
    if not own or not found:
        return False
    return list(found[0][:1]) == list(own[:1]) and all(own[0] in one for one in found)
