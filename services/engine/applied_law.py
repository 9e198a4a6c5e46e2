"""What the credit service needs of the policies that it applies, whoever writes or issues them.

It asks them about one accident or one penalty, and cites the value behind each period. A version
that lacks one of these could be issued and not be applied; so it is refused beforehand.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from services.engine.errors import Problem, problem_at
from services.engine.language import Policy
from services.engine.plan import Plan

NOT_APPLICABLE: Final = "not-applicable"
"""Code of a problem: the credit service could not apply the version."""


def check_applied(policy: Policy, plan: Plan) -> Iterator[Problem]:
    """Find what keeps the credit service from applying a version of a policy that it applies.

    Args:
        policy: Any policy; of others there is nothing to say.
        plan: A version of it, compiled.
    """
    needed = _NEEDED.get(policy.policy_id)
    if needed is None:
        return
    version, needs = plan.version, plan.needs
    for name in needed.outputs:
        cited = version.totals if name in needed.totals else version.values
        if name not in version.outputs or name not in cited:
            where = "totals" if name in needed.totals else "values"
            message = f"the credit service asks for {name!r}: give it in {where} and in outputs"
            yield problem_at(policy.file, version.place, NOT_APPLICABLE, message)
    strange = {
        *(f"attribute {name}" for name in needs.attributes),
        *(f"records of {kind}" for kind in needs.records if kind not in needed.records),
        *(
            f"input {name}"
            for name, one in version.inputs.items()
            if name not in needed.inputs
            and (one.origin != "request" or one.if_missing == "no_data")
        ),
    }
    for what in sorted(strange):
        message = f"the credit service does not show {what} to this policy; leave it out"
        yield problem_at(policy.file, version.place, NOT_APPLICABLE, message)


# Private classes and values --------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Needed:
    """What is asked of a policy, and what it is shown.

    Attributes:
        outputs: Outputs that are read; each is also a value, whose source is cited, or a total.
        totals: Those of them that are totals.
        records: Kinds of records that it is shown.
        inputs: Inputs that it is given.
    """

    outputs: tuple[str, ...]
    inputs: frozenset[str]
    totals: frozenset[str] = frozenset()
    records: frozenset[str] = frozenset()


_NEEDED: Final[Mapping[str, _Needed]] = {
    "cn.accident-level": _Needed(
        outputs=("level",),
        inputs=frozenset({"deaths", "serious_injuries", "direct_loss_fen"}),
    ),
    "cn.credit-repair": _Needed(
        outputs=(
            "class",
            "minimum_months",
            "maximum_months",
            "acceptance_working_days",
            "decision_working_days",
            "decision_extension_working_days",
            "sharing_working_days",
            "objection_working_days",
            "correction_working_days",
            "performance_required",
            "commitment_required",
            "same_authority_required",
            "withdrawal_restarts_term",
        ),
        inputs=frozenset({"listed", "person"}),
        totals=frozenset({"class"}),
        records=frozenset({"penalty"}),
    ),
}
