"""What was published and cannot be read any more: it has its days, and no results.

Law that nobody can read must not be answered by what it took the place of, and no other policy may
suffer from it. So its versions stand in the library, from their first days on, without results.
"""

from datetime import date

from services.engine.document import Entries
from services.engine.language import Policy, Wording
from services.engine.policy_file import KINDS
from services.engine.unread import readable_roots, unread_version
from services.engine.vocabulary import Vocabulary
from services.scoring.commands.policies.live_library import Publication
from services.scoring.commands.policies.policy_library import CompiledVersion, PolicyLibrary
from services.scoring.store.policies import unusable


def unread_versions(
    published: Publication, among: PolicyLibrary, vocabulary: Vocabulary, *, fault: str
) -> list[CompiledVersion]:
    """Give the versions of a publication whose files cannot be read.

    Args:
        published: The publication.
        among: The policies before it.
        vocabulary: The words that they may use.
        fault: What keeps the files from being read.

    Returns:
        One for each version that was published; none of a policy of which nobody can tell any more
        what it is.
    """
    roots = dict(readable_roots(published.contents))
    found: list[CompiledVersion] = []
    for policy_id, name, digest in published.versions:
        existing = among.of_policy(policy_id)
        root = roots.get(policy_id)
        policy = existing[-1].policy if existing else None if root is None else _policy(root)
        if policy is None:
            continue
        version = unread_version(
            name,
            root,
            start_date=published.start_dates.get(policy_id, date.min),
            existing=[one.version for one in existing],
            digest=digest,
        )
        found.append(unusable(policy, version, vocabulary, fault))
    return found


# Private functions -----------------------------------------------------------


def _policy(root: Entries) -> Policy | None:
    """Give what the head of a file says, of a policy that has no other version."""
    kind, division = root.get("kind"), root.get("division")
    if kind not in KINDS or not isinstance(division, str) or not division.isdigit():
        return None
    field = str(root.get("field"))
    policy_id = str(root.get("policy"))
    return Policy(
        policy_id=policy_id,
        kind=str(kind),
        title=Wording(policy_id, policy_id),
        documentation="",
        field="" if field == "all" else field,
        division=division,
        favourable=root.get("list") == "redlist",
        other_cover=root.get("insurance") == "work_injury",
        versions=(),
        file="",
        content=b"",
        file_digest="",
        insurer=str(root.get("insurer", "")),
        bounding=root.get("role") == "bounds",
    )
