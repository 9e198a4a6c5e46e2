"""Policy files on the command line: read with their cases, digested, named in refusals."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import grpc
import pytest
import typer
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status

from cli.commands.policy_files import (
    PolicyFileError,
    PolicyFilesRefusedError,
    digest_of_paths,
    naming,
    read_policies,
)


class Refusal(grpc.RpcError):
    """A refusal as a client raises it."""

    def __init__(self, reason: str, *fields: str) -> None:
        """Refuse fields."""
        super().__init__(reason)
        violations = [
            BadRequest.FieldViolation(field=field, reason="UNKNOWN_CODE", description="no such")
            for field in fields
        ]
        details = [AnyMessage(), AnyMessage()]
        details[0].Pack(ErrorInfo(reason=reason))
        details[1].Pack(BadRequest(field_violations=violations))
        status = Status(code=3, message="refused", details=details)
        self._metadata = (("grpc-status-details-bin", status.SerializeToString()),)

    def code(self) -> grpc.StatusCode:
        """Give the code."""
        return grpc.StatusCode.INVALID_ARGUMENT

    def details(self) -> str:
        """Give the message."""
        return "refused"

    def trailing_metadata(self) -> Any:  # noqa: ANN401 -- a type of the library's own.
        """Give the metadata with the details."""
        return self._metadata


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    """Write two policies, the second without cases."""
    first, second = tmp_path / "grade.yaml", tmp_path / "list.yaml"
    first.write_bytes(b"a")
    (tmp_path / "grade.cases.yaml").write_bytes(b"cases")
    second.write_bytes(b"b")
    return [first, second]


def test_each_file_comes_with_the_cases_beside_it(paths: list[Path]) -> None:
    """Where there are none they are empty, and the service says so."""
    found = read_policies(paths, None)

    assert [(one.content, one.cases) for one in found] == [(b"a", b"cases"), (b"b", b"")]


def test_cases_are_named_for_one_file_only(paths: list[Path], tmp_path: Path) -> None:
    """Of several files nobody would know whose they are; a file that is named must be there."""
    named = read_policies(paths[1:], tmp_path / "grade.cases.yaml")

    assert named[0].cases == b"cases"
    with pytest.raises(typer.BadParameter):
        read_policies(paths, tmp_path / "grade.cases.yaml")
    with pytest.raises(PolicyFileError):
        read_policies(paths[:1], tmp_path / "lost.yaml")


def test_the_digest_of_several_files_is_that_of_their_digests(paths: list[Path]) -> None:
    """One file has its own; two have that of both lines, and their order counts."""
    one, two = (sha256(content).hexdigest() for content in (b"a", b"b"))

    assert digest_of_paths(paths[:1]) == one
    assert digest_of_paths(paths) == sha256(f"{one}\n{two}\n".encode()).hexdigest()
    assert digest_of_paths(paths) != digest_of_paths(paths[::-1])


def test_a_refusal_names_the_file_and_the_place_in_it(paths: list[Path]) -> None:
    """The first file, the second, and the cases of each; what is no place stays as it is."""
    fields = (
        "content:3:5",
        "cases:1:1",
        "further_files[0].content:7:9",
        "further_files[0].cases:2:3",
        "note",
    )

    with pytest.raises(PolicyFilesRefusedError) as refused, naming(paths):
        raise Refusal("POLICY_REFUSED", *fields)

    folder = paths[0].parent
    assert refused.value.message.splitlines() == [
        "5 values refused",
        f"{folder}/grade.yaml:3:5: UNKNOWN_CODE: no such",
        f"{folder}/grade.cases.yaml:1:1: UNKNOWN_CODE: no such",
        f"{folder}/list.yaml:7:9: UNKNOWN_CODE: no such",
        f"{folder}/list.cases.yaml:2:3: UNKNOWN_CODE: no such",
        "note: UNKNOWN_CODE: no such",
    ]


def test_other_refusals_are_left_as_they_are(paths: list[Path]) -> None:
    """Only mistakes in files are named anew."""
    with pytest.raises(Refusal), naming(paths):
        raise Refusal("INVALID_ARGUMENT", "note")
