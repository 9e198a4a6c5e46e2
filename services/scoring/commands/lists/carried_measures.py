"""That every entry carries its measures: by the decision, and again by its publication."""

from collections.abc import Iterable
from dataclasses import replace

from services.scoring.domain.entry_course import HeldEntry
from services.scoring.domain.identifiers import ENTERPRISE, PERSON, name_of
from services.scoring.domain.list_case import ListCase, Step
from services.scoring.domain.list_errors import ContentMissingError
from services.scoring.domain.list_next_step import step_name
from services.scoring.domain.measures import MeasureCatalogue


def require_measures(
    catalogue: MeasureCatalogue, case: ListCase, decision: Step, *, listed: Iterable[int]
) -> None:
    """Refuse a decision that gives a measure it may not give, or gives somebody none.

    Who is listed carries a measure where the procedure wants measures in the decision, and where
    the catalogue has one for the day: before the first edition of the national list there is none.

    Args:
        catalogue: The measures.
        case: The case.
        decision: The decision.
        listed: Numbers of the parties that it lists.

    Raises:
        MeasureUnknownError: The catalogue has no such measure.
        MeasureNotAllowedError: The list, everybody who is listed, or the day rules it out.
        ContentMissingError: Names the parties that would carry no measure.
    """
    people = {party.subject_id: party.person for party in case.parties}
    persons = {number: people[number] for number in listed}
    codes, key, day = decision.measures, case.list_key, decision.day
    # A measure must be one that some listed party can carry.
    catalogue.require_allowed(codes, key, day, person=all(persons.values()))
    if "measures" not in case.procedure.words("decision_contents"):
        return
    without = [
        name_of(PERSON if person else ENTERPRISE, number)
        for number, person in persons.items()
        if not catalogue.fitting(codes, person=person)
        and catalogue.allowed(key, day, person=person)
    ]
    if without:
        clause = case.procedure.citation("decision_contents")
        raise ContentMissingError(
            f"{step_name(decision.kind)} lacks measure_codes for {', '.join(without)} ({clause});"
            " give each who is listed a measure of the catalogue, see ListMeasures",
            step=step_name(decision.kind),
            missing="measure_codes",
            party_subject_ids=",".join(without),
            clause=clause,
        )


def with_measures(catalogue: MeasureCatalogue, held: HeldEntry) -> HeldEntry:
    """Keep the measures that are for the subject, in the order of the catalogue."""
    entry = held.entry
    fitting = catalogue.fitting(entry.measures, person=entry.person)
    return replace(held, entry=replace(entry, measures=fitting))
