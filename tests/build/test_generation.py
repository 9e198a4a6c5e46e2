"""Generating code from the protos: when it happens and what it leaves behind."""

from pathlib import Path

import pytest

from hatch_build import ProtoError, generate

PENALTY = """
syntax = "proto3";
package safetycredit.test.v1;
import "google/rpc/status.proto";
// A penalty.
message Penalty {
  // Its status.
  google.rpc.Status status = 1;
}
"""
SERVICE = """
syntax = "proto3";
package safetycredit.test.v1;
import "safetycredit/test/v1/penalty.proto";
// Keeps penalties.
service PenaltyService {
  // Returns the penalty unchanged.
  rpc Echo(Penalty) returns (Penalty);
}
"""


@pytest.fixture
def proto_dir(tmp_path: Path) -> Path:
    """Lay out two protos: one with a message, one with a service."""
    folder = tmp_path / "safetycredit" / "test" / "v1"
    folder.mkdir(parents=True)
    (folder / "penalty.proto").write_text(PENALTY, encoding="utf-8")
    (folder / "service.proto").write_text(SERVICE, encoding="utf-8")
    return tmp_path


def generated_names(proto_dir: Path) -> set[str]:
    """List the generated modules by their bare names."""
    return {path.name for path in proto_dir.rglob("*_pb2*")}


def test_generation_makes_modules_and_stubs_beside_the_protos(proto_dir: Path) -> None:
    """Messages and services get modules; a proto without a service gets no gRPC module."""
    changed = generate(proto_dir)

    assert changed
    assert generated_names(proto_dir) == {
        "penalty_pb2.py",
        "penalty_pb2.pyi",
        "service_pb2.py",
        "service_pb2.pyi",
        "service_pb2_grpc.py",
        "service_pb2_grpc.pyi",
    }
    assert not list(proto_dir.glob(".generating-*"))


def test_generation_does_nothing_where_nothing_changed(proto_dir: Path) -> None:
    """A second run neither writes nor touches a module."""
    generate(proto_dir)
    times = {path: path.stat().st_mtime_ns for path in proto_dir.rglob("*_pb2*")}

    changed = generate(proto_dir)

    assert not changed
    assert {path: path.stat().st_mtime_ns for path in proto_dir.rglob("*_pb2*")} == times


def test_generation_removes_the_modules_of_a_deleted_proto(proto_dir: Path) -> None:
    """Code of a proto that is gone can no longer be imported."""
    generate(proto_dir)
    next(proto_dir.rglob("service.proto")).unlink()

    changed = generate(proto_dir)

    assert changed
    assert generated_names(proto_dir) == {"penalty_pb2.py", "penalty_pb2.pyi"}


def test_generation_restores_a_lost_module(proto_dir: Path) -> None:
    """A module that somebody removed comes back although no proto changed."""
    generate(proto_dir)
    next(proto_dir.rglob("penalty_pb2.py")).unlink()

    changed = generate(proto_dir)

    assert changed
    assert "penalty_pb2.py" in generated_names(proto_dir)


def test_generation_touches_only_the_modules_that_changed(proto_dir: Path) -> None:
    """A change of one proto leaves the modules of the others as they are."""
    generate(proto_dir)
    untouched_path = next(proto_dir.rglob("service_pb2.py"))
    time_before = untouched_path.stat().st_mtime_ns
    penalty_path = next(proto_dir.rglob("penalty.proto"))
    penalty_path.write_text(PENALTY.replace("Status status", "Status state"), encoding="utf-8")

    generate(proto_dir)

    assert "state" in next(proto_dir.rglob("penalty_pb2.pyi")).read_text(encoding="utf-8")
    assert untouched_path.stat().st_mtime_ns == time_before


def test_generation_refuses_a_broken_proto_and_keeps_the_old_modules(
    proto_dir: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A proto that does not compile is named with its line, and nothing is lost."""
    generate(proto_dir)
    names = generated_names(proto_dir)
    penalty_path = next(proto_dir.rglob("penalty.proto"))
    penalty_path.write_text(PENALTY.replace("Status status", "Missing status"), encoding="utf-8")

    with pytest.raises(ProtoError, match="do not compile"):
        generate(proto_dir)

    assert "safetycredit/test/v1/penalty.proto:8" in capfd.readouterr().err
    assert generated_names(proto_dir) == names
