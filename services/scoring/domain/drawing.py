"""Drawing enterprises by lot, so that anybody can check the draw (双随机)."""

from collections.abc import Iterable
from hashlib import sha256

from services.scoring.domain.amount import Amount

_PERCENT = 100


def drawn_count(share_percent: Amount, size: int) -> int:
    """Count how many of a class are drawn: the share, rounded up, so that no class is spared.

    Args:
        share_percent: Share in percent, at least 0; above 100 it counts as 100.
        size: Enterprises in the class.

    Source:
        House decision: no text says how a share of a class is rounded.
    """
    whole = _PERCENT * 10**share_percent.places
    share = min(share_percent.number, whole)
    count: int = -(-size * share // whole)
    return count


def drawn(seed: str, subject_ids: Iterable[int], count: int) -> list[int]:
    """Draw from a class: those whose lots are the smallest.

    The lot of an enterprise is the SHA-256 of the seed, a zero byte and its number, so it hangs on
    nobody else, and the order in which enterprises come makes no difference.

    Args:
        seed: Seed of the draw.
        subject_ids: Numbers of the class.
        count: How many to draw.

    Returns:
        Numbers drawn, ascending.
    """
    prefix = seed.encode() + b"\0"

    def lot(number: int) -> bytes:
        return sha256(prefix + str(number).encode()).digest()

    return sorted(sorted(subject_ids, key=lambda number: (lot(number), number))[:count])
