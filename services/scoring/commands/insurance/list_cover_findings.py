"""List the enterprises whose cover is wrong, found by rule."""

from dataclasses import dataclass

import numpy as np

from services.scoring.commands.answers import Basis
from services.scoring.commands.insurance.cover_judging import CoverFinding, CoverJudge
from services.scoring.commands.insurance.cover_scanning import scan_rows
from services.scoring.commands.ports import Chunk, Store
from services.scoring.commands.standpoint import PageRequest, Standpoint, reading_page
from services.scoring.domain.insurance import FindingKind, ObligationClass
from services.scoring.domain.subject import Subject
from services.scoring.domain.viewpoint import EnterpriseFilter


@dataclass(frozen=True, slots=True)
class FoundCover:
    """An enterprise whose cover is wrong.

    Attributes:
        subject_id: Number of the enterprise.
        owed: What it owes.
        findings: What is wrong, all of it.
    """

    subject_id: int
    owed: ObligationClass
    findings: tuple[CoverFinding, ...]


@dataclass(frozen=True, slots=True)
class FindingPage:
    """A page of findings.

    Attributes:
        rows: Enterprises in order of their numbers.
        subjects: The enterprises, in the same order.
        next_token: Token of the next page; empty on the last.
        basis: What it stands on.
    """

    rows: tuple[FoundCover, ...]
    subjects: tuple[Subject, ...]
    next_token: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class ListCoverFindings:
    """Lists enterprises whose cover is wrong.

    Attributes:
        store: Where facts are stored.
        judge: Judges covers.
    """

    store: Store
    judge: CoverJudge

    def __call__(
        self,
        kinds: frozenset[FindingKind],
        standpoint: Standpoint,
        *,
        wanted: EnterpriseFilter,
        page: PageRequest,
    ) -> FindingPage:
        """Read a page.

        Args:
            kinds: Kinds of which an enterprise must have one; empty for any.
            standpoint: Where to read the first page.
            wanted: Filters on enterprises.
            page: Which page.

        Raises:
            PolicyNotInForceError: No rules about covers were in force on the day.
            PageOfAnotherPolicyError: They have been replaced since the page before.
            SafetyCreditError: As `reading_page` says.
        """
        with reading_page(self.store, standpoint, page) as opened:
            rules = self.judge.at(opened.at.revision)
            pinned = rules.pinned(opened.at.as_of)
            opened.require_digest(pinned.digest)

            def rows_of(chunk: Chunk) -> list[FoundCover]:
                judged = rules.judge(chunk.population, opened.at)
                found = np.zeros(chunk.subject_ids.size, dtype=np.bool_)
                for kind in kinds or FindingKind:
                    found |= judged.hits(kind)
                # One more than the page holds shows that there is another page.
                return [
                    FoundCover(
                        int(chunk.subject_ids[position]),
                        ObligationClass(int(judged.obligations.classes[position])),
                        judged.findings(position),
                    )
                    for position in np.flatnonzero(found)[: page.size + 1].tolist()
                ]

            rows, last = scan_rows(
                opened, rules.needs, wanted=wanted, size=page.size, rows_of=rows_of
            )
            found = opened.reading.subjects.by_number([row.subject_id for row in rows], opened.at)
            return FindingPage(
                rows,
                tuple(found[row.subject_id] for row in rows),
                "" if last is None else opened.next_token(last, pinned.digest),
                Basis.of(pinned, opened.at.as_of, opened.point),
            )
