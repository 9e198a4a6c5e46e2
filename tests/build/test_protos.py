"""The checks of the protos: comments, style, and no break since the last release."""

from pathlib import Path

import pytest

from tools.check_protos import check
from tools.proto_release import ReleaseRecordError, released_image, store_release

ROOT = Path(__file__).parents[2]
COMMENTED = """\
syntax = "proto3";

package safetycredit.test.v1;

import "google/protobuf/timestamp.proto";

// A penalty.
message Penalty {
  // How a penalty stands.
  enum State {
    // Never stored.
    STATE_UNSPECIFIED = 0;
    // In effect.
    STATE_ACTIVE = 1;
  }

  // Its state.
  State state = 1;
  // Instants of its notes, by author.
  map<string, google.protobuf.Timestamp> note_times = 2;
}

// Asks for one.
message GetPenaltyRequest {}

// Holds one.
message GetPenaltyResponse {
  // The penalty.
  Penalty penalty = 1;
}

// Keeps penalties.
service PenaltyService {
  // Returns a penalty.
  rpc GetPenalty(GetPenaltyRequest) returns (GetPenaltyResponse);
}
"""
PROTO_NAME = "safetycredit/test/v1/penalty.proto"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Lay out a checkout with one commented proto and no release."""
    proto_path = tmp_path / "protos" / PROTO_NAME
    proto_path.parent.mkdir(parents=True)
    proto_path.write_text(COMMENTED, encoding="utf-8")
    release_dir = tmp_path / "protos" / "release"
    release_dir.mkdir()
    (release_dir / "VERSION").write_text("none\n", encoding="utf-8")
    (tmp_path / "buf.yaml").write_bytes((ROOT / "buf.yaml").read_bytes())
    return tmp_path


def change_proto(checkout: Path, old: str, new: str) -> None:
    """Replace a passage of the proto that occurs once."""
    assert COMMENTED.count(old) == 1
    proto_path = checkout / "protos" / PROTO_NAME
    proto_path.write_text(COMMENTED.replace(old, new), encoding="utf-8")


def release(checkout: Path, version: str = "1.0.0") -> Path:
    """Store the present protos as released."""
    proto_dir = checkout / "protos"
    return store_release(proto_dir=proto_dir, release_dir=proto_dir / "release", version=version)


def test_check_accepts_a_commented_proto(checkout: Path) -> None:
    """A proto in order passes, and what a map generates needs no comment."""
    assert check(checkout) == []


@pytest.mark.parametrize(
    ("comment", "complaint"),
    [
        pytest.param("// A penalty.\n", ":7: message Penalty", id="message"),
        pytest.param("  // Its state.\n", ":17: field Penalty.state", id="field"),
        pytest.param("  // How a penalty stands.\n", ":9: enum State", id="enum"),
        pytest.param("    // In effect.\n", ":13: enum value State.STATE_ACTIVE", id="enum-value"),
        pytest.param("// Keeps penalties.\n", ":32: service PenaltyService", id="service"),
        pytest.param("  // Returns a penalty.\n", ":34: rpc PenaltyService.GetPenalty", id="rpc"),
    ],
)
def test_check_names_an_element_without_a_comment(
    checkout: Path, comment: str, complaint: str
) -> None:
    """Each kind of element needs a leading comment; its line is named."""
    change_proto(checkout, comment, "")

    complaints = check(checkout)

    assert complaints == [f"protos/{PROTO_NAME}{complaint} has no leading comment"]


def test_check_does_not_take_a_trailing_comment_for_a_leading_one(checkout: Path) -> None:
    """A comment after the field on its line explains nothing to a reader of the docs."""
    change_proto(
        checkout, "  // Its state.\n  State state = 1;", "  State state = 1; // Its state."
    )

    complaints = check(checkout)

    assert complaints == [f"protos/{PROTO_NAME}:17: field Penalty.state has no leading comment"]


def test_check_reports_what_lint_finds(checkout: Path) -> None:
    """A field in camelCase is against the standard rules of buf."""
    change_proto(checkout, "Penalty penalty = 1;", "Penalty thePenalty = 1;")

    complaints = check(checkout)

    assert len(complaints) == 1
    assert "thePenalty" in complaints[0]


def test_check_reports_what_the_formatter_would_change(checkout: Path) -> None:
    """A wrongly indented line is shown as a difference."""
    change_proto(checkout, "  Penalty penalty = 1;", "     Penalty penalty = 1;")

    complaints = check(checkout)

    assert "buf format: +  Penalty penalty = 1;" in complaints


def test_check_accepts_an_addition_to_the_released_protos(checkout: Path) -> None:
    """A new field breaks no client."""
    release(checkout)
    addition = "  Penalty penalty = 1;\n  // How many there are.\n  int32 count = 2;"
    change_proto(checkout, "  Penalty penalty = 1;", addition)

    assert check(checkout) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("Penalty penalty = 1;", "Penalty penalty = 3;", id="number"),
        pytest.param("Penalty penalty = 1;", "string penalty = 1;", id="type"),
        pytest.param("  // Its state.\n  State state = 1;\n", "", id="removal"),
    ],
)
def test_check_refuses_a_break_with_the_released_protos(checkout: Path, old: str, new: str) -> None:
    """A released field keeps its number, its type and its place."""
    release(checkout)
    change_proto(checkout, old, new)

    complaints = check(checkout)

    assert complaints
    assert all(one.startswith("buf breaking: ") for one in complaints)


def test_check_compares_with_nothing_before_the_first_release(checkout: Path) -> None:
    """As long as nothing is released, everything may change."""
    change_proto(checkout, "Penalty penalty = 1;", "string penalty = 3;")

    assert check(checkout) == []


def test_check_refuses_a_checkout_without_protos(checkout: Path) -> None:
    """Nothing to check is a mistake of the check, not a pass."""
    (checkout / "protos" / PROTO_NAME).unlink()

    complaints = check(checkout)

    assert len(complaints) == 1
    assert "there is no proto" in complaints[0]


def test_store_release_replaces_the_image_of_the_release_before(checkout: Path) -> None:
    """One image is kept, and VERSION names it."""
    release(checkout, "1.0.0")
    image_path = release(checkout, "1.1.0")

    release_dir = checkout / "protos" / "release"
    assert sorted(path.name for path in release_dir.iterdir()) == ["1.1.0.binpb.gz", "VERSION"]
    assert released_image(release_dir) == image_path


def test_store_release_gives_equal_bytes_for_equal_protos(checkout: Path) -> None:
    """The image depends on the protos alone."""
    first = release(checkout).read_bytes()

    assert release(checkout).read_bytes() == first


def test_released_image_refuses_a_lost_image(checkout: Path) -> None:
    """Without its image a release must not pass for none."""
    image_path = release(checkout)
    image_path.unlink()

    with pytest.raises(ReleaseRecordError, match="no image"):
        released_image(image_path.parent)


def test_released_image_refuses_an_image_that_no_version_names(checkout: Path) -> None:
    """An image beside the word `none` is a contradiction."""
    image_path = release(checkout)
    (image_path.parent / "VERSION").write_text("none\n", encoding="utf-8")

    with pytest.raises(ReleaseRecordError, match=r"1\.0\.0"):
        released_image(image_path.parent)


def test_released_image_refuses_a_missing_version(tmp_path: Path) -> None:
    """That nothing is released must be written down."""
    with pytest.raises(ReleaseRecordError, match="VERSION is missing"):
        released_image(tmp_path)


def test_check_accepts_the_protos_of_this_checkout() -> None:
    """The project's own protos are in order."""
    assert check(ROOT) == []
