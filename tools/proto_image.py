"""Make a descriptor set of the project's protos with all their imports."""

import tempfile
from pathlib import Path

from hatch_build import proto_files, run_protoc


def proto_image(proto_dir: Path, *, source_info: bool) -> bytes:
    """Compile the protos to one serialized `FileDescriptorSet`.

    Args:
        proto_dir: The folder that imports between protos are relative to.
        source_info: Whether to keep comments and positions, most of the size.

    Raises:
        hatch_build.ProtoError: If a proto does not compile.
    """
    with tempfile.TemporaryDirectory() as name:
        image_path = Path(name) / "image.binpb"
        options = ["--include_imports", f"--descriptor_set_out={image_path}"]
        if source_info:
            options.append("--include_source_info")
        run_protoc(proto_dir, proto_files(proto_dir), options=options)
        return image_path.read_bytes()
