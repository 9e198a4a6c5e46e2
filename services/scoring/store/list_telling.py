"""Telling, once it is durable, what the law removed from the lists."""

import structlog

from services.scoring.domain.list_encoding import entry_name
from services.scoring.domain.list_shrinking import LawfulRemovals


def tell(lawful: LawfulRemovals) -> None:
    """Log each removal, and loudly where they are more than the share of the list."""
    of_list = {"kind": lawful.key.kind.name, "field": lawful.key.field, "version": lawful.version}
    for removal in lawful.removals:
        _log.info(
            "entry_removed_by_law",
            **of_list,
            entry=entry_name(removal.entry_id),
            removal_reason=removal.reason.name,
        )
    if lawful.startling:
        _log.warning(
            "list_shrunk_by_law",
            **of_list,
            removals_in_window=lawful.in_window,
            entry_count=lawful.entry_count,
        )


# Private values --------------------------------------------------------------

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()
