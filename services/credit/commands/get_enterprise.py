"""Get an enterprise on a day, as known at an instant."""

from dataclasses import dataclass, replace
from datetime import date

from services.common.tokens import StorePoint
from services.credit.commands.personal_texts import without_names
from services.credit.commands.ports import EnterpriseFile, Store
from services.credit.commands.standpoint import Standpoint, reading_at
from services.credit.commands.subjects import unknown_subject
from services.credit.domain.enterprise import version_on
from services.credit.domain.errors import SubjectUnknownError
from services.credit.domain.identifiers import ENTERPRISE, name_of
from services.credit.domain.subject import EnterpriseRef


@dataclass(frozen=True, slots=True)
class FoundEnterprise:
    """An enterprise, and where the answer stands.

    Attributes:
        file: The enterprise; with what had been superseded only if history was asked for.
        point: Point of the store.
    """

    file: EnterpriseFile
    point: StorePoint


@dataclass(frozen=True, slots=True)
class GetEnterprise:
    """Gets one enterprise.

    Attributes:
        store: Where facts are stored.
    """

    store: Store

    def __call__(
        self, ref: EnterpriseRef, standpoint: Standpoint, *, as_of: date, with_history: bool
    ) -> FoundEnterprise:
        """Read it.

        Args:
            ref: The enterprise.
            standpoint: Point to read at.
            as_of: Day asked for.
            with_history: Whether to read periods that were superseded.

        Raises:
            SubjectUnknownError: It was not known, or had no period yet on the day.
            SafetyCreditError: As `reading_at` says.
        """
        with reading_at(self.store, standpoint) as (reading, point):
            found = reading.enterprises.resolve([ref], revision=point.revision)
            if ref not in found:
                raise unknown_subject(ref)
            number = found[ref]
            file = reading.enterprises.files(
                [number], revision=point.revision, superseded=with_history
            )[number]
            memberships = tuple(reading.groups.around(number, revision=point.revision))
            file = without_names(reading, replace(file, memberships=memberships))
        current = tuple(one for one in file.versions if one.superseded_time is None)
        if version_on(current, as_of) is None:
            name = name_of(ENTERPRISE, number)
            first_date = min(one.period.start_date for one in current)
            raise SubjectUnknownError(
                f"nothing is known of {name} before {first_date}; ask for that day or a later one",
                enterprise_id=name,
                first_date=first_date,
                as_of=as_of,
            )
        return FoundEnterprise(file, point)
