"""Enterprises and their periods as rows and pairs."""

from cli.display.wording import code, day, identity, instant
from safetycredit.credit.v1.enterprise_pb2 import (
    Activity,
    Enterprise,
    EnterpriseKind,
    EnterpriseProfile,
    EnterpriseState,
    EnterpriseVersion,
    GroupMembership,
)
from safetycredit.type.v1.field_pb2 import Field


def describe_enterprise(enterprise: Enterprise) -> list[tuple[str, str]]:
    """Give everything about an enterprise but its history."""
    profile = enterprise.profile
    pairs = [
        ("enterprise", enterprise.enterprise_id),
        ("identity", identity(enterprise.credit_code, enterprise.local_identity)),
        ("name", profile.name),
        ("division", profile.division),
        ("industry", profile.industry),
        ("fields", _fields(profile)),
        ("kind", code(EnterpriseKind.DESCRIPTOR, profile.kind)),
        ("headcount", str(profile.headcount) if profile.HasField("headcount") else ""),
        ("founded", day(profile.founding_date)),
        ("activities", ", ".join(code(Activity.DESCRIPTOR, one) for one in profile.activities)),
        ("state", code(EnterpriseState.DESCRIPTOR, enterprise.state)),
    ]
    pairs.extend(
        (
            code(EnterpriseState.DESCRIPTOR, one.kind),
            f"{one.predecessor_id} → {one.successor_id} from {day(one.effective_date)}",
        )
        for one in enterprise.successions
    )
    pairs.extend(
        ("group", f"{one.member_id} in {one.group_id} {_days(one)} ({one.membership_id})")
        for one in enterprise.memberships
    )
    return pairs


def describe_membership(membership: GroupMembership) -> list[tuple[str, str]]:
    """Give everything about a membership in a group."""
    return [
        ("membership", membership.membership_id),
        ("group", membership.group_id),
        ("member", membership.member_id),
        ("from", day(membership.start_date)),
        ("until before", day(membership.end_date)),
        ("document", membership.document_number),
        ("issued by", membership.authority),
    ]


def enterprise_row(enterprise: Enterprise) -> tuple[str, ...]:
    """Give the most important about an enterprise."""
    profile = enterprise.profile
    return (
        enterprise.enterprise_id,
        identity(enterprise.credit_code, enterprise.local_identity),
        profile.name,
        profile.division,
        profile.industry,
        _fields(profile),
        code(EnterpriseState.DESCRIPTOR, enterprise.state),
    )


def version_row(version: EnterpriseVersion) -> tuple[str, ...]:
    """Give one period of an enterprise's history."""
    return (
        day(version.start_date),
        day(version.end_date),
        version.profile.name,
        version.profile.division,
        code(EnterpriseState.DESCRIPTOR, version.state),
        version.document_number,
        instant(version.recorded_time),
        instant(version.superseded_time),
    )


# Private functions -----------------------------------------------------------


def _days(membership: GroupMembership) -> str:
    first = f"from {day(membership.start_date)}"
    ended = membership.HasField("end_date")
    return f"{first} until before {day(membership.end_date)}" if ended else first


def _fields(profile: EnterpriseProfile) -> str:
    return ", ".join(code(Field.DESCRIPTOR, one) for one in profile.fields)
