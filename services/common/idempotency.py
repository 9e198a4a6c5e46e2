"""Repeated write requests get the first answer and change nothing."""

from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import insert, select

from models.store_state import RequestRow
from services.common.database import WriteTransaction
from services.common.errors import Category, SafetyCreditError


class RequestIdReusedError(SafetyCreditError):
    """A request id stands for another request of the same caller already."""

    reason = "REQUEST_ID_REUSED"
    category = Category.CONFLICT


@dataclass(frozen=True, slots=True)
class AnsweredRequest:
    """The first answer to a request.

    Attributes:
        response: The answer, serialised.
        revision: Revision that the request took; its token is in the answer.
    """

    response: bytes
    revision: int


def body_digest(body: bytes) -> bytes:
    """Digest a request's canonical bytes, which are equal for equal requests."""
    return sha256(body).digest()


def recall_answer(
    write: WriteTransaction, *, request_id: str, digest: bytes
) -> AnsweredRequest | None:
    """Find the first answer to a request, or nothing if it is new.

    The write transaction has the store to itself, so of two equal requests at
    once the second finds the answer of the first.

    Args:
        write: Its caller and method are the request's.
        request_id: The caller's own id of the request.
        digest: From `body_digest`.

    Raises:
        RequestIdReusedError: The id stands for another method or body.
    """
    row = write.connection.execute(
        select(
            RequestRow.method, RequestRow.body_digest, RequestRow.response, RequestRow.revision
        ).where(RequestRow.caller == write.caller.identity, RequestRow.request_id == request_id)
    ).one_or_none()
    if row is None:
        return None
    if row.method != write.method or row.body_digest != digest:
        raise RequestIdReusedError(
            "the request id was used for another request; make a new one for each",
            request_id=request_id,
            first_method=row.method,
            method=write.method,
        )
    return AnsweredRequest(row.response, row.revision)


def remember_answer(
    write: WriteTransaction, *, request_id: str, digest: bytes, response: bytes
) -> None:
    """Keep the first answer to a request; to be committed with what it wrote."""
    write.connection.execute(
        insert(RequestRow).values(
            caller=write.caller.identity,
            request_id=request_id,
            method=write.method,
            body_digest=digest,
            response=response,
            revision=write.revision,
        )
    )
