"""List evaluations of insurers: the published ones for everyone."""

from dataclasses import dataclass, replace

from services.common.identity import Caller
from services.common.tokens import MalformedPageTokenError, PageScope, StorePoint
from services.scoring.commands.prevention.evaluating_insurers import acts_as_insurer, sees_all
from services.scoring.commands.prevention.evaluation_ports import EvaluationFilter, EvaluationStore
from services.scoring.commands.standpoint import PageRequest, Standpoint, reading_at
from services.scoring.domain.insurer_evaluation import Evaluation

_PARTS = len(("revision", "evaluation"))


@dataclass(frozen=True, slots=True)
class EvaluationPage:
    """A page of evaluations.

    Attributes:
        evaluations: In order of their numbers.
        next_token: Token of the next page; empty on the last.
        point: Point of the store.
    """

    evaluations: tuple[Evaluation, ...]
    next_token: str
    point: StorePoint


@dataclass(frozen=True, slots=True)
class ListInsurerEvaluations:
    """Lists evaluations that a caller may see.

    Attributes:
        store: Where evaluations are kept.
    """

    store: EvaluationStore

    def __call__(
        self,
        wanted: EvaluationFilter,
        standpoint: Standpoint,
        *,
        page: PageRequest,
        caller: Caller,
    ) -> EvaluationPage:
        """Read a page.

        Authorities see all, an insurer its own too, everybody else the published ones.

        Raises:
            MalformedPageTokenError: The page token is damaged.
            PageTokenMismatchError: It belongs to another filter or store.
            SafetyCreditError: As `reading_at` says.
        """
        if sees_all(caller):
            wanted = replace(wanted, published=False)
        elif acts_as_insurer(caller):
            wanted = replace(wanted, insurer=caller.authority)
        scope = PageScope(page.method, page.filter_bytes, self.store.point().store_id)
        first = _position(scope, page.token) if page.token else None
        with reading_at(self.store, standpoint) as (reading, point):
            # Later pages look at what the first one saw.
            revision, after = first or (point.revision, 0)
            found = reading.evaluations.page(
                wanted, after=after, limit=page.size + 1, revision=min(revision, point.revision)
            )
        shown = tuple(found[: page.size])
        more = len(found) > page.size
        token = scope.encode((revision, shown[-1].evaluation_id)) if more else ""
        return EvaluationPage(shown, token, point)


# Private functions -----------------------------------------------------------


def _position(scope: PageScope, text: str) -> tuple[int, int]:
    parts = scope.decode(text)
    if len(parts) == _PARTS:
        revision, after = parts
        if isinstance(revision, int) and isinstance(after, int) and revision >= 0 <= after:
            return revision, after
    raise MalformedPageTokenError(
        "send the page token of the last answer unchanged, or start without one"
    )
