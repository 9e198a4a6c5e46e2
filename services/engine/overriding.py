"""Mistakes that a policy makes in what it extends: told where it says something else."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import takewhile

from services.engine.errors import FilePlace, Problem, problem_at
from services.engine.language import Literal, Place, Policy, Version


def told_where_made(
    policies: Mapping[str, Policy],
    found: Mapping[str, tuple[Problem, ...]],
    files: Mapping[str, bytes],
) -> Iterator[Problem]:
    """Tell each problem in the file that makes it.

    A problem in a part of what a policy extends, which that file alone does not have, comes from
    what the policy says instead, or besides.

    Args:
        policies: All policies by identifier, complete.
        found: Problems of each.
        files: Files by name.
    """
    own = {
        problem
        for policy_id, several in found.items()
        for problem in several
        if problem.file == policies[policy_id].file
    }
    for policy_id, several in found.items():
        policy = policies[policy_id]
        for problem in several:
            if problem.file == policy.file or problem in own:
                yield problem
            else:
                yield _moved(problem, policy, _block(files.get(problem.file, b""), problem))


# Private functions -----------------------------------------------------------


def _moved(problem: Problem, policy: Policy, block: str) -> Problem:
    """Tell a problem at what the policy says instead; at its version where nobody can tell what."""
    extending = [version for version in policy.versions if version.extends]
    said = [one for version in extending for one in _said(policy, version)]
    named = [one for one in said if re.search(rf"\b{re.escape(one[1])}\b", block)] or said
    places = [place for place, _, _ in named]
    place = min(places, default=extending[0].place if extending else (1, 1))
    words = ", ".join(dict.fromkeys(f"{name} = {value}" for _, name, value in sorted(named)))
    with_this = f"with {words}" if words else "with what this version says"
    message = (
        f"{with_this}, what it extends is wrong at {problem.file}:{problem.line}:{problem.column}:"
        f" {problem.message}"
    )
    moved = problem_at(policy.file, place, problem.code, message)
    return replace(moved, warning=problem.warning)


def _said(policy: Policy, version: Version) -> Iterator[tuple[Place, str, str]]:
    """Give what the file itself says in place of parts above: where, of what, and the number."""
    for name, value in version.values.items():
        if name in version.replaced and _file_of(value.place, policy.file) == policy.file:
            said = value.expression
            yield value.place, name, str(said.value) if isinstance(said, Literal) else "…"


def _file_of(place: Place, file: str) -> str:
    return place.file if isinstance(place, FilePlace) else file


def _block(content: bytes, problem: Problem) -> str:
    """Give the lines of the part in which a problem lies: what follows is no less far in."""
    lines = content.decode(errors="replace").splitlines()[problem.line - 1 :]
    inside = takewhile(lambda line: not line[: problem.column - 1].strip(), lines[1:])
    return "\n".join((*lines[:1], *inside))
