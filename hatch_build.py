"""Generate the Python code of the protos: at build time, and on `make proto`.

The generated modules lie beside their protos and are never committed. Whatever
is generated is a function of the protos, of this file and of the generator's
version; a digest over them is kept in `protos/.generated`, so that a second run
with nothing changed does nothing.
"""

import hashlib
import importlib.metadata
import importlib.util
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "safetycredit"
DIGEST_FILE = ".generated"
GENERATED_PATTERNS = ("*_pb2.py", "*_pb2_grpc.py", "*_pb2.pyi", "*_pb2_grpc.pyi")
SERVICE_PATTERN = re.compile(r"^service\s", re.MULTILINE)


class ProtoBuildHook(BuildHookInterface[Any]):
    """Generate the proto modules before hatchling collects the files of a wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Generate for a wheel, editable or not; a source distribution holds protos only."""
        del version, build_data
        if self.target_name == "wheel":
            generate(Path(self.root) / "protos")


class ProtoError(Exception):
    """The protos could not be compiled."""


def generate(proto_dir: Path) -> bool:
    """Bring the generated modules in line with the protos.

    Args:
        proto_dir: The folder that imports between protos are relative to.

    Returns:
        Whether anything had to be generated.

    Raises:
        ProtoError: If a proto does not compile; nothing is changed then.
    """
    protos = proto_files(proto_dir)
    digest = _digest(proto_dir, protos)
    digest_path = proto_dir / DIGEST_FILE
    present = set(_generated_files(proto_dir))
    if digest_path.is_file():
        known_digest, *known_files = digest_path.read_text(encoding="utf-8").splitlines()
        if known_digest == digest and present == {proto_dir / name for name in known_files}:
            return False
    # A folder inside protos/ is on the same file system, so that each module
    # appears whole or not at all to a process that imports at the same moment.
    with tempfile.TemporaryDirectory(prefix=".generating-", dir=proto_dir) as name:
        out_dir = Path(name)
        if protos:
            run_protoc(proto_dir, protos, options=_output_options(out_dir))
        _drop_empty_service_modules(out_dir, proto_dir)
        written = _move_into_place(out_dir, proto_dir)
    for stale_path in present - written:
        stale_path.unlink(missing_ok=True)
    names = sorted(path.relative_to(proto_dir).as_posix() for path in written)
    digest_path.write_text("\n".join([digest, *names]) + "\n", encoding="utf-8")
    return True


def proto_files(proto_dir: Path) -> list[Path]:
    """List the project's own protos, sorted by path."""
    return sorted((proto_dir / PACKAGE).rglob("*.proto"))


def run_protoc(proto_dir: Path, protos: Sequence[Path], *, options: Sequence[str]) -> None:
    """Run the bundled protoc over protos.

    Args:
        proto_dir: The folder that imports between protos are relative to.
        protos: The files to compile.
        options: What to make of them, as protoc's own options.

    Raises:
        ProtoError: If protoc refuses; its messages are on standard error by then.
    """
    # Imported here, because a mere look at the digest need not load the compiler.
    from grpc_tools import protoc  # noqa: PLC0415

    # The paths are relative, because protoc's messages and the names in a
    # descriptor set then read the same on every machine.
    arguments = [
        "protoc",
        f"--proto_path={proto_dir}",
        *(f"--proto_path={folder}" for folder in _include_dirs()),
        *options,
        *(path.relative_to(proto_dir).as_posix() for path in protos),
    ]
    if protoc.main(arguments) != 0:
        message = "the protos do not compile: see protoc's messages above"
        raise ProtoError(message)


def _include_dirs() -> list[Path]:
    """Find the folders with Google's protos in the two packages that bring them."""
    return [
        _package_dir("grpc_tools") / "_proto",
        # google/rpc/status_pb2.py lies two folders below the one to include.
        _package_dir("google.rpc.status_pb2").parents[1],
    ]


def _package_dir(module_name: str) -> Path:
    spec = importlib.util.find_spec(module_name)
    if spec is None or spec.origin is None:
        message = f"the package of {module_name} is not installed"
        raise ProtoError(message)
    return Path(spec.origin).parent


def _stub_plugin() -> Path | None:
    """Find the generator of typed gRPC stubs, which only the dev lock installs."""
    name = shutil.which("protoc-gen-mypy_grpc", path=str(Path(sys.executable).parent))
    return Path(name) if name else None


def _output_options(out_dir: Path) -> list[str]:
    options = [f"--{kind}_out={out_dir}" for kind in ("python", "pyi", "grpc_python")]
    plugin = _stub_plugin()
    if plugin is not None:
        options += [
            f"--plugin=protoc-gen-mypy_grpc={plugin}",
            f"--mypy_grpc_out=quiet:{out_dir}",
        ]
    return options


def _digest(proto_dir: Path, protos: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    digest.update(importlib.metadata.version("grpcio-tools").encode())
    digest.update(str(_stub_plugin() is not None).encode())
    digest.update(Path(__file__).read_bytes())
    for path in protos:
        digest.update(b"\0" + path.relative_to(proto_dir).as_posix().encode() + b"\0")
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _generated_files(proto_dir: Path) -> Iterator[Path]:
    for pattern in GENERATED_PATTERNS:
        yield from (proto_dir / PACKAGE).rglob(pattern)


def _drop_empty_service_modules(out_dir: Path, proto_dir: Path) -> None:
    """Remove the gRPC modules of protos without a service: they hold nothing."""
    for path in [*out_dir.rglob("*_pb2_grpc.py"), *out_dir.rglob("*_pb2_grpc.pyi")]:
        stem = path.stem.removesuffix("_pb2_grpc")
        proto_path = proto_dir / path.relative_to(out_dir).with_name(f"{stem}.proto")
        if not SERVICE_PATTERN.search(proto_path.read_text(encoding="utf-8")):
            path.unlink()


def _move_into_place(out_dir: Path, proto_dir: Path) -> set[Path]:
    """Move changed modules; leave equal ones, and thereby the caches keyed on them."""
    written = set()
    for path in [*out_dir.rglob("*.py"), *out_dir.rglob("*.pyi")]:
        target = proto_dir / path.relative_to(out_dir)
        written.add(target)
        if not (target.is_file() and target.read_bytes() == path.read_bytes()):
            path.replace(target)
    return written


def main() -> int:
    """Generate for the checkout that this file lies in, and say what was done."""
    try:
        changed = generate(Path(__file__).parent / "protos")
    except ProtoError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if changed:
        sys.stdout.write("generated the proto modules\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
