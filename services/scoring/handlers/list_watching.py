"""WatchList: changes as they are committed, and heartbeats where none wait."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from safetycredit.scoring.v1 import list_sync_service_pb2 as pb
from services.common.call_context import CallContext
from services.common.calls import Response
from services.scoring.commands.list_sync.watch_lists import ListWatch, OpenedWatch
from services.scoring.domain.list_feed import Wanted
from services.scoring.handlers.list_sync_messages import heartbeat, watch_tail
from services.scoring.handlers.list_sync_requests import WatchRules

_LOOK_SECONDS: Final = 0.5
"""House decision: how soon a quiet watcher notices that the server stops."""


@dataclass(frozen=True, slots=True)
class WatchHandler:
    """Answers WatchList.

    Attributes:
        watch: What all watchers share.
    """

    watch: ListWatch

    async def watch_list(
        self, request: pb.WatchListRequest, context: CallContext
    ) -> AsyncIterator[Response]:
        """Send changes from a cursor on."""
        rules = WatchRules.read(request)
        async with self.watch.limited():
            opened = await context.run_command(self.watch.open, rules.wanted, rules.cursor)
        loop = asyncio.get_running_loop()
        due_seconds = begun_seconds = loop.time()
        with self.watch.watching(opened):
            while True:
                context.require_serving()
                waiting = False
                async for message in self._changes(rules.wanted, opened, context):
                    waiting = True
                    yield message
                if waiting:
                    # Only a heartbeat says that nothing waits, so changes put off the first alone.
                    due_seconds = max(due_seconds, begun_seconds + rules.heartbeat_seconds)
                    continue
                quiet_seconds = due_seconds - loop.time()
                # A heartbeat says that the lists stand there still, which takes a look at them.
                # A look that is not done in its time ends the stream.
                if quiet_seconds <= 0 and self.watch.seen_within(rules.heartbeat_seconds):
                    cursor = opened.scope.encode(opened.positions)
                    yield heartbeat(opened.states.values(), cursor, context.clock.now())
                    due_seconds = loop.time() + rules.heartbeat_seconds
                else:
                    patience_seconds = _LOOK_SECONDS if quiet_seconds <= 0 else quiet_seconds
                    await self.watch.wait(opened, min(patience_seconds, _LOOK_SECONDS))

    # Private methods -------------------------------------------------------------

    async def _changes(
        self, wanted: Wanted, opened: OpenedWatch, context: CallContext
    ) -> AsyncIterator[bytes]:
        """Give what there is after the positions, a message a list, and move them on."""
        for view in wanted.views:
            field = view.key.field
            found = await self.watch.changes(view, opened.positions[field])
            if found is None:
                continue
            opened.positions[field] = found.position
            opened.states[field] = found.state
            cursor = opened.scope.encode(opened.positions)
            yield found.encoded + watch_tail(cursor, context.clock.now())
