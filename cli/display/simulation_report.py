"""A simulation as a report for people: one HTML page, and a chart of each migration matrix."""

from collections.abc import Iterator
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager

from cli.display.explanations import policy_name
from cli.display.simulations import (
    band_text,
    changed_text,
    left_out,
    line_text,
    matrix_of,
    redlist_text,
    short,
    undecided_text,
    unmet_text,
)
from cli.display.wording import code, day, instant, money
from safetycredit.scoring.v1.policy_simulation_pb2 import (
    AffectedSubject,
    Movement,
    PolicyImpact,
    RedlistLoss,
    Simulation,
)

_CHINESE_FONTS: Final = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
)
_PAGE: Final = Template("""<!doctype html>
<html lang="$language"><head><meta charset="utf-8"><title>$title</title><style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 70em; color: #222 }
table { border-collapse: collapse; margin: 1em 0 }
th, td { border: 1px solid #ccc; padding: .3em .6em; text-align: left; vertical-align: top }
td.number { text-align: right; font-variant-numeric: tabular-nums }
td.same { background: #f2f2f2 } td.moved { background: #fdebd0 }
img { max-width: 100% }
</style></head><body>
<h1>$title</h1>
$body
</body></html>
""")


def write_report(simulation: Simulation, folder: Path, language: str) -> tuple[Path, ...]:
    """Write a report into a folder, which is made where it is missing.

    Args:
        simulation: One that is done.
        folder: Where to write; files of the same names are replaced.
        language: Language of the rules' wording.

    Returns:
        What was written: the page, then the charts.
    """
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / f"{simulation.simulation_id}.html"
    parts, charts = [_head(simulation)], list[Path]()
    for number, impact in enumerate(simulation.impacts, start=1):
        # Where nobody was evaluated there is nothing to draw.
        if impact.matrix:
            charts.append(_draw(impact, folder / f"{simulation.simulation_id}-{number}.png"))
        chart = charts[-1].name if impact.matrix else ""
        parts.extend(_impact(impact, chart, language))
    page.write_text(
        _PAGE.substitute(
            language=language,
            title=escape(f"{simulation.policy_id} {simulation.version}"),
            body="\n".join(parts),
        ),
        encoding="utf-8",
    )
    return (page, *charts)


# Private functions -----------------------------------------------------------


def _head(simulation: Simulation) -> str:
    pairs = (
        ("simulation", simulation.simulation_id),
        ("digest", simulation.digest),
        ("as of", day(simulation.as_of)),
        ("known at", instant(simulation.known_at)),
        ("division", simulation.division),
        ("industry", simulation.industry),
        ("subjects", str(simulation.subjects_done)),
    )
    return _table((), [pair for pair in pairs if pair[1]])


def _impact(impact: PolicyImpact, chart: str, language: str) -> Iterator[str]:
    live = policy_name(impact.live) if impact.HasField("live") else "none in force"
    yield f"<h2>{escape(impact.policy_id)}</h2>"
    yield f"<p>{escape(live)} → {escape(policy_name(impact.candidate))}:"
    yield f" change: {escape(changed_text(impact))} subjects;"
    yield f" {impact.entered} enter, {impact.left} leave.</p>"
    if impact.undecided:
        yield f"<p>undecided: {escape(undecided_text(impact))}</p>"
    for what, text in left_out(impact):
        yield f"<p>{what}: {escape(text)}</p>"
    yield _matrix(impact)
    if chart:
        yield f'<p><img src="{escape(chart)}" alt="migration matrix"></p>'
    if impact.HasField("premium"):
        premium = impact.premium
        yield f"<p>{escape(money(premium.live))} → {escape(money(premium.candidate))}</p>"
        yield _table(
            ("change", "enterprises", "live", "candidate"),
            [
                (
                    band_text(band.change_min_bp.value, band.change_max_bp.value),
                    str(band.enterprises),
                    money(band.live),
                    money(band.candidate),
                )
                for band in premium.bands
                if band.enterprises
            ],
        )
    if impact.redlist.entries:
        yield f"<p>would lose the list: {escape(redlist_text(impact.redlist))}</p>"
        yield _table(("entry", "subject", "name", "unmet"), [*map(_loss, impact.redlist.losses)])
    if impact.most_affected:
        yield _table(
            ("subject", "name", "moves", "from", "to", "because"),
            [_affected(one, language) for one in impact.most_affected],
        )


def _loss(loss: RedlistLoss) -> tuple[str, ...]:
    return loss.entry_id, loss.credit_code or loss.subject_id, loss.name, unmet_text(loss)


def _affected(one: AffectedSubject, language: str) -> tuple[str, ...]:
    return (
        one.credit_code or one.subject_id,
        one.name,
        code(Movement.DESCRIPTOR, one.movement),
        short(one.live),
        short(one.candidate),
        "\n".join(line_text(line, language) for line in one.lines),
    )


def _matrix(impact: PolicyImpact) -> str:
    rows, columns, counts = matrix_of(impact.matrix)
    lines = ["<tr><th>live ↓ candidate →</th>"]
    lines += [f"<th>{escape(column)}</th>" for column in columns]
    for row in rows:
        lines.append(f"</tr><tr><th>{escape(row)}</th>")
        for column in columns:
            count = counts.get((row, column), 0)
            kind = "same" if row == column else "moved" if count else ""
            lines.append(f'<td class="number {kind}">{count or ""}</td>')
    return f"<table>{''.join(lines)}</tr></table>"


def _table(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = "".join(
        "<tr>" + "".join(f"<td>{_cell(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _cell(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _draw(impact: PolicyImpact, path: Path) -> Path:
    """Draw a matrix: the darker, the more subjects; numbers stand in the cells."""
    rows, columns, counts = matrix_of(impact.matrix)
    most = max(counts.values(), default=1)
    with mpl.rc_context({"font.sans-serif": [*_chinese_fonts(), "DejaVu Sans"]}):
        figure = Figure(figsize=(2.5 + 0.8 * len(columns), 1.8 + 0.5 * len(rows)))
        axes: Any = figure.add_subplot()
        shades = [[counts.get((row, column), 0) / most for column in columns] for row in rows]
        axes.imshow(shades, cmap="Blues", vmin=0, vmax=1.3, aspect="auto")
        for down, row in enumerate(rows):
            for across, column in enumerate(columns):
                count = counts.get((row, column))
                if count:
                    axes.text(across, down, str(count), ha="center", va="center")
        axes.set_xticks(range(len(columns)), _labels(columns))
        axes.set_yticks(range(len(rows)), _labels(rows))
        axes.set_xlabel("candidate")
        axes.set_ylabel("live")
        axes.set_title(impact.policy_id)
        figure.tight_layout()
        figure.savefig(path, dpi=120)
    return path


def _chinese_fonts() -> list[str]:
    there = {font.name for font in fontManager.ttflist}
    return [name for name in _CHINESE_FONTS if name in there]


def _labels(words: list[str]) -> list[str]:
    """Give labels that the machine's fonts can draw; a number stands for one that they cannot."""
    if _chinese_fonts():
        return words
    return [
        word if word.isascii() or word == "—" else f"#{number}"
        for number, word in enumerate(words, start=1)
    ]
