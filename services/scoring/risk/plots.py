"""Plots of an evaluation as PNG files; drawn without a display."""

from collections.abc import Callable, Sequence
from io import BytesIO
from math import inf
from typing import Any, Final

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from services.scoring.risk.evaluation import BASELINE, CONSTANT, MODEL, Decile, Evaluation
from services.scoring.risk.reader import RiskModel

_DPI: Final = 110
_FEATURES_MOST: Final = 15
_COLOURS: Final = ("#1b5e8c", "#c46a1b", "#6b6b6b", "#3c8c4a", "#8a4f9e", "#a33b3b")
_NAME_CHARACTERS_MAX: Final = 42


def draw_plots(evaluation: Evaluation, model: RiskModel) -> dict[str, bytes]:
    """Draw every plot, by name of its file."""
    return {
        "calibration.png": _figure(7.0, 5.2, lambda axes: _calibration(axes, evaluation)),
        "lift.png": _figure(7.0, 4.6, lambda axes: _lift(axes, evaluation)),
        "lorenz.png": _figure(7.0, 5.6, lambda axes: _lorenz(axes, evaluation)),
        "differences.png": _differences_figure(evaluation),
        "features.png": _figure(7.6, 5.0, lambda axes: _features(axes, model)),
    }


# Private functions -----------------------------------------------------------


def _figure(width: float, height: float, draw: Callable[[Any], None]) -> bytes:
    figure = Figure(figsize=(width, height), layout="constrained")
    draw(figure.add_subplot())
    return _png(figure)


def _png(figure: Figure) -> bytes:
    content = BytesIO()
    FigureCanvasAgg(figure)
    # Without the day and the version of the program equal plots are equal bytes.
    figure.savefig(content, format="png", dpi=_DPI, metadata={"Software": None})
    return content.getvalue()


def _calibration(axes: Any, evaluation: Evaluation) -> None:  # noqa: ANN401 -- Matplotlib's own.
    floor, largest = inf, 0.0
    for colour, (name, deciles) in zip(_COLOURS, evaluation.deciles.items(), strict=False):
        there = [one for one in deciles if one.exposure > 0]
        expected = np.array([one.expected / one.exposure for one in there])
        found = np.array([one.events / one.exposure for one in there])
        ends = np.array([_ends(one, one.expected / one.exposure) for one in there]).T
        # On a logarithmic axis nothing is zero: an interval that reaches it ends at the edge.
        shown = np.concatenate([expected, found[found > 0], ends[0][ends[0] > 0]])
        floor = min(floor, max(float(shown.min()), float(expected.min()) / 5) / 1.3)
        bars = np.abs(np.clip(ends, floor / 10, None) - found)
        axes.errorbar(expected, found, yerr=bars, fmt="o", color=colour, capsize=3, label=name)
        largest = max(largest, float(expected.max()), float(np.nanmax(ends[1])))
    axes.plot([floor, largest], [floor, largest], color="black", linewidth=0.8, label="right")
    axes.set(xscale="log", yscale="log", ylim=(floor, 1.3 * largest), xlim=(floor, 1.3 * largest))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("expected rate of the tenth")
    axes.set_ylabel("events for a unit of exposure")
    axes.set_title("Calibration by tenth of the exposure, with 95 % intervals")
    axes.legend()


def _ends(decile: Decile, expected_rate: float) -> tuple[float, float]:
    return decile.calibration.low * expected_rate, decile.calibration.high * expected_rate


def _lift(axes: Any, evaluation: Evaluation) -> None:  # noqa: ANN401 -- Matplotlib's own.
    width = 0.8 / max(len(evaluation.deciles), 1)
    for place, (name, deciles) in enumerate(evaluation.deciles.items()):
        there = [one for one in deciles if one.exposure > 0]
        at = np.array([one.number for one in there]) + (place - 0.5) * width
        lift = np.array([one.lift.value for one in there])
        low = np.array([one.lift.low for one in there])
        high = np.array([one.lift.high for one in there])
        axes.bar(at, lift, width, color=_COLOURS[place], alpha=0.85, label=name)
        bars = np.abs(np.array([lift - low, high - lift]))
        axes.errorbar(at, lift, yerr=bars, fmt="none", color="black", capsize=2, linewidth=0.8)
    axes.axhline(1.0, color="black", linewidth=0.8)
    axes.set_xticks(range(1, 11))
    axes.set_xlabel("tenth of the exposure, by rate")
    axes.set_ylabel("rate over the overall rate")
    axes.set_title("Lift by tenth of the exposure, with 95 % intervals")
    axes.legend()


def _lorenz(axes: Any, evaluation: Evaluation) -> None:  # noqa: ANN401 -- Matplotlib's own.
    names = [name for name in evaluation.curves if name != CONSTANT]
    for place, name in enumerate(names):
        across, up = evaluation.curves[name]
        gini = evaluation.measures[name].gini_rate.value
        style = "-" if name in {MODEL, BASELINE} else "--"
        colour = _COLOURS[place % len(_COLOURS)]
        axes.plot(across, up, style, color=colour, label=f"{_short(name)}: {gini:.3f}")
    axes.plot([0, 1], [0, 1], color="black", linewidth=0.8, label="nothing told")
    axes.set_xlabel("share of the exposure, lowest rates first")
    axes.set_ylabel("share of the events")
    axes.set_title("Lorenz curves and Gini coefficients of the rate")
    axes.legend(loc="upper left", fontsize="small")


def _differences_figure(evaluation: Evaluation) -> bytes:
    # What tells nothing at all would only stretch the axes; the table has it.
    names = [name for name in evaluation.differences if evaluation.measures[name].gini_rate.low > 0]
    figure = Figure(figsize=(9.0, 1.6 + 0.5 * len(names)), layout="constrained")
    first, second = figure.subplots(1, 2, sharey=True)
    _forest(
        first,
        [evaluation.differences[name].gini_rate for name in names],
        "more Gini of the rate",
    )
    _forest(
        second,
        [evaluation.differences[name].explained for name in names],
        "more of the deviance explained",
    )
    first.set_yticks(range(len(names)), [_short(name) for name in names])
    first.invert_yaxis()
    figure.suptitle(f"{MODEL} less the others that tell anything; right of 0 it is better")
    return _png(figure)


def _forest(axes: Any, estimates: Sequence[Any], label: str) -> None:  # noqa: ANN401 -- Matplotlib's own.
    values = np.array([one.value for one in estimates])
    bars = np.abs(
        np.array(
            [
                [one.value - one.low for one in estimates],
                [one.high - one.value for one in estimates],
            ]
        )
    )
    axes.errorbar(values, range(len(values)), xerr=bars, fmt="o", color=_COLOURS[0], capsize=3)
    axes.axvline(0.0, color="black", linewidth=0.8)
    axes.set_xlabel(label)


def _features(axes: Any, model: RiskModel) -> None:  # noqa: ANN401 -- Matplotlib's own.
    gains = model.gains()
    order = np.argsort(-gains, kind="stable")[:_FEATURES_MOST]
    features = [model.summary.features[place] for place in order]
    total = gains.sum() or 1.0
    colours = [_COLOURS[5] if one.adverse else _COLOURS[2] for one in features]
    axes.barh(range(len(features)), gains[order] / total, color=colours)
    axes.set_yticks(range(len(features)), [one.name for one in features])
    axes.invert_yaxis()
    axes.set_xlabel("share of what the trees took off the deviance in training")
    told = "red: adverse, held to rise" if any(one.adverse for one in features) else "none adverse"
    axes.set_title(f"Features of the trees; {told}")


def _short(name: str) -> str:
    if len(name) <= _NAME_CHARACTERS_MAX:
        return name
    return f"{name[: _NAME_CHARACTERS_MAX - 1].rstrip()}…"
