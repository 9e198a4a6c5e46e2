"""Responsible persons and their roles as pairs and rows; what is masked came so."""

from typing import Final

from cli.display.wording import code, day
from safetycredit.credit.v1.person_pb2 import Person, Role, RoleKind

ROLE_COLUMNS = ("role", "kind", "enterprise", "from", "until before")
ROLE_KINDS: Final = {
    "legal_representative": "法定代表人",
    "principal": "主要负责人",
    "safety_deputy": "分管安全负责人",
    "safety_manager": "安全生产管理人员",
    "directly_responsible": "直接责任人员",
    "licensed_practitioner": "注册执业人员",
    "technical_head": "技术负责人",
    "driver": "驾驶人员",
}
"""What a person can be in an enterprise, with the legal term."""


def describe_person(person: Person) -> list[tuple[str, str]]:
    """Give who a person is, as far as the caller may see it."""
    return [
        ("person", person.person_id),
        ("name", person.name),
        ("identity number", person.masked_identity_number),
    ]


def describe_role(role: Role) -> list[tuple[str, str]]:
    """Give everything about a role."""
    return list(zip(ROLE_COLUMNS, role_row(role), strict=True))


def role_row(role: Role) -> tuple[str, ...]:
    """Give a role in a line."""
    kind = code(RoleKind.DESCRIPTOR, role.kind)
    return (
        role.role_id,
        f"{kind} {ROLE_KINDS.get(kind, '')}".rstrip(),
        role.enterprise_id,
        day(role.start_date),
        day(role.end_date),
    )
