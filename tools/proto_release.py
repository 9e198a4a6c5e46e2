"""Keep the image of the protos as they were at the last release."""

import gzip
import sys
import tomllib
from pathlib import Path

from tools.proto_image import proto_image

NO_RELEASE = "none"


class ReleaseRecordError(Exception):
    """The folder of the released protos contradicts itself."""


def released_image(release_dir: Path) -> Path | None:
    """Find the image of the last release.

    Args:
        release_dir: The folder with `VERSION` and the image.

    Returns:
        The image's path, or None where `VERSION` says that nothing was released.

    Raises:
        ReleaseRecordError: If `VERSION` is missing or an image is there that it
            does not name, or the other way about. A lost image must not pass
            for "nothing released": the check would be off without a word.
    """
    version_path = release_dir / "VERSION"
    if not version_path.is_file():
        message = f"{version_path} is missing: write {NO_RELEASE!r} before the first release"
        raise ReleaseRecordError(message)
    version = version_path.read_text(encoding="utf-8").strip()
    expected = [] if version == NO_RELEASE else [_image_path(release_dir, version)]
    found = sorted(release_dir.glob("*.binpb.gz"))
    if found != expected:
        names = ", ".join(path.name for path in found) or "no image"
        message = f"{version_path} says {version!r}, but {names} lies beside it"
        raise ReleaseRecordError(message)
    return expected[0] if expected else None


def store_release(*, proto_dir: Path, release_dir: Path, version: str) -> Path:
    """Store the present protos as those of a release, in place of the last one's.

    Returns:
        The path of the image.
    """
    # Positions and comments do not matter to a comparison of contracts, and no
    # time stamp is stored: the same protos give the same bytes.
    content = gzip.compress(proto_image(proto_dir, source_info=False), mtime=0)
    for old_path in release_dir.glob("*.binpb.gz"):
        old_path.unlink()
    image_path = _image_path(release_dir, version)
    image_path.write_bytes(content)
    (release_dir / "VERSION").write_text(f"{version}\n", encoding="utf-8")
    return image_path


def _image_path(release_dir: Path, version: str) -> Path:
    return release_dir / f"{version}.binpb.gz"


def main() -> int:
    """Store the present protos under the version that pyproject.toml states."""
    root = Path(__file__).parents[1]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    image_path = store_release(
        proto_dir=root / "protos",
        release_dir=root / "protos" / "release",
        version=project["version"],
    )
    print(f"stored {image_path.relative_to(root)}: commit it with the release")
    return 0


if __name__ == "__main__":
    sys.exit(main())
