"""List what enterprises owe."""

from dataclasses import dataclass

from services.common.tokens import StorePoint
from services.engine.numbers import MISSING
from services.scoring.commands.insurance.cover_scanning import scan_rows
from services.scoring.commands.insurance.obligations import Obligations
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.commands.ports import Chunk, Store
from services.scoring.commands.standpoint import PageRequest, Standpoint, reading_page
from services.scoring.domain.insurance import ObligationClass
from services.scoring.domain.subject import Subject
from services.scoring.domain.viewpoint import EnterpriseFilter, Viewpoint


@dataclass(frozen=True, slots=True)
class ObligationRow:
    """What one enterprise owes.

    Attributes:
        subject_id: Number of the enterprise.
        owed: Class; undecided where the policy lacks data.
        floor_fen: Least limit per person; none where no policy names one.
    """

    subject_id: int
    owed: ObligationClass
    floor_fen: int | None


@dataclass(frozen=True, slots=True)
class ObligationPage:
    """A page of obligations.

    Attributes:
        rows: Enterprises in order of their numbers.
        subjects: The enterprises, in the same order.
        next_token: Token of the next page; empty on the last.
        at: Where it was read.
        point: Point of the store.
    """

    rows: tuple[ObligationRow, ...]
    subjects: tuple[Subject, ...]
    next_token: str
    at: Viewpoint
    point: StorePoint


@dataclass(frozen=True, slots=True)
class ListObligations:
    """Lists what the enterprises of a place or industry owe.

    Attributes:
        store: Where facts are stored.
        library: The policies.
    """

    store: Store
    library: PolicyLibrary

    def __call__(
        self,
        classes: frozenset[ObligationClass],
        standpoint: Standpoint,
        *,
        wanted: EnterpriseFilter,
        page: PageRequest,
    ) -> ObligationPage:
        """Read a page.

        Args:
            classes: Classes wanted; empty for all.
            standpoint: Where to read the first page.
            wanted: Filters on enterprises.
            page: Which page.

        Raises:
            PageOfAnotherPolicyError: Policies have been replaced since the page before.
            SafetyCreditError: As `reading_page` says.
        """
        with reading_page(self.store, standpoint, page) as opened:
            library = self.library.at(opened.at.revision)
            obligations = Obligations(library)
            opened.require_digest(library.digest)

            def rows_of(chunk: Chunk) -> list[ObligationRow]:
                owed = obligations.of(chunk.population, opened.at.as_of)
                return [
                    ObligationRow(
                        number, ObligationClass(number_of_class), None if fen == MISSING else fen
                    )
                    for number, number_of_class, fen in zip(
                        chunk.subject_ids.tolist(),
                        owed.classes.tolist(),
                        owed.floors_fen.tolist(),
                        strict=True,
                    )
                    if not classes or number_of_class in classes
                ]

            rows, last = scan_rows(
                opened, obligations.needs, wanted=wanted, size=page.size, rows_of=rows_of
            )
            found = opened.reading.subjects.by_number([row.subject_id for row in rows], opened.at)
            return ObligationPage(
                rows,
                tuple(found[row.subject_id] for row in rows),
                "" if last is None else opened.next_token(last, library.digest),
                opened.at,
                opened.point,
            )
