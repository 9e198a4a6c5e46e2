"""Portals: for whom they may act, and that nobody else is within their reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from google.protobuf.message import Message

from safetycredit.scoring.v1.grade_service_pb2 import GetCreditGradeRequest
from safetycredit.scoring.v1.list_service_pb2 import RecordStatementRequest
from safetycredit.type.v1.subject_pb2 import SubjectRef
from services.common.identity import Caller, Role
from services.common.portals import (
    Named,
    OtherSubjectError,
    PortalGate,
    PortalNotBoundError,
    bound_to,
    is_bound,
)

OWN = "91110105YY00000289"


@dataclass
class KnownSubjects:
    """Knows a few names; implements `SubjectFinder`.

    Attributes:
        tokens: What was asked for.
    """

    tokens: list[str] = field(default_factory=list)

    def __call__(self, named: Sequence[Named], *, token: str) -> Sequence[Sequence[str]]:
        """Give what the name is known for."""
        self.tokens.append(token)
        return [
            KNOWN.get(one.credit_code if isinstance(one, SubjectRef) else str(one), ())
            for one in named
        ]


KNOWN: Mapping[str, tuple[str, ...]] = {
    OWN: ("e-1",),
    "e-1": ("e-1",),
    "p-2": ("p-2",),
    "91110110MA00000002": ("e-3",),
    # A case of the enterprise, with a person listed beside it; and one of another enterprise.
    "c-1": ("e-1", "p-2"),
    "c-3": ("e-3",),
}


def portal(subject: str = "", on_behalf_of: str = "", *roles: Role) -> Caller:
    """Make a portal."""
    return Caller(
        identity="portal",
        roles=frozenset({Role.ENTERPRISE_PORTAL, *roles}),
        subject=subject,
        on_behalf_of=on_behalf_of,
    )


def gate(*fields: str) -> PortalGate:
    """Make the gate of an RPC that portals and auditors may call."""
    roles = frozenset({Role.ENTERPRISE_PORTAL, Role.AUDITOR})
    return PortalGate("a.B/C", roles, fields, KnownSubjects())


@pytest.mark.parametrize(
    ("caller", "own"),
    [
        pytest.param(portal(OWN), OWN, id="of-one-enterprise"),
        pytest.param(portal(OWN, OWN), OWN, id="of-one-that-says-so-again"),
        pytest.param(portal("p-2"), "p-2", id="of-one-person"),
        pytest.param(portal("*", "e-1"), "e-1", id="of-many"),
    ],
)
def test_a_portal_acts_for_its_own_or_for_whom_it_identified(caller: Caller, own: str) -> None:
    """The registration says whom; one that serves many says it with every call."""
    assert bound_to(caller) == own


@pytest.mark.parametrize(
    ("caller", "words"),
    [
        pytest.param(portal(), "register it in x-safetycredit-subject", id="registered-for-nobody"),
        pytest.param(portal("", OWN), "register it in", id="only-on-behalf"),
        pytest.param(portal("*"), "name in x-safetycredit-on-behalf-of", id="of-many-for-nobody"),
        pytest.param(portal(OWN, "e-3"), f"acts for {OWN} alone", id="of-one-for-another"),
    ],
)
def test_a_portal_that_acts_for_nobody_is_told_what_to_say(caller: Caller, words: str) -> None:
    """The refusal names the key that is missing, or whom it may act for."""
    with pytest.raises(PortalNotBoundError) as error:
        bound_to(caller)

    assert words in error.value.message


def test_a_request_about_its_own_passes_with_the_token_of_its_last_write() -> None:
    """A replica that is behind is waited for rather than believed."""
    door = gate("subject")
    request = GetCreditGradeRequest(subject={"credit_code": OWN}, token="t1")  # noqa: S106 -- a token of the store.

    door.require_own(portal(OWN), request)

    assert isinstance(door.find, KnownSubjects)
    assert door.find.tokens == ["t1"]


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(GetCreditGradeRequest(), id="about-nobody"),
        pytest.param(
            GetCreditGradeRequest(subject={"credit_code": "91110110MA00000002"}), id="another"
        ),
        pytest.param(GetCreditGradeRequest(subject={"credit_code": "nonsense"}), id="unknown"),
    ],
)
def test_a_request_about_anybody_else_is_refused(request_: Message) -> None:
    """What is unknown and what is another's are refused in the same words, which name its own."""
    with pytest.raises(OtherSubjectError) as error:
        gate("subject").require_own(portal(OWN), request_)

    assert error.value.message == (
        f"this portal acts for {OWN} in this call, so by subject the request must be about {OWN},"
        " which must be registered"
    )


def test_a_portal_of_somebody_unknown_reaches_nothing() -> None:
    """Two names of which nothing is known are not the same subject."""
    unregistered = "91110105YY00000879"
    request = GetCreditGradeRequest(subject={"credit_code": unregistered})

    with pytest.raises(OtherSubjectError):
        gate("subject").require_own(portal(unregistered), request)


@pytest.mark.parametrize(
    ("own", "party", "case", "passes"),
    [
        pytest.param("e-1", "", "c-1", True, id="its-case"),
        pytest.param("e-1", "e-1", "c-1", True, id="its-case-as-party"),
        pytest.param("p-2", "p-2", "c-1", True, id="a-person-in-the-case-of-its-unit"),
        pytest.param("p-2", "", "c-1", False, id="a-person-for-every-party"),
        pytest.param("e-1", "p-2", "c-1", False, id="for-its-person"),
        pytest.param("p-2", "e-1", "c-1", False, id="a-person-for-its-unit"),
        pytest.param("e-1", "", "c-3", False, id="another-case"),
        pytest.param("e-1", "e-1", "c-3", False, id="itself-in-another-case"),
        pytest.param("e-1", "e-1", "", True, id="itself-in-no-case"),
    ],
)
def test_of_several_fields_the_first_decides_and_the_others_agree(
    own: str, party: str, case: str, *, passes: bool
) -> None:
    """A case concerns its parties; who speaks in it for all of them is its subject."""
    request = RecordStatementRequest(case_id=case, party_subject_id=party)
    door = gate("party_subject_id", "case_id")

    try:
        door.require_own(portal(own), request)
        passed = True
    except OtherSubjectError:
        passed = False

    assert passed is passes


@pytest.mark.parametrize(
    ("caller", "binds"),
    [
        pytest.param(portal(OWN), True, id="portal-alone"),
        pytest.param(portal(OWN, "", Role.AUDITOR), False, id="auditor-too"),
        # What opens other doors does not open this one.
        pytest.param(portal(OWN, "", Role.INSURER), True, id="insurer-too"),
        pytest.param(Caller(identity="li", roles=frozenset({Role.AUDITOR})), False, id="no-portal"),
    ],
)
def test_a_caller_whom_another_role_lets_in_is_not_bound(caller: Caller, *, binds: bool) -> None:
    """The role of a portal is bound, not the person behind it."""
    assert gate("subject").binds(caller) is binds


def test_what_is_public_binds_nobody() -> None:
    """Everybody may ask, and so may a portal."""
    assert is_bound(frozenset({Role.ENTERPRISE_PORTAL, Role.AUDITOR}))
    assert not is_bound(frozenset({Role.ENTERPRISE_PORTAL, Role.PUBLIC}))
    assert not is_bound(frozenset({Role.AUDITOR}))
