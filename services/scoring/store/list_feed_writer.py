"""Publishing: the changes of lists, in versions, inside the transaction of whoever decides."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import (
    Connection,
    LargeBinary,
    bindparam,
    case,
    func,
    insert,
    select,
    type_coerce,
    update,
)

from models.list_feed import ListChangeRow, ListHeadRow, ListVersionRow
from services.common.database import WriteTransaction
from services.common.identity_cipher import masked_identity_number
from services.scoring.domain.list_digest import (
    bucket_digest,
    bucket_of,
    bucket_slice,
    entry_digest,
    list_digest,
)
from services.scoring.domain.list_encoding import (
    NAME_BYTES,
    encode_entry,
    encode_removal,
    entry_name,
    is_in,
    is_of,
)
from services.scoring.domain.list_entry import EntryRemoval, ListChange, ListEntry, ListKey
from services.scoring.domain.list_feed_errors import (
    EntryNotPublishedError,
    EntryTooLargeError,
    IdentityNumberNotMaskedError,
    NameNotMaskedError,
)
from services.scoring.domain.list_shrinking import (
    LawfulRemovals,
    Shrinkage,
    ShrinkLimits,
    removed_by_law,
)
from services.scoring.domain.subject import masked_name
from services.scoring.store.list_bodies import damaged, tell_damage
from services.scoring.store.list_buckets import refresh_buckets
from services.scoring.store.list_head_restoring import lock_sound_head
from services.scoring.store.list_heads import Head
from services.scoring.store.list_restoring import restore_changes
from services.scoring.store.list_shrinking import ShrinkGuard

CHANGES_PER_VERSION_MAX: Final = 1000
"""House limit: a page of changes holds whole versions, so a version must fit on one."""

BYTES_PER_VERSION_MAX: Final = 2**20
"""House limit, for the same reason: a message holds 4 MiB."""

ENTRY_BYTES_MAX: Final = 2**16
"""House limit: far above any decision's wording."""


class SqlListFeedWriter:
    """Publishes changes of lists; what it writes becomes visible when the transaction commits.

    Attributes:
        lawful: What was published so far because the law demands it.
    """

    def __init__(
        self,
        connection: Connection,
        transaction: WriteTransaction,
        *,
        limits: ShrinkLimits | None = None,
        by_procedure: bool = False,
    ) -> None:
        """Publish in a write transaction.

        Args:
            connection: The transaction's.
            transaction: Of whoever decides.
            limits: How much a list may shrink without a second approval.
            by_procedure: Whether the procedure of the lists publishes and answers for the reasons
                of removals, so that those which the law demands pass the guard. To a publication
                from elsewhere every removal is a decision.
        """
        self.lawful: list[LawfulRemovals] = []
        self._by_procedure = by_procedure
        self._connection = connection
        self._transaction = transaction
        self._guard = ShrinkGuard(transaction, limits or ShrinkLimits())

    def publish(
        self, changes: Sequence[ListChange], *, approval: str = ""
    ) -> Mapping[ListKey, int]:
        """Publish changes; nothing of them if any of them cannot be.

        The changes of one publication have no order among themselves, and each is about another
        entry. A large publication becomes several versions, all of the one transaction. An entry
        that is published as it stands already changes nothing.

        Args:
            changes: How entries stand now, and which are gone.
            approval: Identifier of the approval that lets a list shrink; by default any that
                another person gave for the list and nobody used.

        Returns:
            The version of each list that the changes name, once they are in it.

        Raises:
            NameNotMaskedError: An entry has the name of a person in full.
            IdentityNumberNotMaskedError: An entry shows more of a number than a mask does.
            EntryNotPublishedError: An entry is to be removed that is not on its list.
            EntryTooLargeError: An entry is larger than one may be.
            ListShrinksError: A list would shrink too much, and nobody else approved that.
            ShrinkApprovalUnfitError: The named approval is for something else.
            ListChangesDamagedError: What is kept of a list near a change is not what was published.
        """
        by_list: dict[ListKey, list[_Drafted]] = {}
        for change in changes:
            by_list.setdefault(change.list_key, []).append(_Drafted.of(change))
        versions: dict[ListKey, int] = {}
        lawful: list[LawfulRemovals] = []
        # Whoever catches a refusal and commits must not commit half a publication.
        with self._connection.begin_nested():
            for key in sorted(by_list):
                versions[key] = self._publish(key, by_list[key], approval, lawful)
        self.lawful += lawful
        return versions

    # Private methods -------------------------------------------------------------

    def _publish(
        self, key: ListKey, drafted: list["_Drafted"], approval: str, lawful: list[LawfulRemovals]
    ) -> int:
        assert len({one.entry_id for one in drafted}) == len(drafted), "an entry changes once"
        before, kept = lock_sound_head(self._connection, key)
        head, digests = before, bytearray(kept)
        versions: list[dict[str, Any]] = []
        # Neighbours in a bucket stand in one version, so that each bucket is digested once.
        drafted.sort(key=lambda one: one.bucket)
        for part in _parts(drafted):
            head = self._publish_version(head, part, digests, versions)
        if head.version == before.version:
            return before.version
        if head.entry_count < before.entry_count or head.by_law_count > before.by_law_count:
            shrinkage = self._guard.measure(before, head)
            head = self._guarded(before, head, shrinkage, version=versions[-1], approval=approval)
            if head.by_law_count > before.by_law_count:
                lawful.append(_lawful(head, drafted, shrinkage))
        self._connection.execute(insert(ListVersionRow), versions)
        touched = {one.bucket for one in drafted}
        refresh_buckets(self._connection, before, touched, digests=bytes(digests))
        self._connection.execute(
            update(ListHeadRow)
            .where(ListHeadRow.kind == key.kind, ListHeadRow.field == key.field)
            .values(
                version=head.version,
                entry_count=head.entry_count,
                last_ordinal=head.last_ordinal,
                last_byte=head.last_byte,
                guarded_version=head.guarded_version,
                by_law_count=head.by_law_count,
                warned_version=head.warned_version,
                digest=head.digest,
                bucket_digests=bytes(digests),
            )
        )
        return head.version

    def _guarded(
        self,
        before: Head,
        after: Head,
        shrinkage: Shrinkage,
        *,
        version: dict[str, Any],
        approval: str,
    ) -> Head:
        """Hold back what decisions shrink too much, and mark where the law did.

        Args:
            before: The list before the publication.
            after: The list after it.
            shrinkage: How much the list shrinks.
            version: Row of the last version, not written yet.
            approval: Identifier of an approval; empty for any that fits.
        """
        used = self._guard.approval_for(before, after, shrinkage, named=approval)
        if used is not None:
            self._guard.use(used, after.version)
            version["approval_id"] = used
            after = replace(after, guarded_version=after.version)
        if after.by_law_count > before.by_law_count and self._guard.startled(shrinkage):
            version["warned_removals"] = shrinkage.by_law
            after = replace(after, warned_version=after.version)
        return after

    def _lawful_in(self, part: Sequence["_Drafted"]) -> int:
        return sum(removed_by_law(one.change) for one in part) if self._by_procedure else 0

    def _publish_version(
        self,
        head: Head,
        part: Sequence["_Drafted"],
        digests: bytearray,
        versions: list[dict[str, Any]],
    ) -> Head:
        """Write one version, unless the part changes nothing; give the head after it."""
        buckets = self._sound_buckets(head.key, part, digests)
        rows = list(_rows(head, part, buckets))
        if not rows:
            return head
        superseded = [row.pop("superseded_ordinal") for row in rows]
        self._connection.execute(insert(ListChangeRow), rows)
        self._supersede(head, [ordinal for ordinal in superseded if ordinal])
        for number in {row["bucket"] for row in rows}:
            digests[bucket_slice(number)] = bucket_digest(buckets[number].digests())
        after = Head(
            key=head.key,
            version=head.version + 1,
            entry_count=head.entry_count + sum(bucket.growth for bucket in buckets.values()),
            last_ordinal=head.last_ordinal + len(rows),
            last_byte=head.last_byte + sum(len(row["body"]) for row in rows),
            floor_version=head.floor_version,
            guarded_version=head.guarded_version,
            by_law_count=head.by_law_count + self._lawful_in(part),
            warned_version=head.warned_version,
            digest=list_digest(digests),
        )
        versions.append(
            {
                "kind": after.key.kind,
                "field": after.key.field,
                "version": after.version,
                "last_ordinal": after.last_ordinal,
                "last_byte": after.last_byte,
                "entry_count": after.entry_count,
                "digest": after.digest,
                "approval_id": None,
                "by_law_count": after.by_law_count,
                "warned_removals": None,
                "recorded_revision": self._transaction.revision,
                "recorded_time": self._transaction.recorded_time,
            }
        )
        return after

    def _sound_buckets(
        self, key: ListKey, part: Sequence["_Drafted"], digests: bytearray
    ) -> dict[int, "_Bucket"]:
        """Read the buckets of a part; what was damaged must not become what was published."""
        buckets = self._buckets(key, part)
        damage = _damage(buckets, digests)
        astray = {number for number, bucket in buckets.items() if bucket.astray}
        if damage or astray:
            restore_changes(self._connection, key, sorted(astray.union(damage)))
            buckets = self._buckets(key, part)
            for number in _damage(buckets, digests):
                tell_damage(key, number)
                raise damaged(key, number)
        return buckets

    def _buckets(self, key: ListKey, part: Sequence["_Drafted"]) -> dict[int, "_Bucket"]:
        """Read what stands in the buckets of a part: current entries, and current tombstones."""
        buckets = {one.bucket: _Bucket() for one in part}
        changing = {one.entry_id for one in part}
        # Those that are to change are held against their bodies; of others it is enough that they
        # are who they are said to be, as else one of them may be one of those.
        looked_at = case(
            (ListChangeRow.entry_id.in_(changing), ListChangeRow.body),
            else_=func.substr(ListChangeRow.body, 1, NAME_BYTES),
        )
        rows = self._connection.execute(
            select(
                ListChangeRow.bucket,
                ListChangeRow.entry_id,
                ListChangeRow.ordinal,
                ListChangeRow.division,
                ListChangeRow.removal_reason,
                ListChangeRow.digest,
                type_coerce(looked_at, LargeBinary),
            ).where(
                ListChangeRow.kind == key.kind,
                ListChangeRow.field == key.field,
                ListChangeRow.bucket.in_(buckets),
                ListChangeRow.superseded_version.is_(None),
            )
        )
        for number, entry_id, ordinal, division, reason, digest, body in rows:
            bucket, listed = buckets[number], digest if reason is None else None
            bucket.current[entry_id] = _Current(ordinal, division, listed)
            bucket.astray |= not is_of(body, entry_id) or (
                entry_id in changing and listed is not None and not is_in(body, division)
            )
        return buckets

    def _supersede(self, head: Head, ordinals: list[int]) -> None:
        if not ordinals:
            return
        self._connection.execute(
            update(ListChangeRow)
            .where(
                ListChangeRow.kind == head.key.kind,
                ListChangeRow.field == head.key.field,
                ListChangeRow.ordinal == bindparam("of_ordinal"),
            )
            .values(superseded_version=head.version + 1),
            [{"of_ordinal": ordinal} for ordinal in ordinals],
        )


# Private functions and classes ------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Drafted:
    """A change, encoded and put where it belongs."""

    change: ListChange
    entry_id: int
    bucket: int
    body: bytes

    @classmethod
    def of(cls, change: ListChange) -> "_Drafted":
        name = entry_name(change.entry_id)
        if isinstance(change, ListEntry):
            if change.person and change.name != masked_name(change.name):
                raise NameNotMaskedError(f"mask the name of the person in {name}", entry=name)
            if not _masked(change.identity_mask):
                raise IdentityNumberNotMaskedError(
                    f"mask the identity number of the person in {name}", entry=name
                )
            body = encode_entry(change)
        else:
            body = encode_removal(change)
        if len(body) > ENTRY_BYTES_MAX:
            raise EntryTooLargeError(
                f"{name} takes {len(body)} bytes; shorten its wording to {ENTRY_BYTES_MAX}",
                entry=name,
                entry_bytes=len(body),
                entry_bytes_max=ENTRY_BYTES_MAX,
            )
        return cls(change, change.entry_id, bucket_of(name), body)


@dataclass(frozen=True, slots=True)
class _Current:
    """The last change of an entry; of what is removed no digest, and of what is new no ordinal."""

    ordinal: int
    division: int | None
    digest: bytes | None


@dataclass(slots=True)
class _Bucket:
    """What stands in a bucket, and by how much it grew.

    Attributes:
        current: The last change of each entry, by entry.
        growth: By how many entries it grew.
        astray: Whether something in it is not what its body says.
    """

    current: dict[int, _Current] = field(default_factory=dict)
    growth: int = 0
    astray: bool = False

    def digests(self) -> Iterator[bytes]:
        return (one.digest for one in self.current.values() if one.digest is not None)


def _damage(buckets: Mapping[int, _Bucket], digests: bytearray) -> Sequence[int]:
    """Give the buckets whose changes are not what their digests say."""
    return [
        number
        for number, bucket in buckets.items()
        if bucket_digest(bucket.digests()) != digests[bucket_slice(number)]
    ]


def _masked(identity_mask: str) -> bool:
    """Say whether an identity number is hidden as a mask hides it, or not there at all."""
    return not identity_mask or (
        "*" in identity_mask and identity_mask == masked_identity_number(identity_mask)
    )


def _lawful(head: Head, drafted: Sequence[_Drafted], shrinkage: Shrinkage) -> LawfulRemovals:
    return LawfulRemovals(
        key=head.key,
        version=head.version,
        removals=tuple(
            one.change
            for one in drafted
            if isinstance(one.change, EntryRemoval) and removed_by_law(one.change)
        ),
        entry_count=head.entry_count,
        in_window=shrinkage.by_law,
        startling=head.warned_version == head.version,
    )


_ABSENT: Final = _Current(0, None, None)


def _parts(drafted: Sequence[_Drafted]) -> Iterator[list[_Drafted]]:
    """Cut a publication into versions."""
    part: list[_Drafted] = []
    size = 0
    for one in drafted:
        if part and (
            len(part) == CHANGES_PER_VERSION_MAX or size + len(one.body) > BYTES_PER_VERSION_MAX
        ):
            yield part
            part, size = [], 0
        part.append(one)
        size += len(one.body)
    if part:
        yield part


def _rows(
    head: Head, part: Sequence[_Drafted], buckets: dict[int, _Bucket]
) -> Iterator[dict[str, Any]]:
    """Give the rows of a version, and bring the buckets to how they stand after it."""
    ordinal = head.last_ordinal
    for one in part:
        bucket = buckets[one.bucket]
        before = bucket.current.get(one.entry_id, _ABSENT)
        row = _row(one, before)
        if row is None:
            continue
        ordinal += 1
        listed = row["digest"] if row["removal_reason"] is None else None
        bucket.current[one.entry_id] = _Current(ordinal, row["division"], listed)
        bucket.growth += (listed is not None) - (before.digest is not None)
        yield {
            "kind": head.key.kind,
            "field": head.key.field,
            "ordinal": ordinal,
            "version": head.version + 1,
            "superseded_ordinal": before.ordinal,
            **row,
        }


def _row(one: _Drafted, before: _Current) -> dict[str, Any] | None:
    """Give what a change is; nothing if it changes nothing."""
    row: dict[str, Any] = {
        "entry_id": one.entry_id,
        "bucket": one.bucket,
        "previous_division": before.division,
        "body": one.body,
    }
    digest = entry_digest(one.body)
    if isinstance(one.change, EntryRemoval):
        if before.digest is None:
            name = entry_name(one.entry_id)
            raise EntryNotPublishedError(f"{name} is not on the list", entry=name)
        return {**row, "division": None, "removal_reason": one.change.reason, "digest": digest}
    if digest == before.digest:
        return None
    return {**row, "division": one.change.division, "removal_reason": None, "digest": digest}
