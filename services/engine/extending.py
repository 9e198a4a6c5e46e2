"""Policies that extend others: a district's its city's, a city's its province's.

A version that extends takes every part of the version it names, and has its own part instead where
the names are equal. Which ones it has instead stays visible. What exempts the one above from the
search for records that improve a result does not exempt it. The version is named, never "the
latest", so that a change above changes nothing below until somebody says so. It may extend several:
what two of them have differently it has to say itself.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from services.engine.digesting import extending_digest
from services.engine.errors import PolicyRefusedError, Problem, problem_at
from services.engine.language import Every, Policy, PolicyPin, Rule, Version
from services.engine.own_words import worded

_PARTS: Final = (
    "codes",
    "inputs",
    "children",
    "indicators",
    "tables",
    "values",
    "totals",
    "outputs",
    "procedure",
)


_NOT_SAID: Final = (None, "", (), Every(()))
"""What a version has where the file leaves a part out."""


KnownVersions = Callable[[str, str], tuple[Policy, Version] | None]
"""Finds a version that is complete already, by policy and name, with its policy."""


def _none_known(_policy_id: str, _version: str) -> None:
    return None


def extend_policies(
    policies: Iterable[Policy], known: KnownVersions = _none_known
) -> dict[str, Policy]:
    """Complete the versions that extend others.

    Args:
        policies: All policies, as read.
        known: Finds versions beside them that may be extended too; they stay as they are.

    Returns:
        The policies by identifier, with complete versions.

    Raises:
        PolicyRefusedError: A version extends one that does not exist, itself in the end, or leaves
            out a rule that is not there; or two files name one policy.
    """
    extender = _Extender(policies, known)
    found = {policy_id: extender.policy(policy_id) for policy_id in extender.policies}
    if extender.problems:
        raise PolicyRefusedError(tuple(extender.problems))
    return found


# Private functions -----------------------------------------------------------


class _Extender:
    def __init__(self, policies: Iterable[Policy], known: KnownVersions) -> None:
        self.policies: dict[str, Policy] = {}
        self._known = known
        self.problems: list[Problem] = []
        self._done: dict[tuple[str, str], tuple[Version, tuple[PolicyPin, ...]]] = {}
        self._open: list[tuple[str, str]] = []
        for policy in policies:
            if policy.policy_id in self.policies:
                other = self.policies[policy.policy_id].file
                self._report(policy, (1, 1), "duplicate-policy", f"{other} has this policy too")
            self.policies[policy.policy_id] = policy

    def _report(self, policy: Policy, place: tuple[int, int], code: str, message: str) -> None:
        self.problems.append(problem_at(policy.file, place, code, message))

    def policy(self, policy_id: str) -> Policy:
        policy = self.policies[policy_id]
        versions: list[Version] = []
        parents: dict[str, tuple[PolicyPin, ...]] = {}
        for version in policy.versions:
            whole, chain = self._version(policy, version)
            versions.append(whole)
            parents[version.version] = chain
        return replace(
            policy,
            versions=tuple(versions),
            parents=parents,
            file_digest=_file_digest(policy, parents),
        )

    def _version(self, policy: Policy, version: Version) -> tuple[Version, tuple[PolicyPin, ...]]:
        if not version.extends:
            return version, ()
        if policy is not self.policies.get(policy.policy_id):
            # Known versions are complete, and say themselves what is above them.
            return version, policy.parents.get(version.version, ())
        key = (policy.policy_id, version.version)
        if key in self._done:
            return self._done[key]
        parents = [self._parent(policy, version, key, pin) for pin in version.extends]
        found = [parent for parent in parents if parent is not None]
        if len(found) < len(parents):
            return version, ()
        self._open.append(key)
        above: Version | None = None
        pins: list[PolicyPin] = []
        digests: list[str] = []
        for parent in found:
            whole, chain = self._version(*parent)
            pin = sha256(parent[0].content).hexdigest()
            pins += [(parent[0].policy_id, whole.version, pin), *chain]
            digests.append(whole.digest)
            above = whole if above is None else self._beside(policy, version, above, whole)
        self._open.pop()
        assert above is not None, "a version that extends names at least one other"
        merged = self._merged(policy, version, above)
        digest = extending_digest(version.digest, digests)
        self._done[key] = replace(merged, digest=digest), tuple(dict.fromkeys(pins))
        return self._done[key]

    def _parent(
        self, policy: Policy, version: Version, key: tuple[str, str], pin: tuple[str, str]
    ) -> tuple[Policy, Version] | None:
        policy_id, name = pin
        if key in self._open:
            self._report(policy, version.place, "cycle", "the version extends itself in the end")
            return None
        parent = self.policies.get(policy_id)
        found = [one for one in parent.versions if one.version == name] if parent else []
        if parent is not None and found:
            return parent, found[0]
        known = self._known(policy_id, name)
        if known is None:
            self._report(
                policy, version.place, "unknown-policy", f"no version {name!r} of {policy_id!r}"
            )
        return known

    def _beside(self, policy: Policy, version: Version, one: Version, two: Version) -> Version:
        """Put two versions above side by side; what both have otherwise, the version must say."""
        for name in _contradicting(one, two, version):
            self._report(
                policy,
                version.place,
                "ambiguous",
                f"both policies above have {name!r}, each another; say here which",
            )
        return replace(
            one,
            applies=two.applies if one.applies == Every(()) else one.applies,
            **_together(two, one),
            rules=(
                *one.rules,
                *(rule for rule in two.rules if rule.id not in {own.id for own in one.rules}),
            ),
            grade=one.grade or two.grade,
            score=one.score or two.score,
            statuses=one.statuses or two.statuses,
        )

    def _merged(self, policy: Policy, version: Version, above: Version) -> Version:
        ids = {rule.id for rule in above.rules}
        for rule_id in version.without:
            if rule_id not in ids:
                self._report(policy, version.place, "unknown-rule", f"no rule {rule_id!r} above")
        replaced = [
            name
            for part in _PARTS
            for name in getattr(version, part)
            if name in getattr(above, part)
        ]
        for name in set(version.values) & set(above.values):
            own, base = version.values[name], above.values[name]
            if (own.unit, own.codes) != (base.unit, base.codes):
                above_in, here_in = base.unit or base.codes, own.unit or own.codes
                message = f"{name!r} is in {above_in!r} above, here in {here_in!r}"
                self._report(policy, own.place, "unit-changed", message)
        replaced += [rule.id for rule in version.rules if rule.id in ids]
        replaced += ["grade"] if version.grade and above.grade else []
        whole = replace(
            version,
            applies=above.applies if version.applies == Every(()) else version.applies,
            **_together(above, version),
            rules=_rules(above, version),
            grade=version.grade or above.grade,
            score=version.score or above.score,
            statuses=version.statuses or above.statuses,
            replaced=(*replaced, *version.without),
        )
        return worded(whole)


def _file_digest(policy: Policy, parents: Mapping[str, tuple[PolicyPin, ...]]) -> str:
    """Digest a file together with everything above it."""
    above = sorted({digest for chain in parents.values() for _, _, digest in chain})
    if not above:
        return policy.file_digest
    return sha256(policy.content + "".join(above).encode()).hexdigest()


def _together(base: Version, own: Version) -> dict[str, Any]:
    """Give the named parts of two versions, those of the second over those of the first."""
    return {part: {**getattr(base, part), **getattr(own, part)} for part in _PARTS}


def _contradicting(one: Version, two: Version, version: Version) -> list[str]:
    """Name what two versions have differently, and a third does not say itself."""
    found = [
        name
        for part in _PARTS
        for name in getattr(one, part)
        if name in getattr(two, part)
        and getattr(one, part)[name] != getattr(two, part)[name]
        and name not in getattr(version, part)
    ]
    said = {rule.id for rule in version.rules} | set(version.without)
    others = {rule.id: rule for rule in two.rules}
    found += [
        rule.id for rule in one.rules if rule.id not in said and others.get(rule.id, rule) != rule
    ]
    for part in ("grade", "score", "statuses", "applies"):
        first, second, own = (getattr(each, part) for each in (one, two, version))
        if own in _NOT_SAID and first != second and not {*_NOT_SAID} & {first, second}:
            found.append(part)
    return found


def _rules(above: Version, version: Version) -> tuple[Rule, ...]:
    """Keep the order of the rules above; one with an equal identifier stands in its place."""
    own = {rule.id: rule for rule in version.rules}
    kept = [own.pop(rule.id, rule) for rule in above.rules if rule.id not in version.without]
    return (*kept, *own.values())
