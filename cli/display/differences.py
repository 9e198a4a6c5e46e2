"""Differences of two versions of policies on a terminal, in Chinese and in English."""

from collections.abc import Mapping
from typing import Final

from cli.display.console import print_pairs, print_table
from cli.display.explanations import policy_name, source_text, wording
from cli.display.wording import code
from safetycredit.scoring.v1.policy_proposal_pb2 import PolicyDifference
from safetycredit.scoring.v1.policy_service_pb2 import DiffPolicyVersionsResponse

_CHINESE: Final[Mapping[str, str]] = {
    "from": "原版本",
    "to": "新版本",
    "differences": "差异数",
    "what differs": "差异",
    "clause": "依据",
    "added": "新增",
    "removed": "删除",
    "changed": "修改",
}


def print_differences(found: DiffPolicyVersionsResponse, language: str) -> None:
    """Print what differs between two versions, part by part, with the clauses."""

    def said(word: str) -> str:
        return _CHINESE.get(word, word) if language == "zh" else word

    print_pairs(
        [
            (said("from"), policy_name(found.from_version)),
            (said("to"), policy_name(found.to_version)),
            (said("differences"), str(len(found.differences))),
        ]
    )
    print_table(
        ("", said("what differs"), said("clause")),
        [
            (
                said(code(PolicyDifference.Kind.DESCRIPTOR, one.kind)),
                wording(one.sentence, language),
                source_text(one.new_source if one.HasField("new_source") else one.old_source),
            )
            for one in found.differences
        ],
    )
