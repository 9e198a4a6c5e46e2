"""Policies that extend others: a district's its city's, a city's its province's.

A version that extends takes every part of the version it names, and has its own part instead where
the names are equal. Which ones it has instead stays visible. The version is named, never "the
latest", so that a change above changes nothing below until somebody says so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import TypeVar

from services.engine.errors import PolicyRefusedError, Problem
from services.engine.language import Every, Policy, PolicyPin, Rule, Version

_T = TypeVar("_T")


def extend_policies(policies: Iterable[Policy]) -> dict[str, Policy]:
    """Complete the versions that extend others.

    Args:
        policies: All policies, as read.

    Returns:
        The policies by identifier, with complete versions.

    Raises:
        PolicyRefusedError: A version extends one that does not exist, itself in the end, or leaves
            out a rule that is not there; or two files name one policy.
    """
    extender = _Extender(policies)
    found = {policy_id: extender.policy(policy_id) for policy_id in extender.policies}
    if extender.problems:
        raise PolicyRefusedError(tuple(extender.problems))
    return found


# Private functions -----------------------------------------------------------


class _Extender:
    def __init__(self, policies: Iterable[Policy]) -> None:
        self.policies: dict[str, Policy] = {}
        self.problems: list[Problem] = []
        self._done: dict[tuple[str, str], tuple[Version, tuple[PolicyPin, ...]]] = {}
        self._open: list[tuple[str, str]] = []
        for policy in policies:
            if policy.policy_id in self.policies:
                other = self.policies[policy.policy_id].file
                self._report(policy, (1, 1), "duplicate-policy", f"{other} has this policy too")
            self.policies[policy.policy_id] = policy

    def _report(self, policy: Policy, place: tuple[int, int], code: str, message: str) -> None:
        self.problems.append(Problem(policy.file, *place, code=code, message=message))

    def policy(self, policy_id: str) -> Policy:
        policy = self.policies[policy_id]
        versions: list[Version] = []
        parents: dict[str, tuple[PolicyPin, ...]] = {}
        for version in policy.versions:
            whole, chain = self._version(policy, version)
            versions.append(whole)
            parents[version.version] = chain
        return replace(
            policy, versions=tuple(versions), parents=parents, digest=_digest(policy, parents)
        )

    def _version(self, policy: Policy, version: Version) -> tuple[Version, tuple[PolicyPin, ...]]:
        if version.extends is None:
            return version, ()
        key = (policy.policy_id, version.version)
        if key in self._done:
            return self._done[key]
        parent = self._parent(policy, version, key)
        if parent is None:
            return version, ()
        self._open.append(key)
        above, chain = self._version(*parent)
        self._open.pop()
        ref = (parent[0].policy_id, above.version, parent[0].digest)
        self._done[key] = self._merged(policy, version, above), (ref, *chain)
        return self._done[key]

    def _parent(
        self, policy: Policy, version: Version, key: tuple[str, str]
    ) -> tuple[Policy, Version] | None:
        assert version.extends is not None, "asked only for versions that extend"
        policy_id, name = version.extends
        if key in self._open:
            self._report(policy, version.place, "cycle", "the version extends itself in the end")
            return None
        parent = self.policies.get(policy_id)
        found = [one for one in parent.versions if one.version == name] if parent else []
        if parent is None or not found:
            self._report(
                policy, version.place, "unknown-policy", f"no version {name!r} of {policy_id!r}"
            )
            return None
        return parent, found[0]

    def _merged(self, policy: Policy, version: Version, above: Version) -> Version:
        ids = {rule.id for rule in above.rules}
        for rule_id in version.without:
            if rule_id not in ids:
                self._report(policy, version.place, "unknown-rule", f"no rule {rule_id!r} above")
        replaced = [
            name
            for own, base in (
                (version.inputs, above.inputs),
                (version.indicators, above.indicators),
                (version.tables, above.tables),
                (version.values, above.values),
                (version.totals, above.totals),
                (version.outputs, above.outputs),
            )
            for name in own
            if name in base
        ]
        replaced += [rule.id for rule in version.rules if rule.id in ids]
        replaced += ["grade"] if version.grade and above.grade else []
        return replace(
            version,
            applies=above.applies if version.applies == Every(()) else version.applies,
            inputs=_over(above.inputs, version.inputs),
            indicators=_over(above.indicators, version.indicators),
            tables=_over(above.tables, version.tables),
            values=_over(above.values, version.values),
            totals=_over(above.totals, version.totals),
            outputs=_over(above.outputs, version.outputs),
            rules=_rules(above, version),
            grade=version.grade or above.grade,
            score=version.score or above.score,
            exemption=version.exemption or above.exemption,
            replaced=(*replaced, *version.without),
        )


def _digest(policy: Policy, parents: Mapping[str, tuple[PolicyPin, ...]]) -> str:
    """Pin a policy together with everything above it."""
    above = sorted({digest for chain in parents.values() for _, _, digest in chain})
    if not above:
        return policy.digest
    return sha256(policy.content + "".join(above).encode()).hexdigest()


def _over(base: Mapping[str, _T], own: Mapping[str, _T]) -> dict[str, _T]:
    return {**base, **own}


def _rules(above: Version, version: Version) -> tuple[Rule, ...]:
    """Keep the order of the rules above; one with an equal identifier stands in its place."""
    own = {rule.id: rule for rule in version.rules}
    kept = [own.pop(rule.id, rule) for rule in above.rules if rule.id not in version.without]
    return (*kept, *own.values())
