"""GradeService: credit grades with their reasons."""

from dataclasses import dataclass, field
from typing import Final

from safetycredit.scoring.v1 import grade_service_pb2 as pb
from services.common.call_context import CallContext
from services.common.calls import Handler
from services.common.errors import SafetyCreditError
from services.common.tokens import StorePoint, StoreToken
from services.scoring.commands.answers import GradeAnswer, PolicyChoice
from services.scoring.commands.grades.batch_get_credit_grades import (
    BatchGetCreditGrades,
    GradedBy,
)
from services.scoring.commands.grades.get_credit_grade import GetCreditGrade
from services.scoring.commands.grades.list_credit_grades import GradesWanted, ListCreditGrades
from services.scoring.handlers.answer_parts import (
    CivilDays,
    Tails,
    answer_body,
    answer_tail,
    question_of,
)
from services.scoring.handlers.messages import (
    basis_message,
    grade_message,
    point_message,
    policy_ref_message,
)
from services.scoring.handlers.requests import (
    BatchGetCreditGradesRules,
    GetCreditGradeRules,
    ListCreditGradesRules,
    PageLimits,
    page_of,
)
from services.scoring.handlers.warm_answers import WarmAnswer, WarmAnswers
from services.scoring.handlers.wire_values import write_day

_DEFAULT_FIELD: Final = 1
"""Number of the field that is meant when none is given: work safety."""


@dataclass(frozen=True, slots=True)
class GradeHandlers:
    """Answers the calls of GradeService.

    Attributes:
        get_grade: Grades one enterprise.
        batch_get_grades: Grades many.
        list_grades: Lists grades.
        warm: Answers of GetCreditGrade kept in memory.
        limits: How many grades a page holds.
    """

    get_grade: GetCreditGrade
    batch_get_grades: BatchGetCreditGrades
    list_grades: ListCreditGrades
    warm: WarmAnswers
    limits: PageLimits
    _tails: Tails = field(init=False, default_factory=Tails)
    _days: CivilDays = field(init=False, default_factory=CivilDays)

    def by_name(self) -> dict[str, Handler]:
        """Give the handlers by the names of their methods."""
        return {
            "GetCreditGrade": self.get_credit_grade,
            "BatchGetCreditGrades": self.batch_get_credit_grades,
            "ListCreditGrades": self.list_credit_grades,
        }

    async def get_credit_grade(
        self, request: pb.GetCreditGradeRequest, context: CallContext
    ) -> bytes:
        """Grade one enterprise, from memory where nothing was written about it."""
        if request.HasField("known_at"):
            answer = await self._graded(request, context)
            return answer_body(answer) + answer_tail(answer.basis.point)
        key = self._days.key(context.clock.now()) + question_of(request, context.request_bytes)
        kept = await self._kept(key, request.token)
        if kept is None and await self.warm.made_by_another(key):
            kept = await self._kept(key, request.token)
        if kept is not None:
            return kept
        with self.warm.making(key):
            answer = await self._graded(request, context)
            body, made_at = answer_body(answer), answer.basis.point
            subject_id = answer.grade.subject.subject_id
            self.warm.keep(key, WarmAnswer(subject_id, made_at.revision, body))
        return body + answer_tail(made_at)

    async def batch_get_credit_grades(
        self, request: pb.BatchGetCreditGradesRequest, context: CallContext
    ) -> pb.BatchGetCreditGradesResponse:
        """Grade many enterprises at one point of the store."""
        rules = BatchGetCreditGradesRules.read(request)
        answer = await context.run_command(
            self.batch_get_grades,
            rules.subjects,
            rules.standpoint(context.clock),
            choice=PolicyChoice(
                policy_id=rules.policy_id,
                version=rules.policy_version,
                field=rules.field or _DEFAULT_FIELD,
            ),
        )
        return pb.BatchGetCreditGradesResponse(
            results=[_batch_grade(result) for result in answer.results],
            as_of=write_day(answer.as_of),
            point=point_message(answer.point),
        )

    async def list_credit_grades(
        self, request: pb.ListCreditGradesRequest, context: CallContext
    ) -> pb.ListCreditGradesResponse:
        """List the grades of one policy."""
        rules = ListCreditGradesRules.read(request, self.limits)
        page = await context.run_command(
            self.list_grades,
            GradesWanted(
                policy_id=rules.policy_id,
                version=rules.policy_version,
                enterprises=rules.filter(),
                grades=rules.grades,
            ),
            rules.standpoint(context.clock),
            page_of(request, rules, method=context.method),
        )
        return pb.ListCreditGradesResponse(
            grades=[grade_message(grade) for grade in page.grades],
            next_page_token=page.next_token,
            basis=basis_message(page.basis),
        )

    async def _kept(self, key: bytes, token: str) -> bytes | None:
        """Give the answer that is in memory, if it is good now and for the token."""
        point = await self.warm.point()
        if token and not _reached(token, point):
            return None
        answer = self.warm.find(key)
        return None if answer is None else answer.body + self._tails.of(point)

    async def _graded(self, request: pb.GetCreditGradeRequest, context: CallContext) -> GradeAnswer:
        rules = GetCreditGradeRules.read(request)
        return await context.run_command(
            self.get_grade,
            rules.subject,
            rules.standpoint(context.clock),
            choice=PolicyChoice(
                policy_id=rules.policy_id,
                version=rules.policy_version,
                field=rules.field or _DEFAULT_FIELD,
            ),
            explained=rules.explain,
        )


# Private functions -----------------------------------------------------------


def _reached(token: str, point: StorePoint) -> bool:
    """Say whether a point is not before a token; a store that lags is waited for elsewhere."""
    return StoreToken.decode(token, store_id=point.store_id).revision <= point.revision


def _batch_grade(result: GradedBy | SafetyCreditError) -> pb.BatchGrade:
    if isinstance(result, SafetyCreditError):
        return pb.BatchGrade(error_reason=result.reason, error_message=result.message)
    return pb.BatchGrade(
        grade=grade_message(result.grade), policy=policy_ref_message(result.policy)
    )
