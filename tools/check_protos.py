"""Check the protos: form, style, comments, and no break since the last release."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from hatch_build import ProtoError, proto_files
from tools.check_proto_comments import uncommented
from tools.proto_image import proto_image
from tools.proto_release import ReleaseRecordError, released_image


def check(root: Path) -> list[str]:
    """Run every check over the protos of a checkout.

    Args:
        root: The checkout: it holds `protos/` and `buf.yaml`.

    Returns:
        One line for each complaint; empty if all is well.
    """
    proto_dir = root / "protos"
    if not proto_files(proto_dir):
        return [f"{proto_dir}: there is no proto"]
    try:
        content = proto_image(proto_dir, source_info=True)
        released_path = released_image(proto_dir / "release")
    except (ProtoError, ReleaseRecordError) as error:
        return [str(error)]
    complaints = uncommented(FileDescriptorSet.FromString(content))
    complaints += _buf("format", "--diff", "--exit-code", str(proto_dir))
    with tempfile.TemporaryDirectory() as name:
        image_path = Path(name) / "image.binpb"
        image_path.write_bytes(content)
        config = ["--config", str(root / "buf.yaml")]
        complaints += _buf("lint", str(image_path), *config)
        if released_path is not None:
            against = ["--against", str(released_path)]
            complaints += _buf("breaking", str(image_path), *against, *config)
    return complaints


def _buf(*arguments: str) -> Sequence[str]:
    """Run the buf that lies beside this Python, and return what it complains of."""
    command = [str(Path(sys.executable).with_name("buf")), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode == 0:
        return []
    lines = (result.stdout + result.stderr).splitlines()
    return [f"buf {arguments[0]}: {line}" for line in lines]


def main() -> int:
    """Print the complaints about this checkout."""
    complaints = check(Path(__file__).parents[1])
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
