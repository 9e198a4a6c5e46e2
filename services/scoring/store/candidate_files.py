"""Reading policy files that came from anybody, or from the store, with all that they extend."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

import structlog

from services.common.errors import SafetyCreditError
from services.engine.errors import PolicyRefusedError, Problem
from services.engine.extending import extend_policies
from services.engine.guarding import unreadable
from services.engine.language import Policy, Version
from services.engine.policy_file import read_policy
from services.scoring.commands.policies.issuing_ports import CANDIDATE_FILE, candidate_name
from services.scoring.commands.policies.live_library import Publication
from services.scoring.commands.policies.policy_library import PolicyLibrary


def completed(
    contents: Sequence[bytes], among: PolicyLibrary, published: Publication | None
) -> tuple[list[Policy], list[Problem]]:
    """Read files and complete them with what they extend, or find what keeps them from it.

    They may extend each other. What was published was within the limits of its time.
    """
    names = [candidate_name(position) for position in range(len(contents))]
    files = list(zip(names, contents, strict=True))
    problems = [
        problem
        for name, content in files
        for problem in (unreadable(content, name) if published is None else ())
    ]
    raws: list[Policy] = []
    policies: list[Policy] = []

    def read(name: str, content: bytes) -> Iterable[Problem]:
        raws.append(read_policy(content, name))
        return ()

    def complete() -> Iterable[Problem]:
        known = _Known(among, () if published is None else published.parents)
        policies.extend(extend_policies(raws, known.find).values())
        return ()

    if not problems:
        for name, content in files:
            problems.extend(guarded(name, partial(read, name, content)))
    if not problems:
        problems = guarded(CANDIDATE_FILE, complete)
    return policies, problems


def guarded(file: str, check: Callable[[], Iterable[Problem]]) -> list[Problem]:
    """Run a check over bytes that anybody may have sent; what stops it is a problem of the file."""
    try:
        return list(check())
    except PolicyRefusedError as error:
        return list(error.problems)
    except SafetyCreditError as error:
        return [at_top(file, "not-checkable", error.message)]
    except _UNEXPECTED as error:
        _log.warning("candidate_not_checkable", error=type(error).__name__)
        message = "something in the file stops the checks; simplify what was written last"
        return [at_top(file, "not-checkable", message)]


def at_top(file: str, code: str, message: str) -> Problem:
    """Give a problem of a file as a whole."""
    return Problem(file, 1, 1, code, message)


# Private functions and classes ------------------------------------------------


_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

# What code that was written for well-meant files may raise on others.
_UNEXPECTED: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)


class _Known:
    """Finds versions that a candidate may extend: in files kept for it, else in a library."""

    def __init__(self, among: PolicyLibrary, parents: Sequence[bytes]) -> None:
        self._among = among
        self._parents = [read_policy(content, CANDIDATE_FILE) for content in parents]

    def find(self, policy_id: str, version: str) -> tuple[Policy, Version] | None:
        for raw in self._parents:
            if raw.policy_id != policy_id:
                continue
            if all(one.version != version for one in raw.versions):
                continue
            whole = extend_policies([raw], self.find)[policy_id]
            return whole, next(one for one in whole.versions if one.version == version)
        one = self._among.find(policy_id, version)
        return None if one is None else (one.policy, one.version)
