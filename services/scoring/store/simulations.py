"""Simulations on the tables: queued, claimed under a lease, and finished or not."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from models.persons import PersonRow
from models.policy_issuing import SimulationChangeRow, SimulationFileRow, SimulationRow
from services.common.database import Database
from services.common.errors import SafetyCreditError
from services.common.idempotency import RequestIdReusedError
from services.scoring.commands.trials.comparing import Movement, ShortResult
from services.scoring.commands.trials.simulation_ports import (
    ChangeFilter,
    Claimed,
    PolicyImpact,
    Simulation,
    SimulationActiveError,
    SimulationFilter,
    SimulationRequest,
    SimulationState,
    StartedBy,
    StartedOnce,
    SubjectChange,
)
from services.scoring.domain.viewpoint import EnterpriseFilter, Viewpoint
from services.scoring.store.columns import table_of
from services.scoring.store.derived_writing import DerivedWriter
from services.scoring.store.enterprises import (
    REVISION,
    VERSIONS,
    in_force,
    parameters,
    wanted_versions,
)
from services.scoring.store.impact_text import read_impacts, write_impacts

_RUNS: Final = table_of(SimulationRow)
_CHANGES: Final = table_of(SimulationChangeRow)
_FILES: Final = table_of(SimulationFileRow)
_PERSONS: Final = table_of(PersonRow)


class SqlSimulations:
    """Keeps simulations; implements `Simulations` and `Counting`."""

    def __init__(self, database: Database) -> None:
        """Keep them in a database; nothing is opened yet."""
        self._database = database
        self._writer = DerivedWriter(database)

    def close(self) -> None:
        """Close every connection."""
        self._writer.close()

    # Callers -----------------------------------------------------------------------

    def recall(self, by: StartedBy) -> Simulation | None:
        """Give the simulation that a request started; none if it is new."""
        with self._database.read() as transaction:
            return _recalled(transaction.connection, by)

    def start(self, by: StartedBy, request: SimulationRequest) -> StartedOnce:
        """Queue a simulation, unless the request did before."""
        try:
            with self._writer.writing() as connection:
                first = _recalled(connection, by)
                if first is not None:
                    return StartedOnce(first, repeated=True)
                row = {**_request_row(request), **_fresh_row(self._writer, by)}
                number = connection.execute(
                    insert(_RUNS).values(**row).returning(_RUNS.c.simulation_id)
                ).scalar_one()
                if len(request.contents) > 1:
                    connection.execute(insert(_FILES), _file_rows(number, request))
                return StartedOnce(_one(connection, number), repeated=False)
        except IntegrityError as error:
            # The same request may have come twice at once.
            first = self.recall(by)
            if first is not None:
                return StartedOnce(first, repeated=True)
            raise _active(request.policy_id) from error

    def get(self, simulation_id: int) -> Simulation | None:
        """Get one with its result; none if there is no such one."""
        with self._database.read() as transaction:
            query = select(_RUNS).where(_RUNS.c.simulation_id == simulation_id)
            row = transaction.connection.execute(query).one_or_none()
            if row is None:
                return None
            return self._aged(_whole(transaction.connection, row), row)

    def listed(self, wanted: SimulationFilter) -> Sequence[Simulation]:
        """List them without results, the latest first."""
        query = _without_result().order_by(_RUNS.c.simulation_id.desc()).limit(wanted.limit)
        if wanted.policy_id:
            query = query.where(_RUNS.c.policy_id == wanted.policy_id)
        if wanted.state:
            query = query.where(_RUNS.c.state == wanted.state)
        if wanted.before is not None:
            query = query.where(_RUNS.c.simulation_id < wanted.before)
        with self._database.read() as transaction:
            rows = transaction.connection.execute(query).all()
            numbers = [row.simulation_id for row in rows]
            further = _further_policies(transaction.connection, numbers)
            return [
                self._aged(_simulation(row, further.get(row.simulation_id, ())), row)
                for row in rows
            ]

    def changes(self, simulation_id: int, wanted: ChangeFilter) -> Sequence[SubjectChange]:
        """List subjects whose result changed, in order of their numbers."""
        query = (
            select(_CHANGES)
            .where(
                _CHANGES.c.simulation_id == simulation_id,
                _CHANGES.c.policy_id == wanted.policy_id,
                _CHANGES.c.subject_id > wanted.after,
            )
            .order_by(_CHANGES.c.subject_id)
            .limit(wanted.limit)
        )
        if wanted.movement:
            query = query.where(_CHANGES.c.movement == wanted.movement)
        with self._database.read() as transaction:
            return [_change(row) for row in transaction.connection.execute(query)]

    def cancel(self, simulation_id: int) -> bool:
        """Cancel one that waits or runs; say whether it did."""
        with self._writer.writing() as connection:
            return self._ended(
                connection,
                and_(_RUNS.c.simulation_id == simulation_id, _ACTIVE),
                SimulationState.CANCELLED,
            )

    def restart(self, simulation_id: int) -> bool:
        """Queue one again that did not come to its end; say whether it did."""
        self._mark_interrupted()
        restartable = _RUNS.c.state.in_(_RESTARTABLE)
        try:
            with self._writer.writing() as connection:
                done = connection.execute(
                    update(_RUNS)
                    .where(_RUNS.c.simulation_id == simulation_id, restartable)
                    .values(**_QUEUED_AGAIN)
                )
                if done.rowcount != 1:
                    return False
                connection.execute(
                    delete(_CHANGES).where(_CHANGES.c.simulation_id == simulation_id)
                )
                return True
        except IntegrityError as error:
            raise _active("") from error

    # The server at work --------------------------------------------------------------

    def claim(self) -> Claimed | None:
        """Take the next that waits; mark those whose server has gone."""
        self._mark_interrupted()
        if not self._any(_RUNS.c.state == int(SimulationState.QUEUED)):
            return None
        lease = uuid4().hex
        waiting = (
            select(func.min(_RUNS.c.simulation_id))
            .where(_RUNS.c.state == int(SimulationState.QUEUED))
            .scalar_subquery()
        )
        with self._writer.writing() as connection:
            number = connection.execute(
                update(_RUNS)
                .where(
                    _RUNS.c.simulation_id == waiting,
                    _RUNS.c.state == int(SimulationState.QUEUED),
                )
                .values(
                    state=int(SimulationState.RUNNING),
                    holder=lease,
                    expiry_time=self._writer.expiry(),
                )
                .returning(_RUNS.c.simulation_id)
            ).scalar()
            if number is None:
                return None
            return Claimed(_one(connection, number), lease)

    def progress(
        self, claimed: Claimed, done: int, changes: Sequence[SubjectChange], *, truncated: bool
    ) -> bool:
        """Keep how far it has come; say whether to go on."""
        with self._writer.writing() as connection:
            held = connection.execute(
                update(_RUNS)
                .where(_held(claimed))
                .values(
                    subjects_done=done,
                    changes_kept=_RUNS.c.changes_kept + len(changes),
                    changes_truncated=truncated,
                    expiry_time=self._writer.expiry(),
                )
            )
            if held.rowcount != 1:
                return False
            number = claimed.simulation.simulation_id
            if changes:
                connection.execute(
                    insert(_CHANGES), [_change_row(number, change) for change in changes]
                )
            return True

    def finish(self, claimed: Claimed, impacts: Sequence[PolicyImpact]) -> bool:
        """Keep the result; say whether it was still wanted."""
        with self._writer.writing() as connection:
            return self._ended(
                connection, _held(claimed), SimulationState.DONE, result=write_impacts(impacts)
            )

    def fail(self, claimed: Claimed, error: SafetyCreditError) -> None:
        """Keep why it failed."""
        with self._writer.writing() as connection:
            self._ended(
                connection,
                _held(claimed),
                SimulationState.FAILED,
                failure_reason=error.reason,
                failure_message=error.message,
            )

    def interrupt(self, claimed: Claimed) -> None:
        """Mark that this server stops before the end."""
        with self._writer.writing() as connection:
            self._ended(connection, _held(claimed), SimulationState.INTERRUPTED)

    def subjects(self, wanted: EnterpriseFilter, at: Viewpoint, *, persons: bool) -> int:
        """Say how many subjects there are."""
        query = (
            select(func.count()).select_from(VERSIONS).where(in_force(), *wanted_versions(wanted))
        )
        with self._database.read() as transaction:
            count = transaction.connection.execute(query, parameters(at)).scalar_one()
        return count + (self.persons(at) if persons else 0)

    def persons(self, at: Viewpoint) -> int:
        """Say how many persons there are."""
        with self._database.read() as transaction:
            known = transaction.connection.execute(_COUNT_PERSONS, {"revision": at.revision})
            return known.scalar_one()

    # Private methods -------------------------------------------------------------

    def _ended(
        self,
        connection: Connection,
        which: ColumnElement[bool],
        state: SimulationState,
        **values: object,
    ) -> bool:
        done = connection.execute(
            update(_RUNS)
            .where(which)
            .values(
                state=int(state),
                end_time=self._writer.now(),
                holder="",
                expiry_time=None,
                **values,
            )
        )
        return done.rowcount == 1

    def _any(self, which: ColumnElement[bool]) -> bool:
        """Look before writing: a write transaction for nothing would hold up others."""
        with self._database.read() as transaction:
            query = select(func.count()).select_from(_RUNS).where(which)
            return transaction.connection.execute(query).scalar_one() > 0

    def _mark_interrupted(self) -> None:
        """Mark the simulations whose server has given no sign of life."""
        expired = and_(
            _RUNS.c.state == int(SimulationState.RUNNING),
            _RUNS.c.expiry_time <= self._writer.now(),
        )
        if self._any(expired):
            with self._writer.writing() as connection:
                self._ended(connection, expired, SimulationState.INTERRUPTED)

    def _aged(self, simulation: Simulation, row: Row[Any]) -> Simulation:
        """Say that a simulation is interrupted as soon as its lease has ended."""
        running = simulation.state is SimulationState.RUNNING
        if not running or row.expiry_time is None or row.expiry_time > self._writer.now():
            return simulation
        return replace(simulation, state=SimulationState.INTERRUPTED)


# Private functions and statements ---------------------------------------------

_ACTIVE: Final = _RUNS.c.state.in_((int(SimulationState.QUEUED), int(SimulationState.RUNNING)))
_RESTARTABLE: Final = tuple(
    map(int, (SimulationState.INTERRUPTED, SimulationState.CANCELLED, SimulationState.FAILED))
)
_QUEUED_AGAIN: Final[dict[str, Any]] = {
    "state": int(SimulationState.QUEUED),
    "subjects_done": 0,
    "end_time": None,
    "failure_reason": "",
    "failure_message": "",
    "changes_kept": 0,
    "changes_truncated": False,
}
_COUNT_PERSONS: Final = (
    select(func.count()).select_from(_PERSONS).where(_PERSONS.c.recorded_revision <= REVISION)
)


def _held(claimed: Claimed) -> ColumnElement[bool]:
    return and_(
        _RUNS.c.simulation_id == claimed.simulation.simulation_id,
        _RUNS.c.state == int(SimulationState.RUNNING),
        _RUNS.c.holder == claimed.lease,
    )


def _without_result() -> Select[Any]:
    return select(*(column for column in _RUNS.c if column.name not in {"result", "content"}))


def _one(connection: Connection, number: int) -> Simulation:
    row = connection.execute(select(_RUNS).where(_RUNS.c.simulation_id == number)).one()
    return _whole(connection, row)


def _whole(connection: Connection, row: Row[Any]) -> Simulation:
    """Put a simulation together with the other files that are tried with it."""
    query = (
        select(_FILES.c.policy_id, _FILES.c.content)
        .where(_FILES.c.simulation_id == row.simulation_id)
        .order_by(_FILES.c.position)
    )
    files = connection.execute(query).all()
    contents = tuple(bytes(file.content) for file in files)
    return _simulation(row, tuple(file.policy_id for file in files), contents)


def _further_policies(connection: Connection, numbers: Sequence[int]) -> dict[int, tuple[str, ...]]:
    query = (
        select(_FILES.c.simulation_id, _FILES.c.policy_id)
        .where(_FILES.c.simulation_id.in_(numbers))
        .order_by(_FILES.c.position)
    )
    found: dict[int, tuple[str, ...]] = {}
    for row in connection.execute(query):
        found[row.simulation_id] = (*found.get(row.simulation_id, ()), row.policy_id)
    return found


def _file_rows(number: int, request: SimulationRequest) -> list[dict[str, Any]]:
    further = zip(request.further_policy_ids, request.contents[1:], strict=True)
    return [
        {
            "simulation_id": number,
            "position": position,
            "policy_id": policy_id,
            "content": content,
        }
        for position, (policy_id, content) in enumerate(further, start=2)
    ]


def _active(policy_id: str) -> SimulationActiveError:
    return SimulationActiveError(
        "a simulation of the policy waits or runs; wait for it, or cancel it", policy_id=policy_id
    )


def _recalled(connection: Connection, by: StartedBy) -> Simulation | None:
    row = connection.execute(
        select(_RUNS).where(_RUNS.c.caller == by.caller, _RUNS.c.request_id == by.request_id)
    ).one_or_none()
    if row is None:
        return None
    if bytes(row.body_digest) != by.digest:
        raise RequestIdReusedError(
            "the request id was used for another request; make a new one for each",
            request_id=by.request_id,
        )
    return _whole(connection, row)


def _request_row(request: SimulationRequest) -> dict[str, Any]:
    return {
        "policy_id": request.policy_id,
        "version": request.version,
        "digest": request.digest,
        "content": request.contents[0] if request.contents else None,
        "live_policy_id": request.live_policy_id,
        "subjects_total": request.subjects_total,
        "as_of": request.at.as_of,
        "revision": request.at.revision,
        "known_at": request.known_at,
        "division": request.wanted.division,
        "industry": request.wanted.industry,
        "field": request.wanted.field,
        "affected_max": request.affected_max,
    }


def _fresh_row(writer: DerivedWriter, by: StartedBy) -> dict[str, Any]:
    return {
        "caller": by.caller,
        "request_id": by.request_id,
        "body_digest": by.digest,
        "request_time": writer.now(),
        "holder": "",
        **_QUEUED_AGAIN,
    }


def _simulation(
    row: Row[Any], further_policy_ids: tuple[str, ...], further: tuple[bytes, ...] = ()
) -> Simulation:
    fields = row._mapping  # noqa: SLF001 -- SQLAlchemy's public name of a row's columns.
    result = fields.get("result")
    return Simulation(
        simulation_id=row.simulation_id,
        request=SimulationRequest(
            policy_id=row.policy_id,
            version=row.version,
            digest=row.digest,
            contents=(*_contents(fields.get("content")), *further),
            further_policy_ids=further_policy_ids,
            live_policy_id=row.live_policy_id,
            at=Viewpoint(row.revision, row.as_of),
            known_at=row.known_at,
            wanted=EnterpriseFilter(division=row.division, industry=row.industry, field=row.field),
            affected_max=row.affected_max,
            subjects_total=row.subjects_total,
        ),
        state=SimulationState(row.state),
        caller=row.caller,
        subjects_done=row.subjects_done,
        request_time=row.request_time,
        end_time=row.end_time,
        failure_reason=row.failure_reason,
        failure_message=row.failure_message,
        changes_kept=row.changes_kept,
        changes_truncated=row.changes_truncated,
        impacts=read_impacts(result) if result else (),
    )


def _contents(content: Any) -> tuple[bytes, ...]:  # noqa: ANN401 -- drivers give bytes or a view of them.
    return () if content is None else (bytes(content),)


def _change_row(number: int, change: SubjectChange) -> dict[str, Any]:
    return {
        "simulation_id": number,
        "policy_id": change.policy_id,
        "subject_id": change.subject_id,
        "person": change.person,
        "movement": int(change.movement),
        "live_status": change.live.status,
        "live_label": change.live.label,
        "candidate_status": change.candidate.status,
        "candidate_label": change.candidate.label,
    }


def _change(row: Row[Any]) -> SubjectChange:
    return SubjectChange(
        policy_id=row.policy_id,
        subject_id=row.subject_id,
        person=row.person,
        movement=Movement(row.movement),
        live=ShortResult(0, row.live_status, row.live_label),
        candidate=ShortResult(0, row.candidate_status, row.candidate_label),
    )
