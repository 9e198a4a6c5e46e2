"""Record a change of an enterprise: rename, move, correction, closure, merger or split."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.common.errors import FieldViolation, InvalidInputError
from services.common.once import Answer, WriteCall, write_once
from services.credit.commands.personal_texts import without_names
from services.credit.commands.ports import Store, Writing
from services.credit.commands.register_enterprise import StoredEnterprise
from services.credit.commands.subjects import fields_of, find_enterprise, require_scope
from services.credit.domain.codes import EnterpriseState
from services.credit.domain.enterprise import Change, Succession, require_going_on, rewrite
from services.credit.domain.subject import EnterpriseRef, Subject


@dataclass(frozen=True, slots=True)
class UpdateEnterprise:
    """Changes an enterprise from a day on; earlier periods, and what was known, stay.

    Attributes:
        store: Where facts are stored.
    """

    store: Store

    def __call__(
        self,
        call: WriteCall[StoredEnterprise],
        ref: EnterpriseRef,
        *,
        change: Change,
        successors: Sequence[EnterpriseRef] = (),
    ) -> Answer:
        """Record the change.

        Args:
            call: Who changes, and how the answer is encoded.
            ref: The enterprise.
            change: What is different, and from when; right in itself.
            successors: Enterprises that go on; exactly one for a merger, at least one for a
                split.

        Raises:
            SubjectUnknownError: The enterprise, or a successor, is not known.
            OutOfScopeError: The caller may not write about the enterprise.
            BeforeFirstPeriodError: The enterprise was not registered on that day.
            EnterpriseEndedError: It, or a successor, was merged or closed.
            InvalidInputError: An enterprise succeeds itself, or stands twice.
        """

        def work(write: Writing) -> StoredEnterprise:
            revision = write.point.revision
            subject = find_enterprise(write.enterprises, ref, revision=revision)
            require_scope(call.caller, subject, fields=fields_of(subject), day=call.today)
            rewriting = rewrite(subject.versions, change)
            successions = _successions(write, subject, change=change, successors=successors)
            write.enterprises.rewrite(
                subject.subject_id,
                superseded_row_ids=rewriting.superseded_row_ids,
                periods=rewriting.periods,
            )
            write.enterprises.add_successions(successions)
            number = subject.subject_id
            files = write.enterprises.files([number], revision=revision, superseded=True)
            file = without_names(write, files[number])
            return StoredEnterprise(file, repeated=False, point=write.point)

        return write_once(self.store, call, work)


# Private functions -----------------------------------------------------------


def _successions(
    write: Writing, subject: Subject, *, change: Change, successors: Sequence[EnterpriseRef]
) -> list[Succession]:
    kind = change.state
    found: list[Succession] = []
    violations: list[FieldViolation] = []
    for position, ref in enumerate(successors):
        successor = find_enterprise(write.enterprises, ref, revision=write.point.revision)
        require_going_on(successor.versions)
        number = successor.subject_id
        if number == subject.subject_id:
            reason, message = "SUCCESSOR_IS_SELF", "name another enterprise than the one changed"
        elif any(one.successor_id == number for one in found):
            reason, message = "REPEATED", "name each successor once"
        else:
            assert kind in {EnterpriseState.MERGED, EnterpriseState.SPLIT}, "handlers see to it"
            found.append(
                Succession(
                    predecessor_id=subject.subject_id,
                    successor_id=number,
                    kind=EnterpriseState(kind),
                    effective_date=change.effective_date,
                )
            )
            continue
        violations.append(FieldViolation(f"successors[{position}]", reason, message))
    if violations:
        raise InvalidInputError(violations)
    return found
