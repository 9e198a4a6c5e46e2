"""Those who issue policies, at their desks: candidates, their golden cases, and who calls."""

from hashlib import sha256
from typing import Any

import grpc

from services.engine.policy_file import read_policy
from tests.fakes.scoring_client import METHODS, RefusedError
from tests.fakes.scoring_policies import GRADE

PROPOSER = "liu"
FIRST = "wang"
SECOND = "zhao"
OFFICER = "policy_officer"

CASES = """
policy: cn.test.grade
cases:
  - name: one penalty takes the amount of the candidate
    as_of: {day}
    subject: {{kind: production_unit, headcount: 10}}
    records: [{{kind: penalty, event_date: {event}}}]
    expect: {{score: {score}, grade: {grade}}}
    source: {{article: 第五条}}
"""


def grade_file(
    *,
    version: str = "three",
    start: str = "2025-08-01",
    end: str = "null",
    penalty: str = "-50",
    deaths: str = "3",
) -> bytes:
    """Write a file with one version of the test grades, stricter on penalties.

    Args:
        version: Name of the version.
        start: Its first day.
        end: Its end.
        penalty: Points for each penalty.
        deaths: Deaths that suspend the grade.
    """
    text = GRADE.lstrip()
    text = text[: text.index('  - version: "two"')]
    for old, new in (
        ('version: "one"', f'version: "{version}"'),
        ("start_date: 2015-01-01", f"start_date: {start}"),
        ("end_date: 2025-07-01", f"end_date: {end}"),
        ("multiply: [penalties, -10.5]", f"multiply: [penalties, {penalty}]"),
        ("deaths: {at_least: 3}", f"deaths: {{at_least: {deaths}}}"),
    ):
        assert old in text, f"the test's policy has {old}"
        text = text.replace(old, new)
    return text.encode()


def grade_cases(
    *,
    day: str = "2025-09-01",
    event: str = "2025-08-15",
    score: str = "50",
    grade: str = "C",
) -> bytes:
    """Write one golden case: an enterprise with one penalty."""
    return CASES.format(day=day, event=event, score=score, grade=grade).lstrip().encode()


def digest_of(content: bytes) -> str:
    """Give the digest that approvers name."""
    return sha256(content).hexdigest()


def version_digest_of(content: bytes) -> str:
    """Give the digest that answers name of the only version of a file, which extends none."""
    (version,) = read_policy(content, "").versions
    return version.digest


class PolicyDesk:
    """Calls the scoring server as one of several persons."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        """Call through a channel."""
        self._channel = channel
        self._requests = 0

    async def call(
        self,
        method: str,
        caller: str = PROPOSER,
        *,
        roles: str = OFFICER,
        divisions: str = "*",
        fields_within: str = "*",
        **fields: Any,  # noqa: ANN401 -- any request.
    ) -> Any:  # noqa: ANN401 -- any response.
        """Call a method, with a request identifier of its own where it takes one.

        Raises:
            RefusedError: The call was refused.
        """
        path, request, response = METHODS[method]
        names = request.DESCRIPTOR.fields_by_name
        if "request_id" in names and "request_id" not in fields:
            self._requests += 1
            fields["request_id"] = f"request-{self._requests}"
        unary: Any = self._channel.unary_unary(path)
        metadata = (
            ("x-safetycredit-caller", caller),
            ("x-safetycredit-roles", roles),
            ("x-safetycredit-divisions", divisions),
            ("x-safetycredit-fields", fields_within),
        )
        try:
            answer: bytes = await unary(
                request(**fields).SerializeToString(), metadata=metadata, timeout=30
            )
        except grpc.aio.AioRpcError as error:
            raise RefusedError(error) from error
        return response.FromString(answer)

    async def propose(self, content: bytes, cases: bytes, **fields: Any) -> Any:  # noqa: ANN401 -- the proposal.
        """Propose a policy, and give the proposal."""
        answer = await self.call("ProposePolicy", content=content, cases=cases, **fields)
        return answer.proposal

    async def approve(self, proposal: Any, caller: str) -> Any:  # noqa: ANN401 -- the proposal.
        """Approve a proposal."""
        answer = await self.call(
            "ApprovePolicy",
            caller,
            proposal_id=proposal.proposal_id,
            digest=proposal.digest,
            document_number=f"批〔2025〕{caller}",
        )
        return answer.proposal

    async def publish(self, proposal: Any, caller: str = FIRST, **fields: Any) -> Any:  # noqa: ANN401 -- the answer.
        """Publish a proposal."""
        return await self.call(
            "PublishPolicy",
            caller,
            proposal_id=proposal.proposal_id,
            digest=proposal.digest,
            document_number="发〔2025〕1号",
            **fields,
        )

    async def approved(self, content: bytes, cases: bytes) -> Any:  # noqa: ANN401 -- the proposal.
        """Lead a policy from its proposal to its approvals."""
        proposal = await self.propose(content, cases)
        await self.approve(proposal, FIRST)
        return await self.approve(proposal, SECOND)

    async def issue(self, content: bytes, cases: bytes, **fields: Any) -> Any:  # noqa: ANN401 -- the answer.
        """Lead a policy from its proposal to its publication."""
        return await self.publish(await self.approved(content, cases), **fields)
