"""Small invented files of mines, in the forms of the public ones."""

import gzip
from pathlib import Path

import numpy as np

QUARTER_HEADINGS = (
    "mine_id,year,quarter,active,num_days_lost,num_days_restrict,num_death,num_dis,viol_quantity"
)
YEAR_HEADINGS = (
    "YEAR,US_STATE,COMMODITY,PRIMARY,SEAM_HEIGHT,TYPE_OF_MINE,MINE_STATUS,AVG_EMP_TOTAL,"
    "EMP_HRS_TOTAL,PCT_HRS_UNDERGROUND,PCT_HRS_SURFACE,PCT_HRS_STRIP,PCT_HRS_AUGER,"
    "PCT_HRS_CULM_BANK,PCT_HRS_DREDGE,PCT_HRS_OTHER_SURFACE,PCT_HRS_SHOP_YARD,PCT_HRS_MILL_PREP,"
    "PCT_HRS_OFFICE,NUM_INJURIES"
)


def write_lines(path: Path, lines: list[str]) -> Path:
    """Write a file, compressed if its name says so."""
    content = ("\n".join(lines) + "\n").encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def write_quarters(
    path: Path, *, mines: int = 150, years: tuple[int, int] = (2004, 2011), seed: int = 1
) -> Path:
    """Invent quarters of mines: more violations, more injuries, more grave ones."""
    generator = np.random.default_rng(seed)
    lines = [QUARTER_HEADINGS]
    for mine in range(mines):
        careless = generator.gamma(1.0, 2.0)
        for year in range(years[0], years[1] + 1):
            for quarter in range(1, 5):
                violations = generator.poisson(careless)
                lost = generator.poisson(careless) if generator.random() < 0.2 else 0
                dead = int(generator.random() < 0.01 * careless)
                lines.append(f"{1000 + mine},{year},{quarter},1,{lost},0,{dead},0,{violations}")
    return write_lines(path, lines)


def write_years(
    path: Path, *, rows: int = 1500, years: tuple[int, int] = (2013, 2015), seed: int = 2
) -> Path:
    """Invent mine-years: underground work injures more."""
    generator = np.random.default_rng(seed)
    lines = [YEAR_HEADINGS]
    for _ in range(rows):
        year = generator.integers(years[0], years[1] + 1)
        deep = bool(generator.random() < 0.3)
        hours = int(generator.integers(1_000, 400_000))
        injuries = generator.poisson(hours / 200_000 * (6.0 if deep else 2.0))
        kind, commodity = ("Underground", "Coal") if deep else ("Surface", "Stone")
        lines.append(
            f"{year},AL,{commodity},x,{60 if deep else 0},{kind},Active,{hours // 2000 + 1},"
            f"{hours},{int(deep)},0,{int(not deep)},0,0,0,0,0,0,0,{injuries}"
        )
    return write_lines(path, lines)
