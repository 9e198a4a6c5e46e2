"""Issue a signed statement of an enterprise's credit grade and standing with the lists."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, time
from uuid import UUID

from services.common.clock import CIVIL_ZONE
from services.common.errors import FieldViolation, InvalidInputError
from services.common.once import Answer, WriteCall, write_once
from services.common.tokens import StorePoint
from services.scoring.commands.answers import Grade, GradeAnswer, PolicyChoice
from services.scoring.commands.grades.get_credit_grade import GetCreditGrade
from services.scoring.commands.lists.get_list_status import GetListStatus
from services.scoring.commands.policies.policy_library import CompiledVersion
from services.scoring.commands.standpoint import Standpoint
from services.scoring.commands.statements.statement_ports import (
    Signer,
    StatementStore,
    StatementWriting,
)
from services.scoring.domain.errors import PolicyNotInForceError, StatementWithoutGradeError
from services.scoring.domain.statement import (
    IssuedStatement,
    StatedPolicy,
    StatedStanding,
    Statement,
    expiry_of,
)
from services.scoring.domain.subject import SubjectRef

DEFAULT_ISSUER = "safetycredit"
"""Issuer where the caller acts for no authority."""


@dataclass(frozen=True, slots=True)
class StatementAsked:
    """What is to be stated.

    Attributes:
        ref: The enterprise.
        standpoint: Where to read.
        choice: Which grade, of which field.
    """

    ref: SubjectRef
    standpoint: Standpoint
    choice: PolicyChoice


@dataclass(frozen=True, slots=True)
class IssuedAnswer:
    """A statement as issued.

    Attributes:
        statement: What it says.
        key_id: Key that signed it.
        signed_statement: The statement itself.
        point: Point of the store that includes it.
    """

    statement: Statement
    key_id: str
    signed_statement: str
    point: StorePoint


@dataclass(frozen=True, slots=True)
class IssueCreditStatement:
    """Issues statements.

    Attributes:
        store: Where statements are kept.
        grades: Gives grades.
        lists: Gives standings.
        signer: Signs.
        validity_days: Days for which a statement may be relied on.
        new_id: Makes identifiers that nobody can guess.
    """

    store: StatementStore
    grades: GetCreditGrade
    lists: GetListStatus
    signer: Signer
    validity_days: int
    new_id: Callable[[], UUID]

    def __call__(self, call: WriteCall[IssuedAnswer], asked: StatementAsked) -> Answer:
        """Issue one.

        Raises:
            InvalidInputError: The day has not come yet.
            SubjectUnknownError: The enterprise was not known.
            StatementWithoutGradeError: It has no grade.
            SafetyCreditError: As the grade's and the lists' commands say, or there is no key.
        """
        if asked.standpoint.as_of > call.today:
            message = "state a day that has come"
            raise InvalidInputError([FieldViolation("as_of", "DATE_IN_FUTURE", message)])

        def work(write: StatementWriting) -> IssuedAnswer:
            graded = self.grades(asked.ref, asked.standpoint, choice=asked.choice, explained=False)
            statement = self._statement(call, asked, graded)
            payload = json.dumps(
                statement.claims(), ensure_ascii=False, sort_keys=True, separators=(",", ":")
            )
            signed = self.signer.sign(payload.encode())
            issued = IssuedStatement(
                statement_id=statement.statement_id,
                subject_id=graded.grade.subject.subject_id,
                field=statement.field,
                as_of=statement.as_of,
                issue_time=statement.issue_time,
                expiry_time=statement.expiry_time,
                key_id=signed.key.key_id,
                signed_statement=signed.text,
            )
            write.statements.add(issued, signed.key)
            return IssuedAnswer(statement, signed.key.key_id, signed.text, write.point)

        return write_once(self.store, call, work)

    # Private methods -------------------------------------------------------------

    def _statement(
        self, call: WriteCall[IssuedAnswer], asked: StatementAsked, graded: GradeAnswer
    ) -> Statement:
        grade, basis = graded.grade, graded.basis
        if not grade.grade:
            raise StatementWithoutGradeError(
                "the enterprise has no grade on the day, so there is nothing to state; see why with"
                " GetCreditGrade",
                as_of=basis.as_of,
            )
        now = call.now.replace(microsecond=0)
        known = Standpoint(as_of=basis.as_of, known_at=basis.point.recorded_time)
        return Statement(
            statement_id=str(self.new_id()),
            issuer=call.caller.authority or DEFAULT_ISSUER,
            enterprise_id=grade.subject.identifier,
            credit_code=grade.subject.credit_code,
            grade=grade.grade,
            grade_rank=grade.rank,
            grade_policy=_stated(basis.policy),
            standings=self._standings(replace(asked, standpoint=known)),
            field=asked.choice.field,
            as_of=basis.as_of,
            known_at=basis.point.recorded_time,
            issue_time=now,
            expiry_time=expiry_of(now, days=self.validity_days, grade_end=_grade_end(grade)),
        )

    def _standings(self, asked: StatementAsked) -> tuple[StatedStanding, ...]:
        """Give where the enterprise stands; nothing where the field has no list."""
        try:
            found = self.lists(asked.ref, asked.standpoint, field=asked.choice.field)
        except PolicyNotInForceError:
            return ()
        return tuple(
            StatedStanding(_stated(one.basis.policy), one.standing.name.lower()) for one in found
        )


# Private functions -----------------------------------------------------------


def _stated(version: CompiledVersion) -> StatedPolicy:
    return StatedPolicy(version.policy.policy_id, version.version.version, version.digest)


def _grade_end(grade: Grade) -> datetime | None:
    """Give the instant at which a grade would change by time alone."""
    day = grade.valid_until_date
    return None if day is None else datetime.combine(day, time(), CIVIL_ZONE)
