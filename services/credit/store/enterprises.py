"""Enterprises on the tables: identities, periods on both axes of time, successions."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    collate,
    exists,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from models.enterprises import EnterpriseRow, EnterpriseVersionRow, SuccessionRow
from models.store_state import RevisionRow
from services.credit.commands.ports import EnterpriseFile, EnterpriseFilter, Slice
from services.credit.domain.codes import Activity, EnterpriseKind, EnterpriseState, Field
from services.credit.domain.enterprise import Period, Profile, Succession, Version
from services.credit.domain.subject import (
    CreditCode,
    EnterpriseId,
    EnterpriseRef,
    Identity,
    LocalIdentity,
)
from services.credit.store.bulk import BulkInsert
from services.credit.store.columns import among, bits_of, codes_of, table_of, visible
from services.credit.store.key_sets import joined_keys, keyed
from services.credit.store.write_point import WritePoint

_ENTERPRISES: Final = table_of(EnterpriseRow)
_VERSIONS: Final = table_of(EnterpriseVersionRow)
_PAST: Final = table_of(EnterpriseVersionRow).alias("past")
_SUCCESSIONS: Final = table_of(SuccessionRow)
_RECORDED: Final = table_of(RevisionRow).alias("recorded")
_SUPERSEDED: Final = table_of(RevisionRow).alias("superseded")
_LOCAL: Final = (_ENTERPRISES.c.local_scheme, _ENTERPRISES.c.local_value)
_ESCAPE: Final = "/"
_ASCII_LOWER: Final = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


@dataclass(frozen=True, slots=True)
class _Kept:
    """A period as it is kept."""

    enterprise_id: int
    row_id: int
    revision: int
    period: Period


@dataclass(frozen=True, slots=True)
class _KeptIdentity:
    """An identity as it is kept."""

    enterprise_id: int
    recorded_revision: int
    credit_code: str | None = None
    local_scheme: str | None = None
    local_value: str | None = None


_INSERT_IDENTITIES: Final[BulkInsert[_KeptIdentity]] = BulkInsert(
    _ENTERPRISES, {one.name: one.name for one in fields(_KeptIdentity)}
)
_INSERT_VERSIONS: Final[BulkInsert[_Kept]] = BulkInsert(
    _VERSIONS,
    {
        "row_id": "row_id",
        "enterprise_id": "enterprise_id",
        "recorded_revision": "revision",
    }
    | {name: f"period.{name}" for name in ("state", "start_date", "end_date", "document_number")}
    | {one.name: f"period.profile.{one.name}" for one in fields(Profile)},
    conversions={"fields": bits_of, "kind": int, "state": int, "activities": bits_of},
)


class SqlEnterprises:
    """Reads and writes enterprises; implements `EnterpriseWrites`."""

    def __init__(self, connection: Connection, writes: WritePoint | None = None) -> None:
        """Work on a connection, in its transaction.

        Args:
            connection: Where to read and write.
            writes: Gives identifiers and the revision; none to read only.
        """
        self._connection = connection
        self._writes = writes

    def resolve(
        self, refs: Collection[EnterpriseRef], *, revision: int
    ) -> Mapping[EnterpriseRef, int]:
        """Find the enterprises that references name."""
        codes = [ref.value for ref in refs if isinstance(ref, CreditCode)]
        locals_ = [(ref.scheme, ref.value) for ref in refs if isinstance(ref, LocalIdentity)]
        numbers = [ref.value for ref in refs if isinstance(ref, EnterpriseId)]
        found: dict[EnterpriseRef, int] = {}
        if codes:
            for row in self._identities(self._keyed(_ENTERPRISES.c.credit_code, codes), revision):
                found[CreditCode(row.credit_code)] = row.enterprise_id
        if locals_:
            named = joined_keys(_LOCAL, locals_, self._connection.dialect)
            for row in self._identities(true(), revision, enterprises=named):
                found[LocalIdentity(row.local_scheme, row.local_value)] = row.enterprise_id
        if numbers:
            numbered = self._keyed(_ENTERPRISES.c.enterprise_id, numbers)
            for row in self._identities(numbered, revision):
                found[EnterpriseId(row.enterprise_id)] = row.enterprise_id
        return found

    def files(
        self, enterprise_ids: Collection[int], *, revision: int, superseded: bool = False
    ) -> Mapping[int, EnterpriseFile]:
        """Give the files of enterprises."""
        if not enterprise_ids:
            return {}
        versions = self._versions(enterprise_ids, revision, superseded=superseded)
        successions = self._successions(enterprise_ids, revision)
        wanted = self._keyed(_ENTERPRISES.c.enterprise_id, enterprise_ids)
        return {
            row.enterprise_id: EnterpriseFile(
                enterprise_id=row.enterprise_id,
                identity=_identity(row),
                versions=tuple(versions[row.enterprise_id]),
                successions=tuple(successions[row.enterprise_id]),
            )
            for row in self._identities(wanted, revision)
        }

    def versions(
        self, enterprise_ids: Collection[int], *, revision: int
    ) -> Mapping[int, tuple[Version, ...]]:
        """Give the periods that were current, oldest first."""
        found = self._versions(enterprise_ids, revision, superseded=False)
        return {number: tuple(sorted(versions, key=_start)) for number, versions in found.items()}

    def search(self, wanted: EnterpriseFilter, part: Slice) -> Sequence[int]:
        """List enterprises that had a period on the day, by ascending number."""
        query = (
            select(_VERSIONS.c.enterprise_id)
            .where(
                visible(_VERSIONS, part.revision),
                _VERSIONS.c.start_date <= part.as_of,
                or_(_VERSIONS.c.end_date.is_(None), _VERSIONS.c.end_date > part.as_of),
                *self._filters(wanted, part),
            )
            .order_by(_VERSIONS.c.enterprise_id)
            .limit(part.limit)
        )
        if part.after:
            query = query.where(_VERSIONS.c.enterprise_id > part.after[0])
        return self._connection.execute(query).scalars().all()

    def register(self, newcomers: Sequence[EnterpriseFile]) -> None:
        """Store new enterprises, each with its first version."""
        _INSERT_IDENTITIES(self._connection, [_kept_identity(file) for file in newcomers])
        _INSERT_VERSIONS(
            self._connection,
            [
                _Kept(file.enterprise_id, version.row_id, version.recorded_revision, version.period)
                for file in newcomers
                for version in file.versions
            ],
        )

    def rewrite(
        self, enterprise_id: int, *, superseded_row_ids: Sequence[int], periods: Sequence[Period]
    ) -> None:
        """Replace current rows by others."""
        writes = self._required_writes()
        result = self._connection.execute(
            update(_VERSIONS)
            .where(
                among(_VERSIONS.c.row_id, superseded_row_ids),
                _VERSIONS.c.superseded_revision.is_(None),
            )
            .values(superseded_revision=writes.revision)
        )
        assert result.rowcount == len(superseded_row_ids), "a period is superseded once"
        _INSERT_VERSIONS(
            self._connection,
            [_Kept(enterprise_id, writes.new_id(), writes.revision, period) for period in periods],
        )

    def add_successions(self, successions: Sequence[Succession]) -> None:
        """Store mergers and splits."""
        writes = self._required_writes()
        for one in successions:
            self._connection.execute(
                insert(_SUCCESSIONS).values(
                    row_id=writes.new_id(),
                    predecessor_id=one.predecessor_id,
                    successor_id=one.successor_id,
                    kind=int(one.kind),
                    effective_date=one.effective_date,
                    recorded_revision=writes.revision,
                )
            )

    def _identities(
        self,
        condition: ColumnElement[bool],
        revision: int,
        *,
        enterprises: FromClause = _ENTERPRISES,
    ) -> Sequence[Row[Any]]:
        query = (
            select(_ENTERPRISES)
            .select_from(enterprises)
            .where(condition, _ENTERPRISES.c.recorded_revision <= revision)
        )
        return self._connection.execute(query).all()

    def _versions(
        self, enterprise_ids: Collection[int], revision: int, *, superseded: bool
    ) -> defaultdict[int, list[Version]]:
        shown = (
            _VERSIONS.c.recorded_revision <= revision
            if superseded
            else visible(_VERSIONS, revision)
        )
        wanted = self._keyed(_VERSIONS.c.enterprise_id, enterprise_ids)
        query = _select_versions().where(wanted, shown)
        found: defaultdict[int, list[Version]] = defaultdict(list)
        for row in self._connection.execute(query.order_by(_VERSIONS.c.row_id)):
            found[row.enterprise_id].append(_version(row, revision))
        return found

    def _successions(
        self, enterprise_ids: Collection[int], revision: int
    ) -> defaultdict[int, list[Succession]]:
        query = (
            select(_SUCCESSIONS)
            .where(
                or_(
                    among(_SUCCESSIONS.c.predecessor_id, enterprise_ids),
                    among(_SUCCESSIONS.c.successor_id, enterprise_ids),
                ),
                _SUCCESSIONS.c.recorded_revision <= revision,
            )
            .order_by(_SUCCESSIONS.c.effective_date, _SUCCESSIONS.c.row_id)
        )
        found: defaultdict[int, list[Succession]] = defaultdict(list)
        for row in self._connection.execute(query):
            one = Succession(
                predecessor_id=row.predecessor_id,
                successor_id=row.successor_id,
                kind=EnterpriseState(row.kind),
                effective_date=row.effective_date,
            )
            found[row.predecessor_id].append(one)
            found[row.successor_id].append(one)
        return found

    def _keyed(
        self, key: Column[Any], values: Collection[int] | Collection[str]
    ) -> ColumnElement[bool]:
        return keyed(key, values, self._connection.dialect)

    def _filters(self, wanted: EnterpriseFilter, part: Slice) -> Iterable[ColumnElement[bool]]:
        if wanted.name_contains:
            yield self._name_filter(wanted.name_contains, part)
        if wanted.credit_code:
            yield _VERSIONS.c.enterprise_id == (
                select(_ENTERPRISES.c.enterprise_id)
                .where(_ENTERPRISES.c.credit_code == wanted.credit_code)
                .scalar_subquery()
            )
        if wanted.divisions is not None:
            yield _VERSIONS.c.division >= wanted.divisions.start
            yield _VERSIONS.c.division < wanted.divisions.stop
        if wanted.industry_prefix:
            yield _VERSIONS.c.industry.startswith(
                wanted.industry_prefix, autoescape=True, escape=_ESCAPE
            )
        if wanted.field is not None:
            yield _VERSIONS.c.fields.op("&")(1 << wanted.field) != 0

    def _name_filter(self, part_of_name: str, part: Slice) -> ColumnElement[bool]:
        name: ColumnElement[str] = _PAST.c.name
        if self._connection.dialect.name == "postgresql":
            # In this collation only ASCII letters have case, as always on SQLite.
            name = collate(name, "C")
        return exists().where(
            _PAST.c.enterprise_id == _VERSIONS.c.enterprise_id,
            visible(_PAST, part.revision),
            _PAST.c.start_date <= part.as_of,
            func.lower(name).contains(
                part_of_name.translate(_ASCII_LOWER), autoescape=True, escape=_ESCAPE
            ),
        )

    def _required_writes(self) -> WritePoint:
        assert self._writes is not None, "only a write transaction writes"
        return self._writes


# Private functions -----------------------------------------------------------


def _select_versions() -> Select[Any]:
    return select(
        _VERSIONS,
        _RECORDED.c.recorded_time,
        _SUPERSEDED.c.recorded_time.label("superseded_time"),
    ).select_from(
        _VERSIONS.join(_RECORDED, _RECORDED.c.revision == _VERSIONS.c.recorded_revision).outerjoin(
            _SUPERSEDED, _SUPERSEDED.c.revision == _VERSIONS.c.superseded_revision
        )
    )


def _identity(row: Row[Any]) -> Identity:
    if row.credit_code is not None:
        return CreditCode(row.credit_code)
    return LocalIdentity(row.local_scheme, row.local_value)


def _version(row: Row[Any], revision: int) -> Version:
    replaced = row.superseded_revision is not None and row.superseded_revision <= revision
    return Version(
        row_id=row.row_id,
        period=Period(
            profile=Profile(
                name=row.name,
                fields=codes_of(row.fields, Field),
                division=row.division,
                industry=row.industry,
                kind=EnterpriseKind(row.kind),
                headcount=row.headcount,
                founding_date=row.founding_date,
                activities=codes_of(row.activities, Activity),
            ),
            state=EnterpriseState(row.state),
            start_date=row.start_date,
            end_date=row.end_date,
            document_number=row.document_number,
        ),
        recorded_revision=row.recorded_revision,
        recorded_time=row.recorded_time,
        superseded_time=row.superseded_time if replaced else None,
    )


def _start(version: Version) -> date:
    return version.period.start_date


def _kept_identity(file: EnterpriseFile) -> _KeptIdentity:
    identity, revision = file.identity, file.versions[0].recorded_revision
    if isinstance(identity, CreditCode):
        return _KeptIdentity(file.enterprise_id, revision, credit_code=identity.value)
    return _KeptIdentity(
        file.enterprise_id, revision, local_scheme=identity.scheme, local_value=identity.value
    )
