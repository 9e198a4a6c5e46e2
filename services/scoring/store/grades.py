"""Reading the grades that were kept."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, bindparam, select

from models.grades import GradeRefreshRow, GradeRow
from services.scoring.commands.ports import GradesStanding, KeptGrade, Scan
from services.scoring.domain.viewpoint import Viewpoint
from services.scoring.store.columns import table_of
from services.scoring.store.enterprises import VERSIONS, in_force, parameters, wanted_versions

_GRADES: Final = table_of(GradeRow)
_STANDINGS: Final = table_of(GradeRefreshRow)


class SqlGrades:
    """Reads the grades that were kept; implements `GradeReads`."""

    def __init__(self, connection: Connection) -> None:
        """Read on a connection, in its transaction."""
        self._connection = connection

    def standing(self, policy_id: str) -> GradesStanding | None:
        """Say up to where they are right."""
        rows = self._connection.execute(_STANDING, {"policy": policy_id})
        row = rows.mappings().one_or_none()
        return None if row is None else GradesStanding(**row)

    def due(self, policy_id: str, by: date, *, limit: int) -> Sequence[int]:
        """Give enterprises whose grade may change by a day through time alone."""
        query = (
            select(_GRADES.c.subject_id)
            .where(_GRADES.c.policy_id == policy_id, _GRADES.c.valid_until_date <= by)
            .limit(limit)
        )
        return self._connection.execute(query).scalars().all()

    def page(
        self, policy_id: str, scan: Scan, at: Viewpoint, *, grades: Mapping[str, int]
    ) -> Sequence[KeptGrade]:
        """Give kept grades of the enterprises wanted, in order of their numbers."""
        query = _page(policy_id, scan)
        if not grades:
            return self._rows(query, at)
        found: list[KeptGrade] = []
        for grade, rank in grades.items():
            # One by one, so that the index on the place on the ladder gives them in order.
            of_grade = query.where(_GRADES.c.grade_rank == rank, _GRADES.c.grade == grade)
            found.extend(self._rows(of_grade, at))
        return sorted(found, key=lambda row: row.subject_id)[: scan.limit]

    def _rows(self, query: Select[Any], at: Viewpoint) -> list[KeptGrade]:
        rows = self._connection.execute(query, parameters(at)).mappings()
        return [KeptGrade(**row) for row in rows]


# Private functions and statements ---------------------------------------------

_STANDING: Final = select(
    _STANDINGS.c.version, _STANDINGS.c.digest, _STANDINGS.c.as_of, _STANDINGS.c.revision
).where(_STANDINGS.c.policy_id == bindparam("policy"))


def _page(policy_id: str, scan: Scan) -> Select[Any]:
    there = and_(VERSIONS.c.enterprise_id == _GRADES.c.subject_id, in_force())
    return (
        select(
            _GRADES.c.subject_id,
            _GRADES.c.status,
            _GRADES.c.grade,
            _GRADES.c.grade_rank.label("rank"),
            _GRADES.c.score,
            _GRADES.c.valid_until_date,
        )
        .select_from(_GRADES.join(VERSIONS, there))
        .where(
            _GRADES.c.policy_id == policy_id,
            _GRADES.c.subject_id > scan.after,
            *wanted_versions(scan.wanted),
        )
        .order_by(_GRADES.c.subject_id)
        .limit(scan.limit)
    )
