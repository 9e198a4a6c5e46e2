"""Places among peers in dry runs and shadows over loopback: a candidate has tables of its own."""

import pytest

from services.scoring.main import ScoringServer
from tests.fakes.peer_policies import SCORECARD
from tests.integration.scoring.peer_fixtures import CARD, WATCH, Town

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CASES = b"""policy: cn.test.scorecard
cases:
  - name: ahead of one of three
    as_of: 2025-09-01
    subject: {kind: production_unit, division: "110105"}
    records: [{kind: penalty, event_date: 2025-08-15}]
    peers: {ahead_of: [70, 90, 90]}
    expect: {score: 90, grade: excellent}
    source: {article: \xe7\xac\xac\xe5\x9b\x9b\xe6\x9d\xa1}
"""


def candidate() -> bytes:
    """Write a version by which the better three quarters of a division are excellent."""
    text = SCORECARD.lstrip()
    for old, new in (
        ('version: "one"', 'version: "two"'),
        ("start_date: 2015-01-01", "start_date: 2025-08-01"),
        ("ahead_of: {at_least: 50}", "ahead_of: {at_least: 25}"),
    ):
        assert old in text, f"the test's policy has {old}"
        text = text.replace(old, new)
    return text.encode()


@ONE_DATABASE
async def test_a_dry_run_makes_its_own_tables(town: Town, peer_server: ScoringServer) -> None:
    """Both sides are placed among everybody at its revision, and nothing of it is kept."""
    # Those ahead of a quarter would be excellent: b and c beside a.
    started = await town.caller.call("StartSimulation", content=candidate())
    while peer_server.trials[0].once():
        pass
    answer = await town.caller.call("GetSimulation", simulation_id=started.simulation.simulation_id)

    impacts = {one.policy_id: one for one in answer.simulation.impacts}
    matrix = impacts[CARD].matrix
    cells = [(one.live.label, one.candidate.label, one.subjects) for one in matrix]
    assert sorted(cell for cell in cells if cell[0]) == [
        ("excellent", "excellent", 1),
        ("fail", "fail", 1),
        ("good", "excellent", 2),
        ("good", "good", 1),
    ]
    # b and c come to 1000 points and to a's first place, so the mean of all five rises; and the two
    # pay less.
    assert {name: one.changed for name, one in impacts.items()} == {
        CARD: 2,
        WATCH: 5,
        "cn.test.peer-rate": 0,
    }
    # All of them are of Beijing, whose own plan rates them unless the country's is named.
    (elsewhere,) = impacts["cn.test.peer-rate"].answered_elsewhere
    assert (elsewhere.policy_id, elsewhere.changed) == ("cn.test.rate", 2)
    assert (await town.grade("a")).basis.peer_tables[0].missing


@ONE_DATABASE
async def test_a_shadow_has_its_own_table(town: Town, peer_server: ScoringServer) -> None:
    """The day's table of a candidate in the shadow is made and kept as the live one's is."""
    peer_server.peers.keep()
    proposal = await town.caller.propose(candidate(), CASES)
    await town.caller.call("StartShadow", proposal_id=proposal.proposal_id)
    peer_server.trials[1].once()
    peer_server.trials[1].once()

    answer = await town.caller.call("GetShadowReport", proposal_id=proposal.proposal_id)

    report = answer.report
    cells = [(one.live.label, one.candidate.label, one.subjects) for one in report.matrix]
    assert sorted(cell for cell in cells if cell[0]) == [
        ("excellent", "excellent", 1),
        ("fail", "fail", 1),
        ("good", "excellent", 2),
        ("good", "good", 1),
    ]
