"""Count the enterprises of divisions by risk colour."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from services.engine.evaluation import NO_DATA, NOT_APPLICABLE
from services.engine.numbers import MISSING
from services.scoring.commands.answers import Basis, GradeColumns, PolicyChoice
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.commands.ports import Store
from services.scoring.commands.standpoint import Standpoint, reading_at
from services.scoring.commands.supervision.apply_policy import RISK, chosen
from services.scoring.commands.supervision.whole_population import evaluated_parts
from services.scoring.domain.viewpoint import EnterpriseFilter, Viewpoint

_DIVISION = "division"


@dataclass(frozen=True, slots=True)
class DivisionColours:
    """How many enterprises of one division have each colour.

    Attributes:
        division: Division as a number.
        colours: Enterprises by colour, in the order of the ladder.
        no_data: Enterprises for which the policy lacks data.
        not_applicable: Enterprises to which the policy does not apply.
    """

    division: int
    colours: tuple[tuple[str, int], ...]
    no_data: int
    not_applicable: int


@dataclass(frozen=True, slots=True)
class Distribution:
    """Colours of divisions.

    Attributes:
        divisions: Divisions in order of their codes.
        basis: What it stands on.
    """

    divisions: tuple[DivisionColours, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class GetRiskDistribution:
    """Counts colours in one snapshot.

    Attributes:
        store: Where facts are stored.
        library: The policies.
    """

    store: Store
    library: PolicyLibrary

    def __call__(
        self, standpoint: Standpoint, *, wanted: EnterpriseFilter, choice: PolicyChoice
    ) -> Distribution:
        """Count.

        Raises:
            PolicyUnknownError: There is no such risk policy.
            PolicyNotInForceError: None applies on the day.
            SafetyCreditError: As `reading_at` says.
        """
        as_of = standpoint.as_of
        counts: defaultdict[int, Counter[int | str]] = defaultdict(Counter)
        with reading_at(self.store, standpoint) as (reading, point):
            at = Viewpoint(point.revision, as_of)
            pinned = chosen(
                self.library.at(point.revision), RISK, choice, int(wanted.division), as_of=as_of
            )
            parts = evaluated_parts(
                reading, pinned, wanted=wanted, at=at, attributes=frozenset({_DIVISION})
            )
            for part in parts:
                columns = GradeColumns(part.outcome)
                divisions = part.attributes[_DIVISION].tolist()
                for position, (division, status) in enumerate(
                    zip(divisions, columns.statuses, strict=True)
                ):
                    known = status not in {NO_DATA, NOT_APPLICABLE}
                    counts[division][columns.grade_name(position) if known else status] += 1
        colours = (*pinned.plan.ladder, *pinned.plan.statuses)
        return Distribution(
            divisions=tuple(
                DivisionColours(
                    division=division,
                    colours=tuple((colour, found[colour]) for colour in colours),
                    no_data=found[NO_DATA],
                    not_applicable=found[NOT_APPLICABLE],
                )
                for division, found in sorted(counts.items())
                if division != MISSING
            ),
            basis=Basis.of(pinned, as_of, point),
        )
