"""Refusals around published lists, each with the reason that answers carry."""

from services.common.errors import Category, SafetyCreditError


class ListShrinksError(SafetyCreditError):
    """A publication would take too much off a list without a second approval."""

    reason = "LIST_SHRINKS"
    category = Category.PRECONDITION


class ShrinkApprovalUnfitError(SafetyCreditError):
    """An approval is of another list, was used, has expired, or is the publisher's own."""

    reason = "SHRINK_APPROVAL_UNFIT"
    category = Category.PRECONDITION


class ShrinkWarningDiffersError(SafetyCreditError):
    """A list is not warned of at the version named, but at another or at none."""

    reason = "SHRINK_WARNING_DIFFERS"
    category = Category.PRECONDITION


class EntryNotPublishedError(SafetyCreditError):
    """A removal names an entry that is not on the list."""

    reason = "ENTRY_NOT_PUBLISHED"
    category = Category.PRECONDITION


class EntryTooLargeError(SafetyCreditError):
    """An entry takes more bytes than one may take."""

    reason = "ENTRY_TOO_LARGE"
    category = Category.INVALID


class NameNotMaskedError(SafetyCreditError):
    """The name of a person was to be published in full."""

    reason = "NAME_NOT_MASKED"
    category = Category.PRECONDITION


class IdentityNumberNotMaskedError(SafetyCreditError):
    """The identity number of a person was to be published in full, or with too much of it."""

    reason = "IDENTITY_NUMBER_NOT_MASKED"
    category = Category.PRECONDITION


class CursorMalformedError(SafetyCreditError):
    """A cursor is damaged or was never one."""

    reason = "CURSOR_MALFORMED"
    category = Category.INVALID


class CursorForeignError(SafetyCreditError):
    """A cursor belongs to another store, list or filter."""

    reason = "CURSOR_FOREIGN"
    category = Category.INVALID


class CursorTooOldError(SafetyCreditError):
    """The changes after a cursor have been dropped."""

    reason = "CURSOR_TOO_OLD"
    category = Category.OUT_OF_RANGE


class CursorDivergedError(SafetyCreditError):
    """A cursor comes from a history that this store has lost, as after a restored backup."""

    reason = "CURSOR_DIVERGED"
    category = Category.OUT_OF_RANGE


class CursorAheadError(SafetyCreditError):
    """A cursor stands after everything that this replica knows."""

    reason = "CURSOR_AHEAD"
    category = Category.UNAVAILABLE


class StoreSilentError(SafetyCreditError):
    """The store has not answered for so long that nobody can say where its lists stand."""

    reason = "STORE_SILENT"
    category = Category.UNAVAILABLE


class ListVersionUnknownError(SafetyCreditError):
    """A list has no such version, or not any more."""

    reason = "LIST_VERSION_UNKNOWN"
    category = Category.OUT_OF_RANGE


class ListCompactedError(SafetyCreditError):
    """A list was compacted past the version that is being read."""

    reason = "LIST_COMPACTED"
    category = Category.ABORTED


class ListChangesDamagedError(SafetyCreditError):
    """What is kept of a list is not what was published, and nothing else has that any more."""

    reason = "LIST_CHANGES_DAMAGED"
    category = Category.LOST


class DigestMismatchError(SafetyCreditError):
    """A digest is not that of the version it is said to be of."""

    reason = "DIGEST_MISMATCH"
    category = Category.PRECONDITION


class SubscriptionUnknownError(SafetyCreditError):
    """Nobody of a name holds a list, or this view of it."""

    reason = "SUBSCRIPTION_UNKNOWN"
    category = Category.NOT_FOUND


class ListSyncPolicyInvalidError(SafetyCreditError):
    """The file with the periods for subscribers is missing or malformed."""

    reason = "LIST_SYNC_POLICY_INVALID"
    category = Category.PRECONDITION
