"""Which lines of an explanation rest on results of other policies."""

from collections.abc import Mapping
from dataclasses import replace

from services.engine.language import Every, Literal, Total, Version
from services.engine.usage import used_names


def inputs_behind(version: Version) -> Mapping[str, tuple[str, ...]]:
    """Give the inputs from other policies that each line rests on, by the line's identifier.

    What a total rests on is said by its own lines, not by those that compare it. Lines that rest on
    none are left out.
    """
    if not any(one.origin == "policy" for one in version.inputs.values()):
        return {}
    read = _Reading(version)
    found = {rule.id: read.of(rules=(rule,)) for rule in version.rules}
    for name, total in version.totals.items():
        found[f"{name}.start"] = read.of(totals={name: _start_of(total)})
        found[f"{name}.bound"] = read.of(
            totals={name: replace(total, start=Literal(0, total.place))}
        )
    if version.grade is not None:
        found["grade.start"] = read.of(grade=replace(version.grade, steps_down=""))
    for name, output in version.outputs.items():
        found.setdefault(name, read.of(outputs={name: output}))
    return {line: names for line, names in found.items() if names}


# Private functions -----------------------------------------------------------

_PARTS = ("inputs", "indicators", "tables", "values", "children")


class _Reading:
    """Follows names from a part to the inputs behind it."""

    def __init__(self, version: Version) -> None:
        self._version = version
        self._bare = replace(
            version,
            applies=Every(()),
            **{name: {} for name in (*_PARTS, "totals", "outputs")},  # type: ignore[arg-type]
            rules=(),
            grade=None,
            score="",
        )

    def of(self, **part: object) -> tuple[str, ...]:
        """Give the inputs from other policies behind a part, in the order of the file."""
        seen: set[str] = set()
        ahead = self._used(part)
        while ahead:
            name = ahead.pop()
            seen.add(name)
            for kind in _PARTS:
                parts = getattr(self._version, kind)
                if name in parts:
                    ahead |= self._used({kind: {name: parts[name]}}) - seen
        inputs = self._version.inputs.values()
        return tuple(one.name for one in inputs if one.name in seen and one.origin == "policy")

    def _used(self, part: Mapping[str, object]) -> set[str]:
        return set(used_names(replace(self._bare, **part)))  # type: ignore[arg-type]


def _start_of(total: Total) -> Total:
    return replace(total, at_least=None, at_most=None, if_none="no_data")
