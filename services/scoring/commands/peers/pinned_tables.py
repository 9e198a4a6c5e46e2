"""Tables of peers as evaluations use them: found by rules and day, opened when they are needed."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from services.engine.peers import PeerTable
from services.scoring.domain.peer_table import Groups, TableStamp

OpenTables = Mapping[str, PeerTable]
"""Tables by name of the input, as the engine takes them."""


@dataclass(frozen=True, slots=True, eq=False)
class PinnedTable:
    """A table that an answer stands on.

    Attributes:
        stamp: What tells it from every other.
        open: Gives its values.
    """

    stamp: TableStamp
    open: Callable[[], OpenTables]


class PeerTables:
    """The tables known at one revision; never changes.

    A question about a day takes the table of that day, or of the last day before it that has one;
    of two of one day the one recorded last. A table of other rules is never taken.
    """

    def __init__(self, tables: Iterable[PinnedTable] = ()) -> None:
        """Arrange them.

        Args:
            tables: In the order in which they were recorded.
        """
        self._by_rules: dict[str, dict[date, PinnedTable]] = {}
        self.revision = 0
        for one in tables:
            stamp = one.stamp
            self._by_rules.setdefault(stamp.rules_digest, {})[stamp.as_of] = one
            self.revision = max(self.revision, stamp.recorded_revision)
        self._days = {rules: sorted(by_day) for rules, by_day in self._by_rules.items()}

    def newest(self, rules_digest: str, as_of: date) -> PinnedTable | None:
        """Find the table that a question about a day takes; none if there is none yet.

        Args:
            rules_digest: Digest of all rules behind the values.
            as_of: Day asked for.
        """
        days = self._days.get(rules_digest, ())
        place = bisect_right(days, as_of)
        return self._by_rules[rules_digest][days[place - 1]] if place else None


NO_TABLES: Final = PeerTables()
"""Nothing was put into a table yet."""


def opened(groups: Groups) -> OpenTables:
    """Give a table as the engine takes it."""
    return {
        name: PeerTable(
            {
                key: np.repeat(np.asarray(group.values), np.asarray(group.counts))
                for key, group in by_key.items()
            }
        )
        for name, by_key in groups.items()
    }
