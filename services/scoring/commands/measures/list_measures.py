"""List the catalogue of measures as it stands on a day."""

from dataclasses import dataclass
from datetime import date

from services.scoring.domain.list_entry import ListKind
from services.scoring.domain.measures import MeasureCatalogue, StandingMeasure


@dataclass(frozen=True, slots=True)
class CatalogueAnswer:
    """The catalogue on a day.

    Attributes:
        measures: Measures in the order of the file.
        edition: Year of the edition in force; empty before the first.
        catalogue: The catalogue.
    """

    measures: tuple[StandingMeasure, ...]
    edition: str
    catalogue: MeasureCatalogue


@dataclass(frozen=True, slots=True)
class ListMeasures:
    """Lists measures.

    Attributes:
        catalogue: The catalogue.
    """

    catalogue: MeasureCatalogue

    def __call__(
        self, kind: ListKind | None, field: int, *, allowed: bool, as_of: date
    ) -> CatalogueAnswer:
        """Give the measures of lists.

        Args:
            kind: Kind of the lists; none for both.
            field: Number of their field; 0 for all.
            allowed: Whether to leave out what may not be used on the day.
            as_of: The day.
        """
        standing = (self.catalogue.standing(code, as_of) for code in self.catalogue.measures)
        edition = self.catalogue.edition_on(as_of)
        return CatalogueAnswer(
            tuple(
                one
                for one in standing
                if (kind is None or one.measure.kind is kind)
                and (not field or field in one.measure.fields)
                and (one.allowed or not allowed)
            ),
            edition.edition if edition else "",
            self.catalogue,
        )
