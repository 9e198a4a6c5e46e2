"""That everybody who is listed is named: nobody's name stands in for another's."""

from collections.abc import Iterable

from services.scoring.domain.list_case import ListCase, Step
from services.scoring.domain.list_errors import ContentMissingError
from services.scoring.domain.list_next_step import step_name
from services.scoring.domain.subject import Subject


def require_names(case: ListCase, step: Step, listed: Iterable[Subject]) -> None:
    """Refuse to list somebody without a name, where the procedure wants names in the decision.

    Args:
        case: The case.
        step: The decision, or its publication.
        listed: Who is listed.

    Raises:
        ContentMissingError: Names the parties.

    Source:
        国办发〔2020〕49号 item 8 by the procedure's ``decision_contents``.
    """
    nameless = [one.identifier for one in listed if not one.known_name]
    if not nameless or "name" not in case.procedure.words("decision_contents"):
        return
    clause = case.procedure.citation("decision_contents")
    raise ContentMissingError(
        f"{step_name(step.kind)} lacks name for {', '.join(nameless)} ({clause}); record it first",
        step=step_name(step.kind),
        missing="name",
        party_subject_ids=",".join(nameless),
        clause=clause,
    )
