"""Lists of many entries for the benchmarks, published as any others are."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Final

from services.common.database import Database
from services.common.identity import Caller, Role
from services.scoring.domain.list_digest import bucket_of
from services.scoring.domain.list_encoding import entry_name
from services.scoring.domain.list_entry import ListChange, ListEntry, ListKey
from services.scoring.domain.list_shrinking import ShrinkLimits
from services.scoring.store.list_feed_writer import SqlListFeedWriter

PUBLISHER: Final = Caller(identity="benchmark-publisher", roles=frozenset({Role.REGULATOR}))

_AT_ONCE: Final = 20_000
_FIRST: Final = 1_000_000


def entry(key: ListKey, number: int, *, cause: str = "") -> ListEntry:
    """Make an entry of usual length, about 450 bytes."""
    return ListEntry(
        entry_id=_FIRST * key.field + number,
        list_key=key,
        subject_id=number + 1,
        person=False,
        credit_code=f"9137010{number:011}",
        name=f"样例市第{number}化工有限责任公司",
        identity_mask="",
        division=370100 + number % 100,
        authority="样例市应急管理局",
        document_number=f"样应急严信〔2026〕{number}号",
        decision_date=date(2026, 3, 2),
        start_date=date(2026, 3, 9),
        end_date=date(2029, 3, 9),
        rule_ids=("SD-6-1", "SD-6-3"),
        cause=cause or "发生较大生产安全事故，经调查认定企业负有责任",
        basis="安全生产严重失信主体名单管理办法第六条第一项",
        measures=("cn-2025-1", "cn-2025-4", "cn-2025-9"),
        policy_id="cn.serious-dishonesty-list",
        policy_version="2023-10-01",
        policy_digest="0123456789abcdef" * 4,
    )


def fill(database: Database, key: ListKey, count: int) -> None:
    """Publish a list of so many entries, in the order of buckets, which costs each of them once."""
    field = key.field
    numbers = sorted(
        range(count), key=lambda number: bucket_of(entry_name(_FIRST * field + number))
    )
    for part in _parts(numbers):
        publish(database, [entry(key, number) for number in part])


def publish(database: Database, changes: Sequence[ListChange]) -> None:
    """Publish in a transaction of its own."""
    with database.write(caller=PUBLISHER, method="benchmark") as write:
        limits = ShrinkLimits(share_percent=100)
        SqlListFeedWriter(write.connection, write, limits=limits).publish(changes)
        write.commit()


# Private functions -----------------------------------------------------------


def _parts(numbers: Sequence[int]) -> Iterator[list[int]]:
    rest = iter(numbers)
    while part := list(islice(rest, _AT_ONCE)):
        yield part
