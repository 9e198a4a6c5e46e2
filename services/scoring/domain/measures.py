"""Measures (惩戒和激励措施): the catalogue, and which of them may be used on which list and day."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from services.common.errors import Category, SafetyCreditError
from services.scoring.domain.list_entry import ListKey, ListKind


class MeasureUnknownError(SafetyCreditError):
    """The catalogue has no such measure."""

    reason = "MEASURE_UNKNOWN"
    category = Category.NOT_FOUND


class MeasureNotAllowedError(SafetyCreditError):
    """No edition of the national list in force on the day allows the measure there."""

    reason = "MEASURE_NOT_ALLOWED"
    category = Category.PRECONDITION


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalSource:
    """Where a measure, or its place in an edition, comes from.

    Attributes:
        instrument: Title of the instrument.
        document_number: Its document number; empty where none was seen.
        article: Article, paragraph and item.
        publish_date: Day of publication; none if unknown.
        effective_date: Day from which it is in force; none if unknown.
        checked_date: Day on which somebody last compared it.
        confidence: ``text-seen``, ``secondary`` or ``assumed``.
    """

    instrument: str
    document_number: str
    article: str
    publish_date: date | None
    effective_date: date | None
    checked_date: date
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One edition of 全国失信惩戒措施基础清单, in force on ``[start_date, end_date)``.

    Attributes:
        edition: Its year.
        start_date: First day in force.
        end_date: Day after the last; none while it has no end.
        source: Where it was published.
    """

    edition: str
    start_date: date
    end_date: date | None
    source: LegalSource

    def in_force(self, day: date) -> bool:
        """Say whether it was in force on a day."""
        return self.start_date <= day < (self.end_date or date.max)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """That an edition has a measure.

    Attributes:
        edition: The edition.
        item: Item of the edition.
        confidence: How well that is sourced.
    """

    edition: str
    item: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measure of the catalogue.

    Attributes:
        code: Stable code.
        zh: Chinese wording.
        en: English wording.
        kind: Kind of the lists whose entries may carry it.
        fields: Numbers of their fields.
        persons: Whether it can be used on persons.
        start_date: First day on which its own basis allows it.
        end_date: Day after the last; none while it has no end.
        basis: Its own legal basis.
        allowances: Editions of the national list that have it; an incentive needs none.
    """

    code: str
    zh: str
    en: str
    kind: ListKind
    fields: frozenset[int]
    persons: bool
    start_date: date
    end_date: date | None
    basis: tuple[LegalSource, ...]
    allowances: tuple[Allowance, ...]

    def in_force(self, day: date) -> bool:
        """Say whether its own basis allowed it on a day."""
        return self.start_date <= day < (self.end_date or date.max)


@dataclass(frozen=True, slots=True)
class StandingMeasure:
    """A measure as it stands on a day.

    Attributes:
        measure: The measure.
        edition: Edition in force that has it; none for an incentive, or where none has it.
        allowed: Whether an entry may be given it on the day.
    """

    measure: Measure
    edition: Edition | None
    allowed: bool


@dataclass(frozen=True, slots=True)
class MeasureCatalogue:
    """Every measure, and the editions of the national list.

    Attributes:
        measures: Measures by their codes, in the order of the file.
        editions: Editions, oldest first.
        digest: Digest of the file.
    """

    measures: Mapping[str, Measure]
    editions: tuple[Edition, ...]
    digest: str = ""

    def measure(self, code: str) -> Measure:
        """Give a measure.

        Raises:
            MeasureUnknownError: There is none of this code.
        """
        if code not in self.measures:
            raise MeasureUnknownError(
                f"the catalogue has no measure {code}; see ListMeasures", measure=code
            )
        return self.measures[code]

    def standing(self, code: str, day: date) -> StandingMeasure:
        """Say how a measure stands on a day.

        Raises:
            MeasureUnknownError: There is none of this code.
        """
        measure = self.measure(code)
        edition = self._edition_of(measure, day)
        needed = measure.kind is ListKind.BLACKLIST
        allowed = measure.in_force(day) and (edition is not None or not needed)
        return StandingMeasure(measure, edition, allowed)

    def require_allowed(
        self, codes: Iterable[str], list_key: ListKey, day: date, *, person: bool = False
    ) -> None:
        """Refuse measures that a decision of a day may not give an entry of a list.

        Args:
            codes: Codes of the measures.
            list_key: The list.
            day: Day of the decision.
            person: Whether the entry is of a person.

        Raises:
            MeasureUnknownError: The catalogue has no such measure.
            MeasureNotAllowedError: It is for other lists or for enterprises only, its basis is
                not in force, or the edition of the national list in force on the day lacks it.

        Source:
            国办发〔2020〕49号: measures only from the list in force (清单制管理、过惩相当).
        """
        for code in codes:
            standing = self.standing(code, day)
            why = self._objection(standing, list_key, day, person=person)
            if why:
                raise MeasureNotAllowedError(
                    f"measure {code} {why} on {day}",
                    measure=code,
                    day=day,
                    list_kind=list_key.kind.name.lower(),
                    field=list_key.field,
                )

    def allowed(self, list_key: ListKey, day: date, *, person: bool) -> tuple[str, ...]:
        """Give the measures that a decision of a day may give an entry, in the file's order."""
        return tuple(
            code
            for code in self.measures
            if not self._objection(self.standing(code, day), list_key, day, person=person)
        )

    def fitting(self, codes: Container[str], *, person: bool) -> tuple[str, ...]:
        """Give those of some measures that are for an enterprise, or a person, in its order."""
        return tuple(
            code
            for code, measure in self.measures.items()
            if code in codes and (measure.persons or not person)
        )

    def edition_on(self, day: date) -> Edition | None:
        """Give the edition of the national list in force on a day; none before the first."""
        return next((one for one in self.editions if one.in_force(day)), None)

    def _edition_of(self, measure: Measure, day: date) -> Edition | None:
        edition = self.edition_on(day)
        has = {one.edition for one in measure.allowances}
        return edition if edition is not None and edition.edition in has else None

    def _objection(
        self, standing: StandingMeasure, list_key: ListKey, day: date, *, person: bool
    ) -> str:
        measure = standing.measure
        if measure.kind is not list_key.kind:
            return f"is for entries of a {measure.kind.name.lower()}"
        if list_key.field not in measure.fields:
            return f"is not for field {list_key.field}"
        if person and not measure.persons:
            return "is not for persons"
        if not measure.in_force(day):
            return "has no legal basis in force"
        if not standing.allowed:
            edition = self.edition_on(day)
            said = f"edition {edition.edition}" if edition else "no edition"
            return f"is not in the national list of measures ({said} is in force)"
        return ""
