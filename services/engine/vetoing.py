"""Vetoes (一票否决) that settle a grade though something is missing that the score needs.

A veto gives its grade whatever the score is, so it gives it where there is no score, too. It does
so only if it is known itself: nothing that it asks for is missing, and nothing that decides whether
another rule goes over it. What does rest on something missing then has no value.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final

from services.engine.language import Rule, Version
from services.engine.plan import Lacking, RulePlan, Veto
from services.engine.taking import Reading

Required = Sequence[tuple[AbstractSet[str], int]]
"""What a version needs: the names that need it, and the slot of whether it is missing."""


def compile_lacking(
    version: Version, reading: Reading, rules: Mapping[str, RulePlan], required: Required
) -> Lacking:
    """Find which vetoes hold without a score, and what has no value then.

    Args:
        version: The version, compiled.
        reading: Follows its names, through totals, too.
        rules: Its rules, by identifier.
        required: What it needs.
    """
    settling = list(_settling(version))
    if not settling or not required:
        return Lacking()
    parts = frozenset[str]().union(*(getattr(version, name) for name in _PARTS))

    def slots(names: AbstractSet[str]) -> tuple[int, ...]:
        # What no part needs by its name may be behind anything.
        found = (slot for owners, slot in required if owners & names or not owners & parts)
        return tuple(dict.fromkeys(found))

    scale = version.grade
    assert scale is not None, "a rule sets a grade of the ladder"
    own = {rule.id: reading.behind_condition(rule.when) for rule in version.rules}
    always = set(reading.behind_condition(version.applies))
    for rule in version.rules:
        always |= own[rule.id] if rule.effect == "status" else set()
    if scale.beyond != "clamp":
        always |= reading.behind(grade=scale)
    return Lacking(
        vetoes=tuple(
            Veto(rules[rule.id].hit, slots(always.union(*(own[one.id] for one in (rule, *over)))))
            for rule, over in settling
        ),
        score=slots(reading.behind_names({version.score})),
        outputs={
            name: slots(reading.behind(outputs={name: output}))
            for name, output in version.outputs.items()
        },
        start=slots(reading.behind(grade=replace(scale, steps_down=""))),
        totals={name: slots(reading.behind_names({name})) for name in version.totals},
        rules={rule_id: slots(names) for rule_id, names in own.items()},
    )


# Private functions -----------------------------------------------------------

_PARTS: Final = ("inputs", "indicators", "tables", "values", "totals", "children")


def _settling(version: Version) -> Iterator[tuple[Rule, tuple[Rule, ...]]]:
    """Give the rules that settle the grade alone, each with those that may still go over it.

    One that allows at best the worst grade settles it as well as one that says exactly which.
    """
    ladder = version.grade.ladder if version.grade is not None else ()
    exactly = [rule for rule in version.rules if rule.effect == "exactly"]
    for rule in version.rules:
        if rule.effect == "exactly":
            place = ladder.index(rule.target)
            yield rule, tuple(one for one in exactly if ladder.index(one.target) > place)
        elif rule.effect == "grade" and ladder and rule.target == ladder[-1]:
            yield rule, tuple(one for one in exactly if one.target != rule.target)
