"""Differences for people: the words around them are in the language that was asked for."""

import pytest

from cli.display.differences import print_differences
from safetycredit.scoring.v1.policy_proposal_pb2 import PolicyDifference
from safetycredit.scoring.v1.policy_service_pb2 import DiffPolicyVersionsResponse
from safetycredit.type.v1.wording_pb2 import Source, Wording

FOUND = DiffPolicyVersionsResponse(
    differences=[
        PolicyDifference(
            kind=kind,
            sentence=Wording(zh="分值", en="amount"),
            old_source=Source(instrument="办法", article="第五条"),
        )
        for kind in (
            PolicyDifference.KIND_ADDED,
            PolicyDifference.KIND_REMOVED,
            PolicyDifference.KIND_CHANGED,
        )
    ]
)


@pytest.mark.parametrize(
    ("language", "words", "others"),
    [
        pytest.param(
            "zh", ("差异数", "依据", "新增", "删除", "修改", "分值"), ("clause", "added"), id="zh"
        ),
        pytest.param(
            "en",
            ("differences", "clause", "added", "removed", "changed", "amount"),
            ("依据", "新增"),
            id="en",
        ),
    ],
)
def test_headings_and_kinds_are_in_the_language(
    capsys: pytest.CaptureFixture[str],
    language: str,
    words: tuple[str, ...],
    others: tuple[str, ...],
) -> None:
    """A clerk who reads Chinese is told nothing in English, and the other way round."""
    print_differences(FOUND, language)

    printed = capsys.readouterr().out
    assert all(word in printed for word in words)
    assert not any(word in printed for word in others)
