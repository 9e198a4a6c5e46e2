"""Register an enterprise, individual trader or technical service body."""

from dataclasses import dataclass, fields
from datetime import date

from services.common.once import Answer, WriteCall, write_once
from services.common.tokens import StorePoint
from services.credit.commands.ports import EnterpriseFile, Store, Writing
from services.credit.commands.registration import new_enterprise
from services.credit.commands.subjects import require_profile_scope
from services.credit.domain.enterprise import Profile, version_on
from services.credit.domain.errors import EnterpriseDiffersError
from services.credit.domain.identifiers import ENTERPRISE, name_of
from services.credit.domain.subject import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """An enterprise as somebody wants it registered.

    Attributes:
        identity: What it is known by.
        profile: What is known of it.
        start_date: First day of the first period; none for the founding day, or today.
    """

    identity: Identity
    profile: Profile
    start_date: date | None = None


@dataclass(frozen=True, slots=True)
class StoredEnterprise:
    """What became of an enterprise.

    Attributes:
        file: The enterprise as stored.
        repeated: Whether it had been registered before with the same profile.
        point: Point of the store that includes it.
    """

    file: EnterpriseFile
    repeated: bool
    point: StorePoint


@dataclass(frozen=True, slots=True)
class RegisterEnterprise:
    """Registers an enterprise under its identity.

    Attributes:
        store: Where facts are stored.
    """

    store: Store

    def __call__(self, call: WriteCall[StoredEnterprise], wanted: Registration) -> Answer:
        """Register it, or find that it is registered already.

        Args:
            call: Who registers, and how the answer is encoded.
            wanted: What is registered; right in itself.

        Raises:
            OutOfScopeError: The caller may not register in this division and these fields.
            EnterpriseDiffersError: The identity is registered with another profile.
        """

        def work(write: Writing) -> StoredEnterprise:
            require_profile_scope(call.caller, wanted.profile)
            revision = write.point.revision
            known = write.enterprises.resolve([wanted.identity], revision=revision)
            if known:
                number = known[wanted.identity]
                file = write.enterprises.files([number], revision=revision, superseded=True)[number]
                _require_same(file, wanted, call.today)
                return StoredEnterprise(file, repeated=True, point=write.point)
            start_date = wanted.start_date or wanted.profile.founding_date or call.today
            file = new_enterprise(write, wanted.identity, wanted.profile, start_date=start_date)
            write.enterprises.register([file])
            return StoredEnterprise(file, repeated=False, point=write.point)

        return write_once(self.store, call, work)


# Private functions -----------------------------------------------------------


def _require_same(file: EnterpriseFile, wanted: Registration, today: date) -> None:
    """Refuse another profile than the one first registered, or the present one."""
    current = tuple(one for one in file.versions if one.superseded_time is None)
    present = version_on(current, today)
    first = file.versions[0].period
    differences = _differences(first.profile, wanted.profile)
    if present is not None and present.profile == wanted.profile:
        differences = []
    if wanted.start_date not in {None, first.start_date}:
        differences.append("start_date")
    if not differences:
        return
    name = name_of(ENTERPRISE, file.enterprise_id)
    raise EnterpriseDiffersError(
        f"the identity is registered as {name} and differs in {', '.join(differences)};"
        " update the enterprise instead",
        enterprise_id=name,
        fields=",".join(differences),
    )


def _differences(first: Profile, second: Profile) -> list[str]:
    return [
        f"profile.{one.name}"
        for one in fields(Profile)
        if getattr(first, one.name) != getattr(second, one.name)
    ]
