"""Headers and bodies of records as drafts, for all kinds alike."""

from collections.abc import Mapping
from typing import Any, Final, NoReturn

from google.protobuf.message import Message

from safetycredit.credit.v1 import record_pb2
from services.common.errors import FieldViolation
from services.credit.commands.ports import Codes
from services.credit.domain.codes import INSURANCE_KINDS, RecordKind
from services.credit.domain.insurance_rules import INSURER_RULES
from services.credit.domain.record import BODIES, Body, Header, RecordDraft
from services.credit.domain.record_rules import BODY_RULES, HEADER_RULES
from services.credit.domain.rules import EVENT_DATE, Moment, violations_of
from services.credit.domain.subject import EnterpriseId, EnterpriseRef, PersonId, SubjectRef
from services.credit.handlers.decoding import MessageDecoder, Reader, within
from services.credit.handlers.subject_refs import read_credit_code, read_subject
from services.credit.handlers.wire_values import WireError, read_division

BODY_MESSAGES: Final[Mapping[RecordKind, type[Message]]] = {
    kind: type(getattr(record_pb2.RecordBody(), kind.label)) for kind in RecordKind
}
"""The message of each kind."""

# Kinds of violations that no code fits; policies/vocabulary.yaml has it.
_OTHER_VIOLATION: Final = "other"
_NOBODY: Final[EnterpriseRef] = EnterpriseId(0)


class DraftDecoder:
    """Reads what somebody wants recorded, and names every field that is wrong."""

    def __init__(self, codes: Codes) -> None:
        """Prepare a decoder for every kind.

        Args:
            codes: The open sets of codes.
        """

        def read_violation_code(code: str) -> int:
            number = codes.violation_number(code)
            if number is None:
                raise WireError(
                    "VIOLATION_CODE_UNKNOWN",
                    f'give a violation_code of the vocabulary, or "{_OTHER_VIOLATION}"',
                )
            return number

        self._header = MessageDecoder(
            Header,
            record_pb2.RecordHeader,
            readers={"authority_code": read_credit_code, "division": read_division},
        )
        readers: dict[str, Reader] = {"violation_code": read_violation_code, "level": _refuse_level}
        other = codes.violation_number(_OTHER_VIOLATION)
        assert other is not None, "the vocabulary has a code for what no code fits"
        defaults: dict[RecordKind, dict[str, Any]] = {
            RecordKind.PENALTY: {"violation_code": other},
            # A number of none is sent as nothing at all, and refused for what it is.
            RecordKind.INSURANCE_POLICY: {"insured_headcount": 0},
            RecordKind.PREVENTION_PLAN: {"service_count": 0},
        }
        self._bodies: dict[RecordKind, MessageDecoder[Body]] = {
            kind: MessageDecoder(
                body,
                BODY_MESSAGES[kind],
                # The level of a hazard is stated, that of an accident derived.
                readers=readers if kind is not RecordKind.HAZARD else None,
                defaults=defaults.get(kind),
            )
            for kind, body in BODIES.items()
        }

    def decode(
        self,
        header: record_pb2.RecordHeader,
        body: Message | None,
        *,
        path: str,
        moment: Moment,
    ) -> tuple[RecordDraft | None, list[FieldViolation]]:
        """Read a header and a body.

        Args:
            header: The header; an empty one lacks what is required.
            body: The message of the kind; none if the request has none.
            path: Path of the body in the request.
            moment: When the request is judged.

        Returns:
            The draft and no violations; or no draft, and everything that is wrong.
        """
        violations: list[FieldViolation] = []
        subject: SubjectRef = _NOBODY
        try:
            subject = read_subject(header.subject)
        except WireError as error:
            violations.append(
                FieldViolation(f"header.subject{error.within}", error.reason, error.message)
            )
        decoded = self._header.decode(header)
        event_date = decoded.value.event_date
        moment = Moment(now=moment.now, today=moment.today, event_date=event_date)
        violations += within("header", decoded.judged(HEADER_RULES, moment))
        if body is None:
            violations.append(FieldViolation(path, "REQUIRED", "give it"))
            return None, violations
        kind = _KINDS_OF_MESSAGES[type(body)]
        if kind in INSURANCE_KINDS:
            broken = violations_of(decoded.value, INSURER_RULES, moment, faulty=decoded.faulty)
            violations += within("header", broken)
            if isinstance(subject, PersonId):
                violations.append(_UNINSURABLE)
        said = self._bodies[kind].decode(body)
        undated = decoded.faulty & {EVENT_DATE}
        violations += within(path, said.judged(BODY_RULES[kind], moment, faulty=undated))
        if violations:
            return None, violations
        return RecordDraft(subject=subject, header=decoded.value, body=said.value), violations


def body_of(body: record_pb2.RecordBody) -> tuple[Message | None, str]:
    """Give the message of the kind that a body is of, and its path; nothing if it is of none."""
    which = body.WhichOneof("kind")
    return (getattr(body, which), _PATHS[which]) if which else (None, "body")


# Private functions -----------------------------------------------------------

_UNINSURABLE: Final = FieldViolation(
    "header.subject.person_id", "NOT_AN_ENTERPRISE", "name the insured enterprise"
)
_PATHS: Final = {kind.label: f"body.{kind.label}" for kind in RecordKind}
_KINDS_OF_MESSAGES: Final = {message: kind for kind, message in BODY_MESSAGES.items()}


def _refuse_level(_level: int) -> NoReturn:
    raise WireError("LEVEL_NOT_ACCEPTED", "leave it out: it follows from deaths, injuries and loss")
