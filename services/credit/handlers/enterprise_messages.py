"""Enterprises as messages, and profiles of requests as values."""

from datetime import date
from typing import Final

from safetycredit.credit.v1 import enterprise_pb2
from safetycredit.type.v1 import point_pb2, subject_pb2
from services.common.errors import FieldViolation
from services.common.tokens import StorePoint
from services.credit.commands.ports import EnterpriseFile
from services.credit.domain.enterprise import (
    PROFILE_RULES,
    Period,
    Profile,
    Succession,
    Version,
    version_on,
)
from services.credit.domain.group import Membership
from services.credit.domain.identifiers import ENTERPRISE, name_of
from services.credit.domain.rules import Moment
from services.credit.domain.subject import CreditCode
from services.credit.handlers.decoding import MessageDecoder
from services.credit.handlers.wire_values import read_division, wire_code, write_day, write_instant

_PROFILE: Final = MessageDecoder(
    Profile, enterprise_pb2.EnterpriseProfile, readers={"division": read_division}
)


def read_profile(
    profile: enterprise_pb2.EnterpriseProfile, moment: Moment
) -> tuple[Profile, list[FieldViolation]]:
    """Read a profile, and name every field of it that is wrong."""
    decoded = _PROFILE.decode(profile)
    return decoded.value, decoded.judged(PROFILE_RULES, moment)


def write_enterprise(
    file: EnterpriseFile, *, as_of: date, with_history: bool = False
) -> enterprise_pb2.Enterprise:
    """Write an enterprise as it was on a day.

    Args:
        file: The enterprise.
        as_of: The day; on one before the first period there is no profile.
        with_history: Whether to write every period that the file holds.
    """
    enterprise = enterprise_pb2.Enterprise(
        enterprise_id=name_of(ENTERPRISE, file.enterprise_id),
        history=[_version(one) for one in file.versions] if with_history else [],
        successions=[_succession(one) for one in file.successions if one.effective_date <= as_of],
        memberships=[write_membership(one) for one in file.memberships if one.start_date <= as_of],
    )
    if isinstance(file.identity, CreditCode):
        enterprise.credit_code = file.identity.value
    else:
        enterprise.local_identity.CopyFrom(
            subject_pb2.LocalIdentity(scheme=file.identity.scheme, value=file.identity.value)
        )
    current = tuple(one for one in file.versions if one.superseded_time is None)
    version = version_on(current, as_of)
    if version is not None:
        enterprise.profile.CopyFrom(_profile(version.profile))
        enterprise.state = wire_code(version.period.state)
    return enterprise


def write_membership(membership: Membership) -> enterprise_pb2.GroupMembership:
    """Write a membership in a group."""
    message = enterprise_pb2.GroupMembership(
        membership_id=membership.name,
        group_id=name_of(ENTERPRISE, membership.group_id),
        member_id=name_of(ENTERPRISE, membership.member_id),
        start_date=write_day(membership.start_date),
        document_number=membership.document_number,
        authority=membership.authority,
    )
    if membership.end_date is not None:
        message.end_date.CopyFrom(write_day(membership.end_date))
    return message


def write_point(point: StorePoint) -> point_pb2.StorePoint:
    """Write the point at which an answer stands."""
    return point_pb2.StorePoint(
        revision=point.revision,
        known_at=write_instant(point.recorded_time),
        token=point.token.encode(),
    )


# Private functions -----------------------------------------------------------


def _profile(profile: Profile) -> enterprise_pb2.EnterpriseProfile:
    message = enterprise_pb2.EnterpriseProfile(
        name=profile.name,
        division="" if profile.division is None else str(profile.division),
        industry=profile.industry or "",
        fields=[wire_code(one) for one in sorted(profile.fields)],
        kind=wire_code(profile.kind),
        activities=[wire_code(one) for one in sorted(profile.activities)],
    )
    if profile.headcount is not None:
        message.headcount = profile.headcount
    if profile.founding_date is not None:
        message.founding_date.CopyFrom(write_day(profile.founding_date))
    return message


def _version(version: Version) -> enterprise_pb2.EnterpriseVersion:
    period: Period = version.period
    message = enterprise_pb2.EnterpriseVersion(
        profile=_profile(period.profile),
        state=wire_code(period.state),
        start_date=write_day(period.start_date),
        recorded_time=write_instant(version.recorded_time),
        document_number=period.document_number,
    )
    if period.end_date is not None:
        message.end_date.CopyFrom(write_day(period.end_date))
    if version.superseded_time is not None:
        message.superseded_time.CopyFrom(write_instant(version.superseded_time))
    return message


def _succession(succession: Succession) -> enterprise_pb2.Succession:
    return enterprise_pb2.Succession(
        predecessor_id=name_of(ENTERPRISE, succession.predecessor_id),
        successor_id=name_of(ENTERPRISE, succession.successor_id),
        effective_date=write_day(succession.effective_date),
        kind=wire_code(succession.kind),
    )
