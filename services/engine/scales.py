"""Ladders and statuses of policies as codes that other policies compare."""

from collections.abc import Mapping
from typing import Final

from services.engine.language import Version

Scales = Mapping[str, tuple[str, ...]]
"""Grades of policies from best to worst by policy, their statuses by `status_scale`, and words of
their outputs by `output_scale`."""

NO_STATUS: Final = "none"
"""Word of a result that has no status outside the ladder."""


def status_scale(policy_id: str) -> str:
    """Name the scale of a policy's statuses."""
    return f"{policy_id}#status"


def output_scale(policy_id: str, output: str) -> str:
    """Name the scale of the words that an output of a policy gives, without an order of theirs."""
    return f"{policy_id}#output.{output}"


def statuses_of(version: Version) -> tuple[str, ...]:
    """Give the statuses outside the ladder that a version can set: of several the first counts."""
    found = [rule.target for rule in version.rules if rule.effect == "status"]
    if version.grade is not None and version.grade.beyond != "clamp":
        found.append(version.grade.beyond)
    order = [status for status in version.statuses if status in found]
    return tuple(dict.fromkeys((*order, *found)))


def scales_of(policy_id: str, version: Version) -> dict[str, tuple[str, ...]]:
    """Give the scales that a version offers to policies that take its result in."""
    scales = {status_scale(policy_id): statuses_of(version)}
    if version.grade is not None:
        scales[policy_id] = version.grade.ladder
    for name, output in version.outputs.items():
        if output.codes in version.codes:
            scales[output_scale(policy_id, name)] = tuple(version.codes[output.codes].words)
    return scales


def code_numbers(scales: Scales, name: str) -> dict[str, int] | None:
    """Give the numbers of the words of a scale; nothing if there is no such scale."""
    words = scales.get(name)
    if words is None:
        return None
    numbers = {word: number for number, word in enumerate(words, start=1)}
    return {NO_STATUS: 0, **numbers} if name.endswith("#status") else numbers
