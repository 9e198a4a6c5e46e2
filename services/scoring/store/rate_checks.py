"""What rate policies must be so that one of them answers, and bounds fit on top of it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final

from services.engine.errors import Problem
from services.engine.language import Place, Policy, Version

RATE: Final = "rate"

FACTOR_PLACES_MAX: Final = 6
"""Decimals of a factor that bounds can be told."""

_TOLD: Final = {
    "base_premium": ("CNY", 2),
    "premium": ("CNY", 2),
    "factor": ("ratio", FACTOR_PLACES_MAX),
    "insured_headcount": ("person", 0),
    "limit_per_person": ("fen", 0),
    "transaction_kind": ("kind", 0),
}
"""Unit and decimals of what a bounds policy may ask about the plan."""

_GIVEN: Final = {
    "factor_min": ("ratio", FACTOR_PLACES_MAX),
    "factor_max": ("ratio", FACTOR_PLACES_MAX),
    "premium_min": ("CNY", 2),
    "premium_max": ("CNY", 2),
}
"""Unit and decimals of the results of a bounds policy."""


def check_rates(policies: Sequence[Policy]) -> list[Problem]:
    """Find everything wrong in how rate policies stand side by side."""
    # A version that only repeals is no plan.
    rates = [
        replace(policy, versions=tuple(one for one in policy.versions if not one.repeal))
        for policy in policies
        if policy.kind == RATE
    ]
    problems = [*_ambiguous([policy for policy in rates if not policy.bounding])]
    for policy in rates:
        for version in policy.versions:
            problems += _bounds(policy, version) if policy.bounding else _plan(policy, version)
    return problems


# Private functions -----------------------------------------------------------


def _ambiguous(plans: Sequence[Policy]) -> Iterable[Problem]:
    """Refuse two plans of one insurer, or of no insurer, for one place and field at once."""
    for first, second in combinations(plans, 2):
        if _place(first) != _place(second) or first.policy_id == second.policy_id:
            continue
        for version in second.versions:
            other = next((one for one in first.versions if _meet(one, version)), None)
            if other is not None:
                whose = f"the plan of {second.insurer}" if second.insurer else "the place's plan"
                yield _problem(
                    second,
                    version.place,
                    "rate-plan-ambiguous",
                    f"{first.policy_id} {other.version} is {whose} for {second.division} already;"
                    " end one before the other begins",
                )


def _place(policy: Policy) -> tuple[str, str, str, bool]:
    return policy.insurer, policy.division, policy.field, policy.other_cover


def _meet(first: Version, second: Version) -> bool:
    return (first.end_date is None or second.start_date < first.end_date) and (
        second.end_date is None or first.start_date < second.end_date
    )


def _plan(policy: Policy, version: Version) -> Iterable[Problem]:
    factor = version.outputs.get("factor")
    if factor is not None and factor.places > FACTOR_PLACES_MAX:
        message = f"a factor has at most {FACTOR_PLACES_MAX} decimals"
        yield _problem(policy, factor.place, "rate-output", message)


def _bounds(policy: Policy, version: Version) -> Iterable[Problem]:
    for one in version.inputs.values():
        if one.origin == "request" and (one.unit, one.places) != _TOLD.get(one.name):
            known = ", ".join(_TOLD)
            message = f"bounds are told {known}, each in its own unit; not {one.name!r} like this"
            yield _problem(policy, one.place, "rate-bounds", message)
    for output in version.outputs.values():
        if (output.unit, output.places) != _GIVEN.get(output.name):
            known = ", ".join(_GIVEN)
            message = f"bounds give {known}, ratios with 6 decimals and CNY with 2"
            yield _problem(policy, output.place, "rate-bounds", message)
    for end in ("min", "max"):
        factor = version.outputs.get(f"factor_{end}")
        if factor is not None and f"premium_{end}" not in version.outputs:
            message = f"who bounds the factor says the premium_{end} that follows"
            yield _problem(policy, factor.place, "rate-bounds", message)
    if not version.outputs:
        yield _problem(policy, version.place, "rate-bounds", "bounds need a result")


def _problem(policy: Policy, place: Place, code: str, message: str) -> Problem:
    return Problem(policy.file, *place, code, message)
