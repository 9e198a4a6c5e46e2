"""Reading of paged answers, page after page, up to the rows that were asked for."""

from collections.abc import Callable
from typing import Protocol, Self, TypeVar

from cli.commands.options import PAGE_ROWS_MAX


class _Page(Protocol):
    next_page_token: str

    def MergeFrom(self, other_msg: Self) -> None: ...  # noqa: N802 -- protobuf's name.


Page = TypeVar("Page", bound=_Page)


def read_pages(
    call: Callable[[int, str], Page], count: Callable[[Page], int], *, limit: int
) -> Page:
    """Read pages and join them into one message.

    Args:
        call: Asks for one page, by its size and its token.
        count: Counts the rows of a page.
        limit: Most rows to read.

    Returns:
        The rows of all pages read; its ``next_page_token`` is that of the last.
    """
    pages = call(min(limit, PAGE_ROWS_MAX), "")
    while (token := pages.next_page_token) and (rest := limit - count(pages)) > 0:
        page = call(min(rest, PAGE_ROWS_MAX), token)
        # Merging joins the rows; the token is the last page's, also when it is empty.
        pages.MergeFrom(page)
        pages.next_page_token = page.next_page_token
    return pages
