"""Draw the enterprises to inspect, of every class the share that a policy names."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import numpy as np

from services.engine.evaluation import RESULT
from services.engine.numbers import MISSING
from services.scoring.commands.answers import Basis, PolicyChoice
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.commands.ports import Store
from services.scoring.commands.standpoint import Standpoint, reading_at
from services.scoring.commands.supervision.apply_policy import SUPERVISION, chosen
from services.scoring.commands.supervision.whole_population import Part, evaluated_parts
from services.scoring.domain.amount import Amount
from services.scoring.domain.drawing import drawn, drawn_count
from services.scoring.domain.errors import DrawTooLargeError, ShareNotGivenError
from services.scoring.domain.subject import Subject
from services.scoring.domain.viewpoint import EnterpriseFilter, Viewpoint

SHARE: Final = "share_percent"
"""Output of a supervision policy: the share of a class that is drawn in a year, in percent."""

DRAWN_MAX: Final = 10_000
"""House limit: enterprises of one draw, so that the answer stays a message."""


@dataclass(frozen=True, slots=True)
class DrawClass:
    """The enterprises of which the same share is drawn.

    Attributes:
        share: Share in percent.
        size: Enterprises in the class.
        drawn: Those drawn, in order of their numbers.
    """

    share: Amount
    size: int
    drawn: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class Draw:
    """A draw.

    Attributes:
        classes: Classes, the smallest share first.
        undecided: Enterprises of which the policy cannot tell a share.
        basis: What it stands on.
    """

    classes: tuple[DrawClass, ...]
    undecided: int
    basis: Basis


@dataclass(frozen=True, slots=True)
class DrawInspections:
    """Draws by lot; the same question draws the same enterprises for ever.

    Attributes:
        store: Where facts are stored.
        library: The policies.
    """

    store: Store
    library: PolicyLibrary

    def __call__(
        self, seed: str, standpoint: Standpoint, *, wanted: EnterpriseFilter, choice: PolicyChoice
    ) -> Draw:
        """Draw.

        Args:
            seed: Seed of the draw.
            standpoint: Where to read.
            wanted: Filters on enterprises, the division among them.
            choice: Which supervision policy applies.

        Raises:
            PolicyUnknownError: There is no such supervision policy.
            PolicyNotInForceError: None applies on the day.
            ShareNotGivenError: The policy names no share.
            DrawTooLargeError: More would be drawn than one answer holds.
            SafetyCreditError: As `reading_at` says.
        """
        as_of = standpoint.as_of
        with reading_at(self.store, standpoint) as (reading, point):
            at = Viewpoint(point.revision, as_of)
            division = int(wanted.division)
            pinned = chosen(
                self.library.at(point.revision), SUPERVISION, choice, division, as_of=as_of
            )
            output = pinned.plan.outputs.get(SHARE)
            if output is None:
                raise ShareNotGivenError(
                    f"{pinned.policy_id} names no {SHARE}; draw by a policy that does",
                    policy_id=pinned.policy_id,
                )
            classes: defaultdict[int, list[int]] = defaultdict(list)
            undecided = 0
            for part in evaluated_parts(reading, pinned, wanted=wanted, at=at):
                undecided += _sort_in(part, classes)
            lots = _lots(seed, classes, output.places)
            numbers = [number for _, _, chosen_ids in lots for number in chosen_ids]
            subjects = reading.subjects.by_number(numbers, at)
        return Draw(
            classes=tuple(
                DrawClass(share, size, tuple(subjects[number] for number in chosen_ids))
                for share, size, chosen_ids in lots
            ),
            undecided=undecided,
            basis=Basis.of(pinned, as_of, point),
        )


# Private functions -----------------------------------------------------------


def _sort_in(part: Part, classes: defaultdict[int, list[int]]) -> int:
    """Put the enterprises of a stretch into their classes; count those that have none."""
    run = part.outcome.evaluation
    shares = np.where(run.states() == RESULT, run.output(SHARE), MISSING)
    for share in np.unique(shares).tolist():
        if share != MISSING:
            classes[share].extend(part.subject_ids[shares == share].tolist())
    return int(np.count_nonzero(shares == MISSING))


def _lots(
    seed: str, classes: dict[int, list[int]], places: int
) -> list[tuple[Amount, int, list[int]]]:
    counts = {
        share: drawn_count(Amount(share, places), len(members))
        for share, members in classes.items()
    }
    total = sum(counts.values())
    if total > DRAWN_MAX:
        raise DrawTooLargeError(
            f"{total} enterprises would be drawn; narrow the draw to {DRAWN_MAX} or fewer",
            drawn=total,
            drawn_max=DRAWN_MAX,
        )
    return [
        (Amount(share, places), len(classes[share]), drawn(seed, classes[share], counts[share]))
        for share in sorted(classes)
    ]
