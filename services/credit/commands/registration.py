"""Making the file of an enterprise that is new."""

from datetime import date

from services.credit.commands.ports import EnterpriseFile, Writing
from services.credit.domain.codes import EnterpriseState
from services.credit.domain.enterprise import Period, Profile, Version
from services.credit.domain.subject import Identity


def new_enterprise(
    write: Writing, identity: Identity, profile: Profile, *, start_date: date
) -> EnterpriseFile:
    """Make the file of a new enterprise, with its first period; nothing is stored.

    Args:
        write: Gives identifiers and the revision.
        identity: What it is known by.
        profile: What is true from the first day.
        start_date: The first day.
    """
    point = write.point
    version = Version(
        row_id=write.new_id(),
        period=Period(profile=profile, state=EnterpriseState.ACTIVE, start_date=start_date),
        recorded_revision=point.revision,
        recorded_time=point.recorded_time,
    )
    return EnterpriseFile(enterprise_id=write.new_id(), identity=identity, versions=(version,))
