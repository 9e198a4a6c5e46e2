"""The policies: which version of which policy answers a question.

A policy may take in results of others. The versions of all of them that answer a question are found
together and pinned, so that an answer can name everything it rests on.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import Final

from services.engine.errors import PolicyUnusableError
from services.engine.language import Policy
from services.engine.plan import Plan
from services.scoring.commands.peers.pinned_tables import NO_TABLES, PeerTables, PinnedTable
from services.scoring.commands.policies.days_of_change import earlier, first_change
from services.scoring.commands.policies.pinned_version import (
    CompiledVersion,
    PinnedInput,
    PinnedVersion,
)
from services.scoring.commands.ports import FactNeeds
from services.scoring.domain.errors import PolicyNotInForceError, PolicyUnknownError

__all__ = [
    "EVALUATION_EDITION",
    "EVERY_FIELD",
    "CompiledVersion",
    "PinnedInput",
    "PinnedVersion",
    "PolicyLibrary",
]

EVERY_FIELD: Final = 0
"""Number that stands for every field, of a policy and in a question."""

EVALUATION_EDITION: Final = 3
"""Goes up when the program gives other results for the same policies and facts."""

_COUNTRY: Final = 0
_PINNED_MAX: Final = 4096


class PolicyLibrary:
    """All policies of a program at one time, compiled; never changes."""

    def __init__(
        self,
        versions: Iterable[CompiledVersion],
        *,
        digest: str = "",
        edition: int = 0,
        tables: PeerTables = NO_TABLES,
    ) -> None:
        """Arrange them.

        Args:
            versions: No two of a policy are in force on one day; what is taken in is among them.
            digest: Digest of the words that all of them use.
            edition: Revision of the last publication among them.
            tables: Tables of peers.
        """
        self._edition = edition
        self._tables = tables
        self._words_digest = digest
        self._versions = tuple(
            sorted(versions, key=lambda one: (one.policy.policy_id, one.version.start_date))
        )
        self._ask_for_peers = any(one.plan.needs.peers for one in self._versions)
        self._by_policy: dict[str, list[CompiledVersion]] = {}
        for one in self._versions:
            self._by_policy.setdefault(one.policy.policy_id, []).append(one)
        self._digest = sha256(
            "\0".join((digest, *map(_identity, self._versions))).encode()
        ).hexdigest()
        # The same few questions are asked again and again.
        self._pinned = lru_cache(maxsize=_PINNED_MAX)(self._pin)
        self._chosen = lru_cache(maxsize=_PINNED_MAX)(self._choose)

    def now(self) -> "PolicyLibrary":
        """Give the policies of this moment; whoever asks several questions asks them of these."""
        return self

    def at(self, revision: int) -> "PolicyLibrary":  # noqa: ARG002 -- a library that follows the store looks at it.
        """Give the policies as published up to a revision of the store."""
        return self

    def with_tables(self, tables: PeerTables) -> "PolicyLibrary":
        """Give the same policies with other tables of peers."""
        return PolicyLibrary(
            self._versions, digest=self._words_digest, edition=self._edition, tables=tables
        )

    @property
    def tables(self) -> PeerTables:
        """Give the tables of peers that places are read off."""
        return self._tables

    @property
    def last_change(self) -> int:
        """Give the revision of the last publication or table of peers; 0 for the folder alone."""
        return max(self.edition, self.tables.revision)

    @property
    def ask_for_peers(self) -> bool:
        """Say whether any of them asks for a place among peers."""
        return self._ask_for_peers

    @property
    def edition(self) -> int:
        """Give the revision of the last publication among them; 0 for the folder's alone."""
        return self._edition

    @property
    def digest(self) -> str:
        """Give the digest of all of them."""
        return self._digest

    @property
    def words_digest(self) -> str:
        """Give the digest of the words that all of them use."""
        return self._words_digest

    @property
    def versions(self) -> tuple[CompiledVersion, ...]:
        """Give every version, by identifier of the policy and start."""
        return self._versions

    def of_policy(self, policy_id: str) -> tuple[CompiledVersion, ...]:
        """Give every version of a policy by its start; none of an unknown one."""
        return tuple(self._by_policy.get(policy_id, ()))

    def find(self, policy_id: str, version: str) -> CompiledVersion | None:
        """Find one version by its name; none if there is none."""
        versions = self._by_policy.get(policy_id, ())
        return next((one for one in versions if one.version.version == version), None)

    def named(self, kind: str, policy_id: str, *, version: str, as_of: date) -> PinnedVersion:
        """Find a version by name.

        Args:
            kind: Kind that the policy must be of; empty for any.
            policy_id: The policy.
            version: The version, whatever the day; empty for the one in force.
            as_of: Day asked for.

        Raises:
            PolicyUnknownError: There is no such policy, or no such version of it.
            PolicyNotInForceError: No version is in force on the day.
        """
        versions = self._by_policy.get(policy_id)
        if versions is None or kind not in {"", versions[0].policy.kind}:
            raise PolicyUnknownError(
                f"no {kind} policy is called {policy_id}".replace("  ", " "),
                policy_id=policy_id,
                kind=kind,
            )
        if not version:
            return self._in_force(versions, as_of)
        for one in versions:
            if one.version.version == version and not one.version.repeal:
                # On a day on which it is in force it answers as if nobody had named it.
                until = one.version.end_date if one.in_force(as_of) else None
                return self._pinned(one, as_of, until)
        raise PolicyUnknownError(
            f"{policy_id} has no version {version}", policy_id=policy_id, version=version
        )

    def most_local(
        self, kind: str, *, field: int, division: int | None, as_of: date
    ) -> PinnedVersion:
        """Find the version that applies by itself in a place.

        The most local policy applies; of two of one place the one of the field before the one of
        every field, then the one whose identifier comes first.

        Args:
            kind: Kind of the policy.
            field: Number of the field.
            division: Division as a number; none where it is not known: only a policy of the whole
                country can apply then.
            as_of: Day asked for.

        Raises:
            PolicyNotInForceError: None is in force on the day.
        """
        found = self._chosen(kind, field, division, as_of)
        if found is None:
            where = "an unknown division" if division is None else f"{division:06d}"
            raise PolicyNotInForceError(
                f"no {kind} policy is in force for {where} on {as_of}; name one",
                kind=kind,
                field=field,
                division="" if division is None else f"{division:06d}",
                as_of=as_of,
            )
        return found

    def applying(
        self, kind: str, *, field: int, division: int | None, as_of: date
    ) -> tuple[PinnedVersion, ...]:
        """Find every version that applies in a place, by identifier of the policy.

        Args:
            kind: Kind of the policies.
            field: Number of the field; `EVERY_FIELD` for all.
            division: As for `most_local`.
            as_of: Day asked for.
        """
        return tuple(
            self._pinned(one, as_of, one.version.end_date, by_place=one.division != _COUNTRY)
            for one in self._candidates(kind, field, division)
            if one.in_force(as_of)
        )

    def listed(
        self, kind: str, *, field: int, division: int | None, as_of: date | None
    ) -> tuple[CompiledVersion, ...]:
        """List versions by identifier and start.

        Args:
            kind: Kind; empty for all.
            field: Number of the field; `EVERY_FIELD` for all.
            division: Division whose own policies and those above are wanted; none for all.
            as_of: Day on which a version must be in force; none for all versions.
        """
        chain = None if division is None else _upwards(division)
        return tuple(
            one
            for one in self._versions
            if (not kind or one.policy.kind == kind)
            and _of_field(one, field)
            and (chain is None or one.division in chain)
            and (as_of is None or one.in_force(as_of))
        )

    def in_force_of_kind(self, kind: str, as_of: date) -> tuple[PinnedVersion, ...]:
        """Give every version of a kind that is in force on a day, whatever the place.

        What this program cannot evaluate is left out, with what rests on it, so that work on the
        others goes on.
        """
        found = (
            self.sound(one, as_of, one.version.end_date)
            for one in self._versions
            if one.policy.kind == kind and one.in_force(as_of)
        )
        return tuple(one for one in found if one is not None)

    def sound(self, one: CompiledVersion, as_of: date, until: date | None) -> PinnedVersion | None:
        """Give a version pinned on a day; nothing where this program cannot evaluate it.

        Args:
            one: A version of this library.
            as_of: Day asked for.
            until: First day on which another answers; none when never.
        """
        try:
            return self._pinned(one, as_of, until)
        except PolicyUnusableError:
            return None

    def fixed(self, pinned: PinnedVersion, as_of: date) -> PinnedVersion:
        """Give the same version, whatever comes into force later, with its inputs of a day."""
        return self._pinned(pinned.compiled, as_of, None, by_place=pinned.by_place)

    # Private methods -------------------------------------------------------------

    def _in_force(self, versions: Sequence[CompiledVersion], as_of: date) -> PinnedVersion:
        for one in versions:
            if one.in_force(as_of):
                return self._pinned(one, as_of, one.version.end_date)
        policy_id = versions[0].policy.policy_id
        raise PolicyNotInForceError(
            f"no version of {policy_id} is in force on {as_of}; name a version or another day",
            policy_id=policy_id,
            as_of=as_of,
        )

    def _candidates(
        self, kind: str, field: int, division: int | None
    ) -> tuple[CompiledVersion, ...]:
        chain = _upwards(division)
        return tuple(
            one
            for one in self._versions
            if one.policy.kind == kind and _of_field(one, field) and one.division in chain
        )

    def _choose(
        self, kind: str, field: int, division: int | None, as_of: date
    ) -> PinnedVersion | None:
        chain = _upwards(division)
        candidates = sorted(
            (
                one
                for one in self._candidates(kind, field, division)
                if not _by_name_only(one.policy)
            ),
            key=lambda one: (chain.index(one.division), one.field == EVERY_FIELD, one.field),
        )

        def chosen(day: date) -> CompiledVersion | None:
            return next((one for one in candidates if one.in_force(day)), None)

        found = chosen(as_of)
        if found is None:
            return None
        until = first_change((one.version for one in candidates), chosen, as_of)
        return self._pin(found, as_of, until, by_place=True)

    def _pin(
        self, one: CompiledVersion, as_of: date, until: date | None, *, by_place: bool = False
    ) -> PinnedVersion:
        if one.fault:
            raise PolicyUnusableError.of(one.policy.policy_id, one.version.version, one.fault)
        inputs: list[PinnedInput] = []
        for name, policy_id, output in one.plan.needs.policies:
            versions = self._by_policy[policy_id]

            def chosen(
                day: date, versions: Sequence[CompiledVersion] = versions
            ) -> CompiledVersion | None:
                return next((version for version in versions if version.in_force(day)), None)

            found = chosen(as_of)
            change = first_change((each.version for each in versions), chosen, as_of)
            source = None if found is None else self._pinned(found, as_of, change)
            until = earlier(until, change if source is None else source.until)
            decimals = one.version.inputs[name].places
            inputs.append(PinnedInput(name, output, decimals, source, change))
        sources = _in_order_of_use(inputs)
        everything = [*(source.compiled for source in sources), one]
        rules = self._rules_of(everything)
        peers = self._tables.newest(rules, as_of) if one.plan.needs.peers else None
        asking = [*((source.compiled, source.peers) for source in sources), (one, peers)]
        places = tuple(pair for pair in asking if pair[0].plan.needs.peers)
        return PinnedVersion(
            compiled=one,
            inputs=tuple(inputs),
            until=until,
            by_place=by_place,
            sources=sources,
            needs=_needs(version.plan for version in everything),
            rules=rules,
            digest=_with_tables(
                self._digest_of(everything, inputs_of=one), [table for _, table in places]
            ),
            peers=peers,
            places=places,
        )

    def _rules_of(self, versions: Iterable[CompiledVersion]) -> str:
        digest = sha256(f"{EVALUATION_EDITION}\0{self._words_digest}".encode())
        for one in versions:
            # Without its end: that the next version was published changes no value of this one.
            digest.update(f"\0{one.digest}\0{one.version.version}".encode())
        return digest.hexdigest()

    def _digest_of(self, versions: Iterable[CompiledVersion], *, inputs_of: CompiledVersion) -> str:
        digest = sha256(f"{EVALUATION_EDITION}\0{self._words_digest}".encode())
        for one in versions:
            digest.update(f"\0{_identity(one)}".encode())
        # What is taken in counts even while it is not in force: it says until when.
        for _, policy_id, _ in inputs_of.plan.needs.policies:
            for one in self._by_policy[policy_id]:
                digest.update(f"\0{_identity(one)}".encode())
        return digest.hexdigest()


# Private functions -----------------------------------------------------------


def _identity(one: CompiledVersion) -> str:
    """Name a version with all that it says; its end may come from a later publication."""
    return f"{one.digest}\0{one.version.version}\0{one.version.end_date}"


def _with_tables(digest: str, tables: Iterable[PinnedTable | None]) -> str:
    """Digest versions with the tables of peers beside them; without any it is as it was."""
    digests = [table.stamp.digest for table in tables if table is not None]
    return sha256("\0".join((digest, *digests)).encode()).hexdigest() if digests else digest


def _upwards(division: int | None) -> tuple[int, ...]:
    """Give a division and those above it: district, city, province, country."""
    if division is None:
        return (_COUNTRY,)
    chain = (division, division // 100 * 100, division // 10_000 * 10_000, _COUNTRY)
    return tuple(dict.fromkeys(chain))


def _by_name_only(policy: Policy) -> bool:
    """Say whether a rate never applies by itself: another insurance's, one insurer's, or bounds."""
    return bool(policy.other_cover or policy.insurer or policy.bounding)


def _of_field(one: CompiledVersion, field: int) -> bool:
    return field in {EVERY_FIELD, one.field} or one.field == EVERY_FIELD


def _in_order_of_use(inputs: Iterable[PinnedInput]) -> tuple[PinnedVersion, ...]:
    found: dict[CompiledVersion, PinnedVersion] = {}
    for one in inputs:
        if one.source is not None:
            for source in (*one.source.sources, one.source):
                found.setdefault(source.compiled, source)
    return tuple(found.values())


def _needs(plans: Iterable[Plan]) -> FactNeeds:
    attributes: frozenset[str] = frozenset()
    records: dict[str, frozenset[str]] = {}
    for plan in plans:
        attributes |= plan.needs.attributes
        for kind, names in plan.needs.records.items():
            records[kind] = records.get(kind, frozenset()) | names
    return FactNeeds(attributes=attributes, records=records)
