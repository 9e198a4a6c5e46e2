"""An evaluation is made anew when figures or law change, and not when a file is edited."""

from dataclasses import replace
from hashlib import sha256

import pytest

from services.engine.evaluation import RESULT
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.commands.prevention.appraising import Appraised
from services.scoring.domain.insurer_evaluation import Appraisal
from tests.fakes.scoring_policies import ALL

GRADES = "cn.test.grade"
FILE = sha256(ALL["cn/grade.yaml"].lstrip().encode()).hexdigest()


@pytest.mark.parametrize(
    ("version", "digest", "same"),
    [
        pytest.param("two", "", [True], id="its-own-digest"),
        pytest.param("two", FILE, [True], id="that-of-its-file-from-before"),
        pytest.param("one", FILE, [False], id="another-version-of-the-file"),
        pytest.param("two", "0" * 64, [False], id="another-text"),
    ],
)
def test_what_the_same_version_said_of_the_same_figures_is_not_said_again(
    library: PolicyLibrary, version: str, digest: str, same: list[bool]
) -> None:
    """What was kept before versions had digests of their own is understood."""
    compiled = library.find(GRADES, "two")
    assert compiled is not None
    appraisal = Appraisal(
        policy_id=GRADES,
        policy_version="two",
        policy_digest=compiled.digest,
        figures={},
        status=RESULT,
        grade="A",
        score=None,
        score_places=0,
        missing=(),
        dispute_days=0,
    )
    before = replace(
        appraisal, policy_version=version, policy_digest=digest or appraisal.policy_digest
    )

    assert [Appraised(appraisal, (), compiled).says_as(before)] == same
