"""The report of a trial: an HTML page with its plots, a model card, and all figures as JSON."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from math import isnan
from pathlib import Path
from typing import Any, Final

from services.scoring.risk.evaluation import CONSTANT, MODEL, Estimate, Evaluation, Measures
from services.scoring.risk.reader import RiskModel

_STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;margin:1rem 0;font-size:.9rem}
th,td{border-bottom:1px solid #ccc;padding:.25rem .6rem;text-align:right}
th:first-child,td:first-child{text-align:left}
img{max-width:100%;height:auto}
.note{background:#fff6e0;padding:.6rem 1rem;border-left:4px solid #c90}
code{overflow-wrap:anywhere}
"""

_FEW_EVENTS: Final = 100
"""House reading: below so many events in a test nothing of use is shown."""

_MEASURES: Final = (
    ("calibration", "events / expected"),
    ("deviance", "deviance of a row"),
    ("explained", "deviance explained"),
    ("gini_rate", "Gini of the rate"),
    ("gini_count", "Gini of the count"),
    ("top_share", "events in the top tenth"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that a report tells.

    Attributes:
        title: What was tried on what.
        model: The model.
        evaluations: By the name of the rows they were tried on; the first is the strict one.
        notes: What a reader must know, one sentence each, the most important first.
        source: Where the rows come from.
        plots: PNG files by name, of the first evaluation.
    """

    title: str
    model: RiskModel
    evaluations: Mapping[str, Evaluation]
    notes: Sequence[str]
    source: str
    plots: Mapping[str, bytes]


def write_report(folder: Path, report: Report) -> None:
    """Write ``report.html``, its plots, ``model-card.md`` and ``figures.json`` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in report.plots.items():
        (folder / name).write_bytes(content)
    (folder / "report.html").write_text(_page(report), encoding="utf-8")
    (folder / "model-card.md").write_text(_card(report), encoding="utf-8")
    (folder / "figures.json").write_text(_figures(report), encoding="utf-8")


def findings(evaluation: Evaluation) -> tuple[str, ...]:
    """Say in sentences what the intervals allow to be said, and no more."""
    told: list[str] = []
    if evaluation.events < _FEW_EVENTS:
        told.append(
            f"Only {evaluation.events:.0f} events were there to try it on: figures from so few are"
            " anecdotes, and the intervals say how little they mean."
        )
    calibration = evaluation.measures[MODEL].calibration
    if calibration.low > 1 or calibration.high < 1:
        much = "fewer" if calibration.high < 1 else "more"
        told.append(
            f"In the large the model is off: {much} events happened than it expected"
            f" ({calibration.text()} of them). Its order of rates can be used, its level cannot"
            " without being set anew."
        )
    told.extend(
        f"Against {name}: ranking of rates {_verdict(one.gini_rate)} (Gini {one.gini_rate.text()}),"
        f" deviance explained {_verdict(one.explained)} ({one.explained.text()})."
        for name, one in evaluation.differences.items()
    )
    size, model = evaluation.measures[CONSTANT].gini_count, evaluation.measures[MODEL].gini_count
    told.append(
        f"Exposure alone ranks the counts with a Gini of {size.text()}, the model with"
        f" {model.text()}."
    )
    return tuple(told)


# Private functions -----------------------------------------------------------


def _verdict(difference: Estimate) -> str:
    if difference.low > 0:
        return "better"
    return "WORSE" if difference.high < 0 else "not shown to differ"


def _page(report: Report) -> str:
    summary = report.model.summary
    parts = [
        "<!doctype html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{escape(report.title)}</title>',
        f"<style>{_STYLE}</style></head><body><h1>{escape(report.title)}</h1>",
        (
            '<div class="note"><p>Advisory: a model stands beside the rules, never instead of them.'
            " It counts in a rate only where a rate plan's file names it, as one bounded"
            " factor.</p>"
        ),
        _list(report.notes),
        "</div>",
        (
            f"<p>{escape(report.source)}. Model <code>{summary.digest}</code>, trained on"
            f" {summary.training_start}–{summary.training_end}: {summary.rows:,} rows,"
            f" {summary.events:,} events. Intervals hold 95 %.</p>"
        ),
    ]
    for place, (name, evaluation) in enumerate(report.evaluations.items()):
        parts.append(f"<h2>Tried on {escape(name)}</h2>{_evaluation_html(evaluation)}")
        if place == 0:
            parts.extend(
                f'<p><img src="{escape(plot)}" alt="{escape(plot)}"></p>' for plot in report.plots
            )
    parts.append(f"<h2>Features</h2>{_features_html(report.model)}")
    parts.append(f"<h2>How it was made</h2><pre>{escape(_made(report.model))}</pre></body></html>")
    return "\n".join(parts) + "\n"


def _evaluation_html(evaluation: Evaluation) -> str:
    scope = (
        f"<p>{evaluation.rows:,} rows of {evaluation.groups:,} groups, {evaluation.events:,.0f}"
        f" events, exposure {evaluation.exposure:,.1f}; {evaluation.replicates} draws of groups,"
        f" seed {evaluation.seed}.</p>"
    )
    rows = [
        [name, *(getattr(measures, one).text() for one, _ in _MEASURES)]
        for name, measures in evaluation.measures.items()
    ]
    differences = [
        [name, one.gini_rate.text(), one.gini_count.text(), one.explained.text()]
        for name, one in evaluation.differences.items()
    ]
    parts = [
        scope,
        _list(findings(evaluation)),
        _table(["way of rating", *(title for _, title in _MEASURES)], rows),
        f"<h3>{escape(MODEL)} less the others (above 0: better)</h3>",
        _table(["other", "Gini of the rate", "Gini of the count", "explained"], differences),
    ]
    for name, deciles in evaluation.deciles.items():
        parts.append(f"<h3>Tenths of the exposure: {escape(name)}</h3>")
        parts.append(
            _table(
                ["tenth", "rows", "exposure", "events", "expected", "events / expected", "lift"],
                [
                    [
                        str(one.number),
                        f"{one.rows:,}",
                        f"{one.exposure:,.1f}",
                        f"{one.events:,.0f}",
                        f"{one.expected:,.1f}",
                        one.calibration.text(2),
                        one.lift.text(2),
                    ]
                    for one in deciles
                    if one.rows
                ],
            )
        )
    return "".join(parts)


def _features_html(model: RiskModel) -> str:
    gains = model.gains()
    total = gains.sum() or 1.0
    rows = [
        [
            one.name,
            one.meaning,
            "adverse" if one.adverse else "",
            f"{gain / total:.1%}",
            f"{weight:+.3f}",
        ]
        for one, gain, weight in zip(
            model.summary.features, gains.tolist(), model.linear.weights.tolist(), strict=True
        )
    ]
    return _table(["feature", "meaning", "", "gain in the trees", "weight in the GLM"], rows)


def _made(model: RiskModel) -> str:
    summary = model.summary
    lines = {
        "name": summary.name,
        "digest of the manifest": summary.digest,
        "digest of the training data": summary.data_digest,
        "seed": summary.seed,
        "target": summary.target,
        "exposure": summary.exposure_unit,
        "base rate": f"{summary.base_rate:.6g} events per {summary.exposure_unit}",
        "credibility": f"E / (E + {summary.credibility_events:.3g}) for E expected events",
        "what was known then": summary.knowledge,
        "libraries": ", ".join(f"{name} {one}" for name, one in summary.libraries.items()),
    }
    return "\n".join(f"{name}: {value}" for name, value in lines.items())


def _table(headings: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(one)}</th>" for one in headings)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _list(sentences: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(one)}</li>' for one in sentences)}</ul>"


def _card(report: Report) -> str:
    model, summary = report.model, report.model.summary
    name, evaluation = next(iter(report.evaluations.items()))
    adverse = [one.name for one in summary.features if one.adverse]
    falling = model.linear.falling()
    lines = [
        f"# Model card: {report.title}",
        "",
        "## What it is for",
        "",
        f"It foretells {summary.target}, as a rate per {summary.exposure_unit}.",
        "It is advisory: it stands beside the rules, never instead of them.",
        "It says nothing about guilt, and no list or grade may rest on it.",
        "",
        "## What it learned from",
        "",
        f"{report.source}.",
        (
            f"Training periods {summary.training_start}–{summary.training_end}: {summary.rows:,}"
            f" rows, {summary.events:,} events, data digest `{summary.data_digest}`, seed"
            f" {summary.seed}."
        ),
        f"What was known then: {summary.knowledge}.",
        "",
        "## How it did",
        "",
        (
            f"Tried on {name}: {evaluation.rows:,} rows of {evaluation.groups:,} groups,"
            f" {evaluation.events:,.0f} events; intervals of 95 % by drawing groups."
        ),
        "",
        f"| way of rating | {' | '.join(title for _, title in _MEASURES)} |",
        f"|---|{'---:|' * len(_MEASURES)}",
        *(_card_row(one, measures) for one, measures in evaluation.measures.items()),
        "",
        *(f"* {one}" for one in findings(evaluation)),
        "",
        "## Monotone",
        "",
        "The trees were walked split by split: the prediction never falls as any of these rises:"
        f" {', '.join(adverse)}."
        if adverse
        else "No feature here is adverse, so there was nothing to check in the trees.",
        *(
            [f"The baseline GLM has weights below zero for: {', '.join(falling)}."]
            if falling
            else []
        ),
        "",
        "## Limits",
        "",
        *(f"* {one}" for one in report.notes),
        "",
        "## How it was made",
        "",
        "```text",
        _made(model),
        "```",
        "",
    ]
    return "\n".join(lines)


def _card_row(name: str, measures: Measures) -> str:
    cells: list[Estimate] = [getattr(measures, one) for one, _ in _MEASURES]
    return f"| {name} | {' | '.join(one.text() for one in cells)} |"


def _figures(report: Report) -> str:
    document: dict[str, Any] = {
        "title": report.title,
        "model_digest": report.model.summary.digest,
        "source": report.source,
        "notes": list(report.notes),
        "evaluations": {
            name: {
                "rows": one.rows,
                "groups": one.groups,
                "events": one.events,
                "exposure": one.exposure,
                "replicates": one.replicates,
                "seed": one.seed,
                "measures": {key: asdict(value) for key, value in one.measures.items()},
                "differences": {key: asdict(value) for key, value in one.differences.items()},
                "deciles": {key: [asdict(d) for d in value] for key, value in one.deciles.items()},
            }
            for name, one in report.evaluations.items()
        },
    }
    return json.dumps(_told(document), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _told(value: Any) -> Any:  # noqa: ANN401 -- a tree of plain values.
    """Give plain values in which what is not known is nothing."""
    if isinstance(value, dict):
        return {key: _told(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_told(one) for one in value]
    return None if isinstance(value, float) and isnan(value) else value
