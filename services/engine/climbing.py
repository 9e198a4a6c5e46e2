"""Enterprises for which rules of many parts hold, put together from drawn ones.

Chance alone never meets ten conditions at once. So inputs, attributes and records are taken from
those of the drawn enterprises that meet a part, as long as more parts of the rule hold by it.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.engine.drawing import Drawer, Drawn
from services.engine.evaluation import RESULT, Evaluation
from services.engine.plan import Plan, RulePlan
from services.engine.population import Population
from services.engine.stacking import records_of

_RARE: Final = 3
_KEPT: Final = 150
_ENOUGH: Final = 50
_TURNS: Final = 10

_Genes = NDArray[np.int64]
"""int64[g, n]: from which drawn enterprise each input, attribute and source of records comes."""


class Climber:
    """Puts enterprises together for the rules of a plan that hardly ever hold."""

    def __init__(
        self,
        plan: Plan,
        drawer: Drawer,
        drawn: Drawn,
        *,
        run: Callable[[Drawn], Evaluation],
    ) -> None:
        """Look at drawn enterprises.

        Args:
            plan: The policy.
            drawer: What drew them.
            drawn: The enterprises.
            run: Runs the plan.
        """
        self._plan = plan
        self._random = drawer.random
        self._drawn = drawn
        self._run = run
        population = drawn.population
        self._names = [
            *(("input", name) for name in sorted(drawn.inputs)),
            *(("attribute", name) for name in sorted(population.attributes)),
            *(("records", source) for source in sorted(population.records)),
        ]

    def climbed(self, first: Evaluation) -> Drawn | None:
        """Put enterprises together for the rules that hold for hardly anybody.

        Args:
            first: What the plan gave the drawn enterprises.

        Returns:
            Nothing where every rule holds for some of them.
        """
        found = [
            self._climb(rule, first)
            for rule in self._plan.rules
            if len(rule.parts) > 1 and _held(first, rule.hit).sum() < _RARE
        ]
        return self._put_together(np.concatenate(found, axis=1)) if found else None

    # Private methods ----------------------------------------------------------------

    def _climb(self, rule: RulePlan, first: Evaluation) -> _Genes:
        """Come as near to a rule as the drawn enterprises allow."""
        met = _met(first, rule)
        donors = [np.flatnonzero(one) for one in met]
        best = np.argsort(-met.sum(axis=0), kind="stable")[:_KEPT]
        genes, met = np.tile(best, (len(self._names), 1)), met[:, best]
        for _ in range(_TURNS):
            if met.all(axis=0).sum() >= _ENOUGH:
                break
            children = self._children(genes, met, rule, donors)
            run = self._run(self._put_together(children))
            both = np.concatenate([met, _met(run, rule)], axis=1)
            order = np.argsort(-both.sum(axis=0), kind="stable")[:_KEPT]
            genes, met = np.concatenate([genes, children], axis=1)[:, order], both[:, order]
        return genes

    def _children(
        self, genes: _Genes, met: NDArray[np.bool_], rule: RulePlan, donors: list[NDArray[np.intp]]
    ) -> _Genes:
        """Take of others what they need to meet one part more."""
        children, every = genes.copy(), np.arange(len(donors))
        anybody = np.arange(self._drawn.population.size)
        concerned = [self._concerned(rule, part) for part in range(len(donors))]
        for place in range(genes.shape[1]):
            # The last row is whether there is a result, which no part of the rule settles.
            unmet = np.flatnonzero(~met[:, place])
            parts = unmet if unmet.size else every
            part = int(parts[self._random.integers(parts.size)])
            pool = donors[part] if donors[part].size else anybody
            genes_of = concerned[part]
            taken = genes_of[self._random.random(genes_of.size) < 3 / 4]
            children[taken, place] = pool[self._random.integers(pool.size)]
        return children

    def _concerned(self, rule: RulePlan, part: int) -> NDArray[np.int64]:
        """Give the genes that a part rests on; all where that cannot be read off its names."""
        plan, wanted = self._plan, set[tuple[str, str]]()
        for name in rule.parts[part][0] if part < len(rule.parts) else ():
            given = plan.version.inputs.get(name)
            if given is not None:
                told = name in self._drawn.inputs
                wanted.add(("input", name) if told else ("attribute", given.attribute))
            for position in plan.types[name].selections if name in plan.types else ():
                wanted |= {("records", one) for one in plan.selections[position].sources}
        found = [number for number, name in enumerate(self._names) if name in wanted]
        return np.array(found or range(len(self._names)), dtype=np.int64)

    def _put_together(self, genes: _Genes) -> Drawn:
        population = self._drawn.population
        of = dict(zip(self._names, genes, strict=True))
        return Drawn(
            Population(
                genes.shape[1],
                {name: one[of["attribute", name]] for name, one in population.attributes.items()},
                {
                    source: records_of(one, of["records", source], number)
                    for number, (source, one) in enumerate(sorted(population.records.items()))
                },
            ),
            {name: column[of["input", name]] for name, column in self._drawn.inputs.items()},
        )


# Private functions -----------------------------------------------------------


def _met(run: Evaluation, rule: RulePlan) -> NDArray[np.bool_]:
    """Say which parts of a rule hold for each subject, and last whether it has a result."""
    parts = [run.column(slot).astype(np.bool_) for _, slot in rule.parts]
    return np.stack([*parts, run.states() == RESULT])


def _held(run: Evaluation, hit: int) -> NDArray[np.bool_]:
    return np.asarray(run.column(hit).astype(np.bool_) & (run.states() == RESULT))
