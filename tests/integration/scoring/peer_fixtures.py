"""Fixtures of the tests of places among peers: policies, a replica, and a town of six.

By penalties of the last year Chaoyang scores a 100, b and c 90, d 70; Xicheng has e with 80 alone;
f is of no kind that the scorecard is for, and nobody knows its headcount.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from safetycredit.type.v1.subject_pb2 import SubjectRef
from services.scoring.main import ScoringServer
from tests.fakes.clock import FixedClock
from tests.fakes.peer_policies import TAKERS, peer_policies
from tests.fakes.policy_desk import PolicyDesk
from tests.fakes.scoring_facts import FactWriter
from tests.integration.scoring.policy_fixtures import build, serving

MARCH = date(2025, 3, 1)
CARD, WATCH = "cn.test.scorecard", "cn.test.watch"
CHAOYANG, XICHENG = 110105, 110102
BY_TABLE = {"a": "excellent", "b": "good", "c": "good", "d": "fail", "e": "good"}
NO_TABLE = BY_TABLE | {"a": "good"}


@pytest.fixture(scope="session")
def peers_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the policies that ask for peers."""
    return peer_policies(tmp_path_factory.mktemp("peers"), further=TAKERS)


@pytest.fixture
def peer_server(
    database_url: str, peers_folder: Path, clock: FixedClock
) -> Iterator[ScoringServer]:
    """Put a replica together; nothing works in the background by itself."""
    built = build(database_url, peers_folder, clock)
    yield built
    built.close()


@pytest.fixture
async def peer_desk(peer_server: ScoringServer) -> AsyncIterator[PolicyDesk]:
    """Serve the replica, and call it."""
    async with serving(peer_server) as opened:
        yield opened


@dataclass
class Town:
    """The six enterprises, and questions about them."""

    facts: FactWriter
    caller: PolicyDesk
    numbers: dict[str, int]

    async def ask(self, method: str, **fields: Any) -> Any:  # noqa: ANN401 -- any response.
        """Call as the regulator."""
        return await self.caller.call(method, roles="regulator", **fields)

    async def grade(self, name: str, **fields: Any) -> Any:  # noqa: ANN401 -- the answer.
        """Ask for one explained grade."""
        return await self.ask(
            "GetCreditGrade",
            subject=self.subject(name),
            policy_id=CARD,
            explain=True,
            **fields,
        )

    async def listed(self) -> dict[str, str]:
        """Ask for the grades of everybody that has one."""
        answer = await self.ask("ListCreditGrades", policy_id=CARD)
        return self.named({one.enterprise_id: one.grade for one in answer.grades if one.grade})

    async def batch(self) -> dict[str, str]:
        """Ask for the grades of the five in one batch."""
        subjects = [self.subject(name) for name in NO_TABLE]
        answer = await self.ask("BatchGetCreditGrades", subjects=subjects, policy_id=CARD)
        return self.named({one.grade.enterprise_id: one.grade.grade for one in answer.results})

    async def watched(self, name: str) -> dict[str, str]:
        """Ask for the outputs of the policy that takes the scorecard in."""
        answer = await self.ask("GetSupervision", subject=self.subject(name), policy_id=WATCH)
        return {one.name: one.value.value for one in answer.result.outputs}

    def subject(self, name: str) -> SubjectRef:
        """Name an enterprise."""
        return SubjectRef(enterprise_id=f"e-{self.numbers[name]}")

    def named(self, found: dict[str, str]) -> dict[str, str]:
        """Call enterprises by their letters."""
        letters = {f"e-{number}": name for name, number in self.numbers.items()}
        return {letters[number]: grade for number, grade in found.items()}


@pytest.fixture
def town(facts: FactWriter, peer_desk: PolicyDesk) -> Town:
    """Record the six enterprises."""
    people = {
        "a": (CHAOYANG, 10, 0),
        "b": (CHAOYANG, 20, 1),
        "c": (CHAOYANG, 20, 1),
        "d": (CHAOYANG, 5, 3),
        "e": (XICHENG, 40, 2),
    }
    numbers: dict[str, int] = {}
    for name, (division, headcount, penalties) in people.items():
        numbers[name] = facts.enterprise(division=division, headcount=headcount)
        for _ in range(penalties):
            facts.record("penalty", numbers[name], MARCH)
    numbers["f"] = facts.enterprise(division=CHAOYANG, headcount=None, kind=4)
    return Town(facts, peer_desk, numbers)
