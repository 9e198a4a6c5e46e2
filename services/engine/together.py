"""Checks of policies side by side: what one takes in of another, and circles among them."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from services.engine.errors import Problem, problem_at
from services.engine.following import check_endings
from services.engine.language import Input, Place, Policy, Version
from services.engine.own_words import other_words, taken_words
from services.engine.parentage import check_parentage

_OF_ANY: Final = ("status", "status_word")


def check_together(policies: Mapping[str, Policy]) -> tuple[Problem, ...]:
    """Find what no policy alone can show.

    Args:
        policies: All policies by identifier, complete.
    """
    found = [*check_circles(policies), *check_parentage(policies)]
    for policy in policies.values():
        found.extend(check_endings(policy))
        for version in policy.versions:
            found.extend(check_taken_in(policy, version, policies))
    return tuple(found)


def check_circles(policies: Mapping[str, Policy]) -> Iterator[Problem]:
    """Look for policies that take in their own results in the end, on some day."""
    days = {version.start_date for policy in policies.values() for version in policy.versions}
    # What is in force together on any day is so on the first day of one of them.
    for day in sorted(days):
        takes_in = _taken_in_on(day, policies)
        done: set[str] = set()
        for start in sorted(takes_in):
            ring = _ring(start, takes_in, done, [])
            if ring:
                words = " → ".join(ring)
                message = f"the policies go round in a circle from {day} on: {words}"
                place = takes_in[ring[0]][ring[1]]
                yield problem_at(policies[ring[0]].file, place, "cycle", message)
                return


def check_taken_in(
    policy: Policy, version: Version, policies: Mapping[str, Policy]
) -> Iterator[Problem]:
    """Look at what a version takes in of other policies, and of its own."""
    for one in version.inputs.values():
        if one.origin == "last_period":
            if message := unfit(one, policy.policy_id, version):
                yield problem_at(policy.file, one.place, "unknown-output", message)
            elif message := other_words(one, version):
                yield problem_at(policy.file, one.place, "words", message)
            continue
        if one.origin == "policy":
            for code, message in _taken_from(one, version, policies.get(one.policy_id)):
                yield problem_at(policy.file, one.place, code, message)


def unfit(one: Input, policy_id: str, source: Version) -> str:
    """Say why a version cannot give what an input takes; nothing if it can."""
    where = f"{policy_id!r}, version {source.version!r},"
    if one.attribute in {"grade", "place"}:
        return "" if source.grade else f"{where} has no grades"
    if one.attribute in _OF_ANY:
        return ""
    if one.attribute == "score":
        return "" if source.score else f"{where} has no score"
    return "" if one.attribute in source.outputs else f"{where} has no output {one.attribute!r}"


# Private functions -----------------------------------------------------------


def _taken_from(one: Input, version: Version, other: Policy | None) -> Iterator[tuple[str, str]]:
    """Give code and message of what does not fit between an input and the policy that it names."""
    if other is None:
        yield "unknown-policy", f"no policy is called {one.policy_id!r}"
        return
    during = [source for source in other.versions if _meet(source, version) and not source.repeal]
    if not during:
        message = f"no version of {one.policy_id!r} is in force together with this one"
        yield "never-in-force", message
    fit = {source.version: source for source in during}
    for source in during:
        if message := unfit(one, one.policy_id, source):
            yield "unknown-output", message
            del fit[source.version]
    yield from taken_words(one, version, fit)
    ladders = {source.grade.ladder for source in during if source.grade is not None}
    if one.attribute in {"grade", "place"} and len(ladders) > 1:
        yield (
            "several-ladders",
            (f"the grades of {one.policy_id!r} change while this version is in force; end it"),
        )


_TakesIn = Mapping[str, Mapping[str, Place]]
"""Policies that each takes in, and the input by which it does."""


def _taken_in_on(day: date, policies: Mapping[str, Policy]) -> _TakesIn:
    """Say what is taken in by the versions in force on a day of others in force on it."""
    in_force = {
        policy_id: [
            version
            for version in policy.versions
            if version.start_date <= day and (version.end_date is None or day < version.end_date)
        ]
        for policy_id, policy in policies.items()
    }
    return {
        policy_id: {
            one.policy_id: one.place
            for version in versions
            for one in version.inputs.values()
            if in_force.get(one.policy_id)
        }
        for policy_id, versions in in_force.items()
    }


def _ring(policy_id: str, takes_in: _TakesIn, done: set[str], path: list[str]) -> list[str]:
    """Walk along what is taken in; give the first circle met."""
    if policy_id in path:
        return [*path[path.index(policy_id) :], policy_id]
    if policy_id in done:
        return []
    for other in sorted(takes_in[policy_id]):
        ring = _ring(other, takes_in, done, [*path, policy_id])
        if ring:
            return ring
    done.add(policy_id)
    return []


def _meet(first: Version, second: Version) -> bool:
    return (first.end_date is None or second.start_date < first.end_date) and (
        second.end_date is None or first.start_date < second.end_date
    )
