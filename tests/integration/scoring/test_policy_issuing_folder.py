"""What is published, beside the folder of policies that the servers start with."""

from pathlib import Path
from typing import Any

import pytest
from google.type.date_pb2 import Date

from safetycredit.type.v1.subject_pb2 import SubjectRef
from services.scoring.store.candidates import PolicyFolderDiffersError
from tests.fakes.clock import FixedClock
from tests.fakes.policy_desk import (
    PolicyDesk,
    grade_cases,
    grade_file,
    version_digest_of,
)
from tests.fakes.scoring_facts import FactWriter
from tests.fakes.scoring_policies import ALL, write_policies
from tests.integration.scoring.policy_fixtures import AUTUMN, MARCH, SUMMER, build, serving
from tests.stores.fixtures import ON_SQLITE


@ON_SQLITE
async def test_a_district_follows_a_published_version_by_itself(
    desk: PolicyDesk, facts: FactWriter
) -> None:
    """A list that takes the grade in is evaluated by the new version from its first day on."""
    enterprise = facts.enterprise()
    facts.record("penalty", enterprise, MARCH)
    await desk.issue(grade_file(), grade_cases())

    found = [
        await desk.call(
            "GetListStatus",
            roles="regulator",
            subject=SubjectRef(enterprise_id=f"e-{enterprise}"),
            policy_id="cn.test.list",
            as_of=day,
        )
        for day in (SUMMER, AUTUMN)
    ]

    standings = [[line.rule_id for line in one.statuses[0].reasons] for one in found]
    assert standings == [[], ["L-GRADE"]]


@ON_SQLITE
async def test_a_folder_may_say_the_same_as_what_was_published(
    desk: PolicyDesk, database_url: str, tmp_path: Path, clock: FixedClock
) -> None:
    """A release that brings the published version starts; the published bytes stay the law."""
    await desk.issue(grade_file(), grade_cases())
    together = ALL["cn/grade.yaml"].lstrip().replace("end_date: null", "end_date: 2025-08-01")
    added = grade_file().decode().split("versions:\n", 1)[1].replace("&", "&new_")
    for name in ("source", "inputs", "indicators", "totals", "rules", "grade"):
        added = added.replace(f"*{name}", f"*new_{name}")
    folder = write_policies(tmp_path / "new", {**ALL, "cn/grade.yaml": together + added})

    server = build(database_url, folder, clock)
    async with serving(server) as second:
        shown = await second.call("GetPolicy", policy_id="cn.test.grade", version="three")
    server.close()

    assert shown.content == grade_file()
    assert shown.policy.ref.digest == version_digest_of(grade_file())


LATER = """\
  - version: "three"
    start_date: 2030-01-01
    end_date: null
    extends: {policy: cn.test.grade, version: "two"}
    source: {instrument: 新办法, confidence: assumed}
"""

DISTRICT = """
policy: cn.test.district.grade
kind: grade
title: {zh: 街道测试等级, en: Street test grades}
documentation: Chaoyang's points, one grade for all of them.
field: fire
division: "110105"
versions:
  - version: "one"
    start_date: 2025-01-01
    end_date: null
    extends: {policy: cn.test.local.grade, version: "one"}
    source:
      instrument: 街道测试办法
      effective_date: 2025-01-01
      checked_date: 2025-01-01
      confidence: assumed
    grade:
      ladder: [甲]
      start: [{grade: 甲, when: true}]
      beyond: clamp
      source: {article: 第一条, confidence: assumed}
"""
DISTRICT_CASES = b"""
policy: cn.test.district.grade
cases:
  - name: everybody has one point
    as_of: 2025-06-01
    expect: {score: 1}
    source: {article: "1"}
"""


@ON_SQLITE
async def test_what_a_publication_extends_is_kept_with_it(
    desk: PolicyDesk,
    facts: FactWriter,
    database_url: str,
    tmp_path: Path,
    clock: FixedClock,
) -> None:
    """The folder's policy above may be edited later; the published one says what it said."""
    enterprise = facts.enterprise()
    await desk.issue(DISTRICT.lstrip().encode(), DISTRICT_CASES)
    question: dict[str, Any] = {
        "subject": SubjectRef(enterprise_id=f"e-{enterprise}"),
        "policy_id": "cn.test.district.grade",
    }
    before = await desk.call("GetCreditGrade", roles="regulator", **question)
    edited = ALL["cn.beijing/local-grade.yaml"].replace("start: 1", "start: 2")
    folder = write_policies(tmp_path / "new", {**ALL, "cn.beijing/local-grade.yaml": edited})

    server = build(database_url, folder, clock)
    async with serving(server) as second:
        after = await second.call("GetCreditGrade", roles="regulator", **question)
    server.close()

    assert before.grade.score.value == "1"
    assert after.SerializeToString() == before.SerializeToString()


@ON_SQLITE
async def test_an_edit_beside_a_version_changes_no_byte_of_its_answers(
    facts: FactWriter, database_url: str, tmp_path: Path, clock: FixedClock
) -> None:
    """A later version and a comment keep an explained answer; another value does not."""
    enterprise = facts.enterprise()
    facts.record("penalty", enterprise, MARCH)
    text = ALL["cn/grade.yaml"]
    later = text.replace("end_date: null", "end_date: 2030-01-01") + LATER
    texts = (text, "# Looked at again.\n" + later, text.replace("amount: -30", "amount: -31"))

    found = []
    for number, one in enumerate(texts):
        folder = write_policies(tmp_path / str(number), {**ALL, "cn/grade.yaml": one})
        server = build(database_url, folder, clock)
        async with serving(server) as desk:
            found.append(
                await desk.call(
                    "GetCreditGrade",
                    roles="regulator",
                    subject=SubjectRef(enterprise_id=f"e-{enterprise}"),
                    policy_id="cn.test.grade",
                    as_of=AUTUMN,
                    explain=True,
                )
            )
        server.close()

    assert found[0].basis.policy.version == "two"
    assert found[0].grade.valid_until_date == Date(year=2026, month=3, day=1)
    assert found[1].SerializeToString() == found[0].SerializeToString()
    found[2].basis.policy.digest, changed = (
        found[0].basis.policy.digest,
        found[2].basis.policy.digest,
    )
    assert changed != found[0].basis.policy.digest
    assert found[2].SerializeToString() == found[0].SerializeToString()


@ON_SQLITE
async def test_a_folder_that_contradicts_what_was_published_refuses_the_start(
    desk: PolicyDesk, database_url: str, tmp_path: Path, clock: FixedClock
) -> None:
    """Nobody edits a published version by way of a file."""
    await desk.issue(grade_file(), grade_cases())
    forged = grade_file(penalty="-1").decode()
    folder = write_policies(tmp_path / "new", {**ALL, "cn/grade.yaml": forged})

    with pytest.raises(PolicyFolderDiffersError) as error:
        build(database_url, folder, clock)

    assert error.value.facts["versions"] == "three"
