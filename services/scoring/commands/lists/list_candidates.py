"""List the candidates of one list policy: found by rule, listed by nobody yet."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scoring.commands.answers import Basis
from services.scoring.commands.evaluating import CANDIDATE, Outcome
from services.scoring.commands.lists.get_list_status import (
    LIST,
    ListStatus,
    list_status,
    with_entry,
)
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.commands.ports import Store
from services.scoring.commands.scanning import Search, scan
from services.scoring.commands.standpoint import PageRequest, Standpoint, reading_page
from services.scoring.domain.viewpoint import EnterpriseFilter


@dataclass(frozen=True, slots=True)
class CandidatePage:
    """A page of candidates.

    Attributes:
        candidates: Candidates in order of their numbers, with their reasons.
        next_token: Token of the next page; empty on the last.
        basis: What they stand on.
    """

    candidates: tuple[ListStatus, ...]
    next_token: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class ListCandidates:
    """Lists the enterprises and persons that meet a circumstance of a list.

    Attributes:
        store: Where facts are stored.
        library: The policies.
    """

    store: Store
    library: PolicyLibrary

    def __call__(
        self,
        policy_id: str,
        standpoint: Standpoint,
        *,
        wanted: EnterpriseFilter,
        page: PageRequest,
    ) -> CandidatePage:
        """Read a page.

        Raises:
            PolicyUnknownError: There is no such list policy.
            PolicyNotInForceError: It is not in force on the day.
            PageOfAnotherPolicyError: It has been replaced since the page before.
            SafetyCreditError: As `reading_page` says.
        """
        with reading_page(self.store, standpoint, page) as opened:
            as_of = opened.at.as_of
            library = self.library.at(opened.at.revision)
            pinned = library.named(LIST, policy_id, version="", as_of=as_of)
            opened.require_digest(pinned.digest)
            search = Search(
                # A filter on enterprises leaves persons out.
                wanted=wanted,
                persons=not wanted.narrows,
                matching=_candidates,
            )
            stretch = scan(opened, pinned, search=search, size=page.size)
            numbers = [one.subject_id for one in stretch.found]
            subjects = opened.reading.subjects.by_number(numbers, opened.at)
            listed = opened.reading.listed.in_force(numbers, opened.at)
            basis = Basis.of(pinned, as_of, opened.point)
            last = stretch.next_after
            statuses = (
                list_status(
                    one.outcome, one.position, subject=subjects[one.subject_id], basis=basis
                )
                for one in stretch.found
            )
            return CandidatePage(
                candidates=tuple(with_entry(status, listed) for status in statuses),
                next_token="" if last is None else opened.next_token(last, pinned.digest),
                basis=basis,
            )


# Private functions -----------------------------------------------------------


def _candidates(outcome: Outcome) -> NDArray[np.bool_]:
    statuses = outcome.pinned.plan.statuses
    if CANDIDATE not in statuses:
        return np.zeros(outcome.evaluation.size, dtype=np.bool_)
    number = statuses.index(CANDIDATE) + 1
    return np.equal(outcome.evaluation.status_numbers(), number)
