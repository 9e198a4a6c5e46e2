"""Search enterprises."""

from dataclasses import dataclass
from datetime import date

from services.common.tokens import StorePoint
from services.credit.commands.ports import EnterpriseFile, EnterpriseFilter, Store
from services.credit.commands.standpoint import PageRequest, Standpoint, reading_list


@dataclass(frozen=True, slots=True)
class EnterprisePage:
    """A page of enterprises.

    Attributes:
        files: The enterprises, by number.
        next_token: Token of the next page; empty on the last.
        as_of: Day that the page is for.
        point: Point of the store.
    """

    files: tuple[EnterpriseFile, ...]
    next_token: str
    as_of: date
    point: StorePoint


@dataclass(frozen=True, slots=True)
class SearchEnterprises:
    """Searches enterprises by what is true of them on a day.

    Attributes:
        store: Where facts are stored.
    """

    store: Store

    def __call__(
        self,
        wanted: EnterpriseFilter,
        standpoint: Standpoint,
        *,
        as_of: date,
        page: PageRequest,
    ) -> EnterprisePage:
        """Read a page.

        Args:
            wanted: Filters, all of which must hold.
            standpoint: Point to read the first page at.
            as_of: Day that the first page is for.
            page: Which page.

        Raises:
            SafetyCreditError: As `reading_list` says.
        """
        with reading_list(self.store, standpoint, page, as_of=as_of) as opened:
            reads = opened.reading.enterprises
            numbers = reads.search(wanted, opened.part)
            shown = numbers[: page.size]
            files = reads.files(shown, revision=opened.point.revision)
            more = len(numbers) > len(shown)
            return EnterprisePage(
                files=tuple(files[number] for number in shown),
                next_token=opened.next_token((shown[-1],)) if more else "",
                as_of=opened.part.as_of,
                point=opened.point,
            )
