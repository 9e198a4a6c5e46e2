"""Repairing a damaged copy in part: by the buckets in which it differs from the service's."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

from cli.mirror.copy import ListCopy
from cli.mirror.feed import Feed
from safetycredit.scoring.v1.list_entry_pb2 import ListEntry
from safetycredit.scoring.v1.list_sync_service_pb2 import ListState
from services.scoring.domain.list_digest import BUCKETS, bucket_slice

REPAIRED_MAX: Final = BUCKETS // 4
"""House decision: a copy that differs in more buckets is loaded anew."""

_BUCKETS_AT_ONCE: Final = 64


def repair(
    copy: ListCopy, feed: Feed, *, step: Callable[[str], None], now: Callable[[], datetime]
) -> int | None:
    """Replace the buckets that differ.

    Args:
        copy: The copy.
        feed: The lists.
        step: Is called at every step, by name.
        now: Tells the present instant.

    Returns:
        How many there were; nothing if they were too many, and none was replaced.

    Raises:
        FeedRefusedError: The service refuses.
        CopyDamagedError: The copy would not be what the service says; it is as it was.
        CopyUnreadableError: SQLite cannot read the file.
        CopyTouchedError: It is no longer the file that was opened.
    """
    asked = now()
    there, trees = feed.digest(), copy.trees()
    differing = {
        one.state.field: _differing(trees[one.state.field].bucket_digests, one.bucket_digests)
        for one in there.digests
    }
    count = sum(map(len, differing.values()))
    if count > REPAIRED_MAX:
        return None
    found: dict[int, dict[int, Sequence[ListEntry]]] = {}
    for one in there.digests:
        numbers = differing[one.state.field]
        found[one.state.field] = dict(_buckets(feed, one.state, numbers))
    step("got buckets")
    states = [one.state for one in there.digests]
    copy.replace(states, found, cursor=there.cursor, now=asked)
    step("repaired")
    return count


# Private functions -----------------------------------------------------------


def _buckets(
    feed: Feed, state: ListState, numbers: Sequence[int]
) -> Iterator[tuple[int, Sequence[ListEntry]]]:
    waiting, begun = list(numbers), list[ListEntry]()
    while waiting:
        answer = feed.buckets(state, waiting[:_BUCKETS_AT_ONCE], after_entries=len(begun))
        for bucket in answer.buckets:
            begun += bucket.entries
            if bucket.more:
                break
            yield waiting.pop(0), begun
            begun = []


def _differing(here: bytes, there: bytes) -> list[int]:
    return [
        bucket
        for bucket in range(BUCKETS)
        if here[bucket_slice(bucket)] != there[bucket_slice(bucket)]
    ]
