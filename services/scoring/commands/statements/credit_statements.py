"""Where a credit statement stands, its withdrawal, and the keys that verify statements."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.common.identity import Caller
from services.common.once import Answer, WriteCall, write_once
from services.common.personal_text import PersonsInText
from services.common.tokens import StorePoint
from services.scoring.commands.lists.published_text import names_of
from services.scoring.commands.statements.statement_ports import (
    PublicKey,
    Signer,
    StatementReading,
    StatementStore,
    StatementWriting,
)
from services.scoring.domain.errors import StatementUnknownError, StatementWithdrawnError
from services.scoring.domain.list_case import Party
from services.scoring.domain.list_errors import OutOfScopeError
from services.scoring.domain.statement import IssuedStatement
from services.scoring.domain.viewpoint import Viewpoint


@dataclass(frozen=True, slots=True)
class FoundStatement:
    """A statement and the point of the store at which it was looked at."""

    statement: IssuedStatement
    point: StorePoint


@dataclass(frozen=True, slots=True)
class GetCreditStatementStatus:
    """Says where a statement stands.

    Attributes:
        store: Where statements are kept.
    """

    store: StatementStore

    def __call__(self, statement_id: str) -> FoundStatement:
        """Look at it.

        Raises:
            StatementUnknownError: There is none.
        """
        with self.store.read() as reading:
            found = reading.statements.find(statement_id)
            if found is None:
                raise _unknown(statement_id)
            if found.withdraw_reason:
                day = reading.point.recorded_time.date()
                persons = _persons_around(reading, found.subject_id, day)
                # Whoever became known since is masked as well.
                found = replace(found, withdraw_reason=persons.hidden(found.withdraw_reason))
            return FoundStatement(found, reading.point)


@dataclass(frozen=True, slots=True)
class WithdrawCreditStatement:
    """Withdraws statements.

    Attributes:
        store: Where statements are kept.
    """

    store: StatementStore

    def __call__(
        self, call: WriteCall[FoundStatement], statement_id: str, *, reason: str
    ) -> Answer:
        """Withdraw one.

        Raises:
            StatementUnknownError: There is none.
            OutOfScopeError: The enterprise lies outside the caller's divisions.
            PersonInTextError: The reason names somebody who has or had a role in the enterprise, or
                holds an identity number.
            StatementWithdrawnError: It is withdrawn already.
        """

        def work(write: StatementWriting) -> FoundStatement:
            found = write.statements.find(statement_id)
            if found is None:
                raise _unknown(statement_id)
            _require_scope(write, call, found)
            _require_impersonal(write, call, found, reason)
            if found.withdraw_time is not None:
                raise StatementWithdrawnError(
                    f"it was withdrawn at {found.withdraw_time.isoformat()} already",
                    statement_id=statement_id,
                )
            time = write.point.recorded_time
            write.statements.withdraw(statement_id, reason=reason, withdraw_time=time)
            withdrawn = replace(found, withdraw_time=time, withdraw_reason=reason)
            return FoundStatement(withdrawn, write.point)

        return write_once(self.store, call, work)


@dataclass(frozen=True, slots=True)
class ListStatementKeys:
    """Lists the keys that verify statements.

    Attributes:
        store: Where the keys of issued statements are kept.
        signer: Has the keys of this server.
    """

    store: StatementStore
    signer: Signer

    def __call__(self) -> Sequence[PublicKey]:
        """Give them, oldest first: those that signed something, and those at hand."""
        with self.store.read() as reading:
            signed = reading.statements.known_keys()
        keys: dict[str, PublicKey] = {one.key_id: one for one in signed}
        at_hand = {one.key_id: one for one in self.signer.public()}
        return sorted((keys | at_hand).values(), key=_age)


# Private functions -----------------------------------------------------------


def _age(key: PublicKey) -> tuple[datetime, str]:
    return key.create_time, key.key_id


def _require_scope(
    write: StatementWriting, call: WriteCall[FoundStatement], statement: IssuedStatement
) -> None:
    at = Viewpoint(write.point.revision, call.today)
    subject = write.subjects.by_number([statement.subject_id], at).get(statement.subject_id)
    division = None if subject is None else subject.division
    if not _covers(call.caller, division):
        raise OutOfScopeError(
            "the enterprise lies outside the divisions in which this caller may write",
            statement_id=statement.statement_id,
        )


def _require_impersonal(
    write: StatementWriting, call: WriteCall[FoundStatement], statement: IssuedStatement, text: str
) -> None:
    """Refuse a reason that tells everybody who somebody is."""
    persons = _persons_around(write, statement.subject_id, call.today)
    persons.require_none({"reason": text})


def _persons_around(
    reading: StatementReading | StatementWriting, number: int, day: date
) -> PersonsInText:
    """Find in texts who has or had a role in an enterprise."""
    revision = reading.point.revision
    enterprises = reading.subjects.by_number([number], Viewpoint(revision, day)).values()
    party = Party(subject_id=number, person=False)
    names = names_of(reading.persons, [party], revision=revision)
    return PersonsInText(names, {one.name for one in enterprises})


def _covers(caller: Caller, division: int | None) -> bool:
    return caller.covers_division("" if division is None else f"{division:06d}")


def _unknown(statement_id: str) -> StatementUnknownError:
    return StatementUnknownError(
        "there is no such credit statement; give its identifier as it stands in it",
        statement_id=statement_id,
    )
