"""Names of officials, compared as people read them: 赵一 and 赵　一 are one person."""

import unicodedata
from typing import Final


def same_name(one: str, other: str) -> bool:
    """Say whether two names are the same but for blanks, signs, width and capitals."""
    return _key(one) == _key(other)


# Private functions and values --------------------------------------------------

# Letters by their category that show nothing; the wide forms of the second become it.
_FILLERS: Final = frozenset("\u115f\u1160")


def _key(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(one for one in plain if one.isalnum() and one not in _FILLERS)
