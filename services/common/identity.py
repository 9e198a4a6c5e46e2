"""Who calls: roles, authority and scope, and how a call proves them.

Until mutual TLS and signed tokens exist, a caller says who it is in the metadata
of the call, and the servers listen on loopback only. `Authenticator` is the one
seam through which the other two will come.

Metadata values are percent-encoded UTF-8 (RFC 3986), lists are separated by
commas before encoding, and plain ASCII stays as it is, so that
``x-safetycredit-roles: recorder,regulator`` can be typed by hand while
``x-safetycredit-authority: %E5%B4%87...`` carries Chinese. Percent-encoding was
preferred to ``-bin`` keys because gRPC itself uses it for messages, and because
command-line clients pass it through unchanged.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final, Protocol, TypeAlias
from urllib.parse import quote, unquote

from services.common.errors import Category, SafetyCreditError

CALLER_KEY: Final = "x-safetycredit-caller"
"""Metadata key: identity of the caller. Required."""

ROLES_KEY: Final = "x-safetycredit-roles"
"""Metadata key: roles, separated by commas. Required."""

AUTHORITY_KEY: Final = "x-safetycredit-authority"
"""Metadata key: name of the authority that the caller acts for."""

DIVISIONS_KEY: Final = "x-safetycredit-divisions"
"""Metadata key: division codes within which the caller may write, or ``*``."""

FIELDS_KEY: Final = "x-safetycredit-fields"
"""Metadata key: fields within which the caller may write, or ``*``."""

SUBJECT_KEY: Final = "x-safetycredit-subject"
"""Metadata key: enterprise or person for which a portal is registered, or ``*`` for one that serves
many and identifies each itself. Part of the registration: a token will carry it."""

ON_BEHALF_KEY: Final = "x-safetycredit-on-behalf-of"
"""Metadata key: enterprise or person for which a portal that serves many makes this one call."""

EVERYTHING: Final = "*"
"""Stands for every division, every field, or every enterprise and person."""

_IDENTITY_CHARACTERS_MAX: Final = 128
"""House limit: an identity stands in every log line and every revision."""


class Role(StrEnum):
    """What a caller is; ``access.yaml`` says which RPCs each role may call."""

    REGULATOR = "regulator"
    RECORDER = "recorder"
    INSURER = "insurer"
    SUBSCRIBER = "subscriber"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    POLICY_OFFICER = "policy_officer"
    ENTERPRISE_PORTAL = "enterprise_portal"
    PUBLIC = "public"


class CallerMissingError(SafetyCreditError):
    """A call does not say who makes it."""

    reason = "CALLER_MISSING"
    category = Category.UNAUTHENTICATED


class CallerMalformedError(SafetyCreditError):
    """What a call says about its caller cannot be understood."""

    reason = "CALLER_MALFORMED"
    category = Category.UNAUTHENTICATED


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who makes a call, and what it may touch.

    Attributes:
        identity: Stable name of the official who acts, by the login rather than the name, such as
            ``oa.chaoyang/0172`` for one of many at a system; of the system itself only where nobody
            stands behind the call. What two officials must do is told apart by it; stands in logs.
        roles: Values of `Role`; at least one.
        authority: Authority that the caller acts for; empty for none.
        divisions: Prefixes of division codes that it may write in, without the
            closing zeros (``11`` is all of Beijing); ``*`` for all; empty for
            none.
        fields: Fields that it may write in; ``*`` for all; empty for none.
        subject: Enterprise or person for which a portal is registered, by credit code or
            identifier; ``*`` for one that serves many; empty for none.
        on_behalf_of: The one of them for which this call is made; empty for none.
    """

    identity: str
    roles: frozenset[str]
    authority: str = ""
    divisions: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    subject: str = ""
    on_behalf_of: str = ""

    def has_role(self, *roles: str) -> bool:
        """Say whether the caller has any of the roles."""
        return not self.roles.isdisjoint(roles)

    def covers_division(self, division: str) -> bool:
        """Say whether a division's code (6 digits or more) is within reach."""
        return EVERYTHING in self.divisions or any(
            division.startswith(prefix) for prefix in self.divisions
        )

    def covers_field(self, field: str) -> bool:
        """Say whether a field is within reach."""
        return EVERYTHING in self.fields or field in self.fields

    def may_write(self, division: str, field: str) -> bool:
        """Say whether the caller may write facts of this division and field."""
        return self.covers_division(division) and self.covers_field(field)


Metadata = Mapping[str, str | bytes]
"""Metadata of a call by key; the last value of a repeated key."""

AuthContext = Callable[[], Mapping[str, Iterable[bytes]]]
"""Gives what the transport proved about the peer; asked only when needed."""


class Authenticator(Protocol):
    """Finds out who makes a call."""

    def authenticate(self, metadata: Metadata, auth_context: AuthContext) -> Caller:
        """Give the caller.

        Raises:
            CallerMissingError: The call says nothing about its caller.
            CallerMalformedError: What it says cannot be understood.
        """
        ...


class MetadataAuthenticator:
    """Believes the metadata; for servers that listen on loopback only."""

    def authenticate(self, metadata: Metadata, auth_context: AuthContext) -> Caller:  # noqa: ARG002 -- the seam's signature: other authenticators read the transport.
        """Give the caller that the metadata names."""
        # Parsing is on the way of every call, and callers repeat themselves.
        get = metadata.get
        return _parse_caller(
            (
                get(CALLER_KEY),
                get(ROLES_KEY),
                get(AUTHORITY_KEY, ""),
                get(DIVISIONS_KEY, ""),
                get(FIELDS_KEY, ""),
                get(SUBJECT_KEY, ""),
                get(ON_BEHALF_KEY, ""),
            )
        )


def caller_metadata(caller: Caller) -> tuple[tuple[str, str], ...]:
    """Give the metadata with which a client says that it is this caller."""
    pairs = (
        (CALLER_KEY, caller.identity),
        (ROLES_KEY, ",".join(sorted(caller.roles))),
        (AUTHORITY_KEY, caller.authority),
        (DIVISIONS_KEY, ",".join(sorted(caller.divisions))),
        (FIELDS_KEY, ",".join(sorted(caller.fields))),
        (SUBJECT_KEY, caller.subject),
        (ON_BEHALF_KEY, caller.on_behalf_of),
    )
    return tuple((key, quote(text, safe=",*@:/ ")) for key, text in pairs if text)


def division_prefix(division: str) -> str:
    """Cut the closing zero pairs off a division code: ``110000`` is ``11``."""
    while len(division) > len("11") and division.endswith("00"):
        division = division[:-2]
    return division


# Private functions -----------------------------------------------------------


_RawCaller: TypeAlias = tuple[
    str | bytes | None,
    str | bytes | None,
    str | bytes,
    str | bytes,
    str | bytes,
    str | bytes,
    str | bytes,
]
_SUBJECT: Final = re.compile(r"[0-9A-Z]{18}|[ep]-[1-9][0-9]{0,18}")


@lru_cache(maxsize=4096)
def _parse_caller(raw: _RawCaller) -> Caller:
    identity, roles, authority, divisions, fields, subject, on_behalf_of = raw
    if not identity or not roles:
        missing = CALLER_KEY if not identity else ROLES_KEY
        raise CallerMissingError(
            f"send who calls in the metadata {CALLER_KEY} (identity) and {ROLES_KEY}"
            f" (one or more of {', '.join(Role)}, separated by commas);"
            f" {missing} is missing",
            missing=missing,
        )
    return Caller(
        identity=_identity(_text(CALLER_KEY, identity)),
        roles=_roles(_names(ROLES_KEY, roles)),
        authority=_text(AUTHORITY_KEY, authority),
        divisions=_divisions(_names(DIVISIONS_KEY, divisions)),
        fields=_names(FIELDS_KEY, fields),
        subject=_subject(SUBJECT_KEY, subject, others={EVERYTHING}),
        on_behalf_of=_subject(ON_BEHALF_KEY, on_behalf_of),
    )


def _text(key: str, raw: str | bytes) -> str:
    try:
        text = raw.decode("ascii") if isinstance(raw, bytes) else raw
        return unquote(text, errors="strict").strip()
    except UnicodeDecodeError as error:
        raise CallerMalformedError(
            f"{key} must be percent-encoded UTF-8", metadata_key=key
        ) from error


def _names(key: str, raw: str | bytes) -> frozenset[str]:
    names = (name.strip() for name in _text(key, raw).split(","))
    return frozenset(name for name in names if name)


def _identity(identity: str) -> str:
    if len(identity) > _IDENTITY_CHARACTERS_MAX or not identity.isprintable():
        raise CallerMalformedError(
            f"{CALLER_KEY} must be printable and at most {_IDENTITY_CHARACTERS_MAX} characters",
            metadata_key=CALLER_KEY,
            characters_max=_IDENTITY_CHARACTERS_MAX,
        )
    return identity


def _roles(names: frozenset[str]) -> frozenset[str]:
    unknown = names.difference(Role)
    if unknown or not names:
        raise CallerMalformedError(
            f"{ROLES_KEY} must name one or more of {', '.join(Role)}",
            metadata_key=ROLES_KEY,
        )
    return names


def _subject(key: str, raw: str | bytes, *, others: Collection[str] = ()) -> str:
    text = _text(key, raw)
    if text and text not in others and not _SUBJECT.fullmatch(text):
        raise CallerMalformedError(
            " or ".join((f"{key} must hold a credit code, e-… , p-…", *others)), metadata_key=key
        )
    return text


def _divisions(codes: frozenset[str]) -> frozenset[str]:
    for code in codes:
        if code != EVERYTHING and not (code.isascii() and code.isdigit()):
            raise CallerMalformedError(
                f"{DIVISIONS_KEY} must hold division codes (digits) or {EVERYTHING}",
                metadata_key=DIVISIONS_KEY,
            )
    return frozenset(map(division_prefix, codes))
