"""What each list policy says, so that it shows when one says something else."""

from collections.abc import Iterator, Mapping
from hashlib import sha256

from services.scoring.commands.lists.get_list_status import LIST
from services.scoring.commands.policies.policy_library import (
    EVALUATION_EDITION,
    CompiledVersion,
    PolicyLibrary,
)


def laws_of(library: PolicyLibrary) -> Mapping[str, str]:
    """Give a digest of each list policy: of its versions, and of all that they take in.

    Whatever answers a question by it is in its digest, on whatever day; so a case by a policy whose
    digest is as it was finds the same as before, unless something was written about its subject.
    """
    policies = {one.policy.policy_id for one in library.versions if one.policy.kind == LIST}
    return {policy_id: _law(library, policy_id) for policy_id in sorted(policies)}


# Private functions -----------------------------------------------------------


def _law(library: PolicyLibrary, policy_id: str) -> str:
    digest = sha256(f"{EVALUATION_EDITION}\0{library.words_digest}".encode())
    for one in _behind(library, policy_id):
        # Cases of before versions had digests of their own name the file.
        names = (one.digest, one.policy.file_digest, one.version.version)
        end = f"{one.version.end_date}"
        digest.update("\0".join(("", *names, end, one.fault)).encode())
        if one.plan.needs.peers:
            digest.update(f"\0{library.tables.revision}".encode())
    return digest.hexdigest()


def _behind(library: PolicyLibrary, policy_id: str) -> Iterator[CompiledVersion]:
    """Give the versions of a policy and of all that they take in, each policy once."""
    left, seen = [policy_id], {policy_id}
    while left:
        for one in library.of_policy(left.pop()):
            yield one
            for _, taken, _ in one.plan.needs.policies:
                if taken not in seen:
                    seen.add(taken)
                    left.append(taken)
