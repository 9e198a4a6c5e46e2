"""Public data files: which form they have, by their columns, and the rows made of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.scoring.domain.risk_errors import RiskDataColumnsError
from services.scoring.risk import mine_quarters, mine_years
from services.scoring.risk.dataset import RiskData
from services.scoring.risk.tables import TextTable, joined_tables, read_table


@dataclass(frozen=True, slots=True)
class Layout:
    """A form that data files have.

    Attributes:
        name: Name of the form; also that of its list of features.
        columns: Columns that a file must have, lower case.
        rows: Makes rows out of a file.
        train_until: Last year of training unless another is asked for.
        title: What is tried on it, in words.
    """

    name: str
    columns: tuple[str, ...]
    rows: Callable[[TextTable], RiskData]
    train_until: int
    title: str


LAYOUTS: Final = (
    Layout(
        name=mine_quarters.FEATURE_SET,
        columns=mine_quarters.COLUMNS,
        rows=mine_quarters.quarter_rows,
        train_until=2008,
        title="Death or permanent disability in mines, foretold from violations and lost days",
    ),
    Layout(
        name=mine_years.FEATURE_SET,
        columns=mine_years.COLUMNS,
        rows=mine_years.year_rows,
        train_until=2014,
        title="Injuries in mines, rated by hours worked and the kind of mine",
    ),
)
"""Forms that are known, in the order in which they are tried."""


def read_data(
    paths: Sequence[Path], renamed: Mapping[str, str] | None = None
) -> list[tuple[Layout, RiskData]]:
    """Read data files; those of one form are read as one.

    Args:
        paths: The files.
        renamed: Heading in a file by the name that its form has for the column.

    Raises:
        RiskDataColumnsError: A file has no known form; says which columns are missing.
        RiskDataTooFewError: A file has too little in it.
    """
    found: dict[str, list[TextTable]] = {}
    for path in paths:
        table = read_table(path, renamed)
        found.setdefault(_layout(table).name, []).append(table)
    return [
        (layout, layout.rows(joined_tables(found[layout.name])))
        for layout in LAYOUTS
        if layout.name in found
    ]


def last_training_year(layout: Layout, data: RiskData) -> int:
    """Give the last year of training.

    It is the form's own if the data go on after it, and the last year but one otherwise.
    """
    first, last = int(data.periods.min()), int(data.periods.max())
    return layout.train_until if first <= layout.train_until < last else last - 1


# Private functions -----------------------------------------------------------


def _layout(table: TextTable) -> Layout:
    missing = {
        layout.name: [name for name in layout.columns if name not in table.columns]
        for layout in LAYOUTS
    }
    for layout in LAYOUTS:
        if not missing[layout.name]:
            return layout
    nearest = min(LAYOUTS, key=lambda layout: len(missing[layout.name]) / len(layout.columns))
    raise RiskDataColumnsError(
        f"{table.name} lacks the columns {', '.join(missing[nearest.name])} of the form"
        f" {nearest.name}; name them as NAME=HEADING if they have other headings",
        file=table.name,
        form=nearest.name,
        missing=",".join(missing[nearest.name]),
    )
