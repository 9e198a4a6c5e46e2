"""Loading lists whole, into a new file beside the one that is to be replaced."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from cli.mirror.beside import free_name
from cli.mirror.copy_file import readable
from cli.mirror.feed import Feed, FeedRefusedError, Mirrored
from cli.mirror.new_copy import NewCopy


def load_beside(
    path: Path,
    feed: Feed,
    mirrored: Mirrored,
    *,
    step: Callable[[str], None],
    now: Callable[[], datetime],
) -> Path:
    """Load lists into a file beside another one, which those may read who may read that.

    Args:
        path: The other file, if there is one.
        feed: The lists.
        mirrored: Which they are.
        step: Is called at every step, by name.
        now: Tells the present instant.

    Returns:
        The new file, a whole copy.

    Raises:
        FeedRefusedError: The service refuses.
        CopyDamagedError: What it sends is not what it says.
        CopyUnwritableError: The disk is full, or the folder may not be written.
    """
    with readable(path):
        like = path.stat() if path.exists() else None
        new = NewCopy(free_name(path, ".loading"), mirrored.notes, like=like)
    # What is committed while an export runs is not in it.
    asked = now()
    try:
        cursor = _filled(new, feed, step)
        new.finish({"cursor": cursor, "confirm_time": asked.isoformat()})
    except BaseException:
        new.drop()
        raise
    step("filled")
    return new.path


# Private functions -----------------------------------------------------------


def _filled(new: NewCopy, feed: Feed, step: Callable[[str], None]) -> str:
    """Fill a new copy from an export; give where the changes after it go on."""
    step("loading")
    for message in feed.export():
        if message.HasField("begin"):
            new.begin(message.begin)
        if message.entries:
            new.add(message.entries)
        if message.HasField("end"):
            new.end(message.end)
        step("loaded a part")
        if message.cursor:
            return message.cursor
    raise FeedRefusedError("STREAM_ENDED", "the export ended before its end")
