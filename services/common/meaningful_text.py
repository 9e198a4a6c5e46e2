"""Texts that must say something: blanks around them are left out, and blanks alone are nothing.

A blank is whatever shows nothing: white space, characters without width, and the fillers that
Unicode counts among the letters.
"""

from itertools import chain
from typing import Final


def meaningful(text: str) -> str:
    """Give a text without the blanks around it; empty if it holds neither letter nor digit."""
    bare = text.strip(_BLANKS)
    return bare if any(one.isalnum() and one not in _BLANKS for one in bare) else ""


# Private values --------------------------------------------------------------

# Code points that are to be ignored where they cannot be shown, but for marks upon letters.
_WITHOUT_WIDTH: Final = chain(
    (0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x2800, 0x3164, 0xFEFF, 0xFFA0),
    range(0x180B, 0x1810),
    range(0x200B, 0x2010),
    range(0x202A, 0x202F),
    range(0x2060, 0x2070),
    range(0xFE00, 0xFE10),
)
_WHITE_SPACE: Final = filter(str.isspace, map(chr, range(0x3001)))
_BLANKS: Final = "".join(chain(_WHITE_SPACE, map(chr, _WITHOUT_WIDTH)))
