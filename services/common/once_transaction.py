"""What every write transaction offers to the commands, whatever it writes."""

from services.common.database import WriteTransaction
from services.common.idempotency import recall_answer, remember_answer
from services.common.tokens import StorePoint


class OnceTransaction:
    """A write transaction; implements `services.common.once.OnceWriting`.

    Attributes:
        point: Where the store will stand once it is committed.
    """

    def __init__(self, transaction: WriteTransaction) -> None:
        """Write in a transaction."""
        self._transaction = transaction
        self.point = StorePoint(
            transaction.store_id, transaction.revision, transaction.recorded_time
        )

    def new_id(self) -> int:
        """Take an identifier: unique in the store, ascending in time."""
        return self._transaction.new_id()

    def recall(self, *, request_id: str, digest: bytes) -> bytes | None:
        """Give the first answer to a request; nothing if it is new."""
        answered = recall_answer(self._transaction, request_id=request_id, digest=digest)
        return None if answered is None else answered.response

    def remember(self, *, request_id: str, digest: bytes, response: bytes) -> None:
        """Keep the first answer to a request."""
        remember_answer(self._transaction, request_id=request_id, digest=digest, response=response)

    def commit(self) -> None:
        """Make everything durable."""
        self._transaction.commit()
