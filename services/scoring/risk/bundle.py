"""The files of a model in a folder."""

from pathlib import Path

from services.scoring.commands.risk.risk_ports import ModelFiles
from services.scoring.domain.risk_errors import RiskModelDamagedError
from services.scoring.risk.manifest import LINEAR_FILE, MANIFEST_FILE, TREES_FILE


def write_files(folder: Path, files: ModelFiles) -> None:
    """Write the files of a model; the manifest last, so that half a model is not taken for one."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TREES_FILE).write_bytes(files.trees)
    (folder / LINEAR_FILE).write_bytes(files.linear)
    (folder / MANIFEST_FILE).write_bytes(files.manifest)


def read_files(folder: Path) -> ModelFiles:
    """Read the files of a model, unchecked.

    Raises:
        RiskModelDamagedError: One of them is not there.
    """
    try:
        return ModelFiles(
            manifest=(folder / MANIFEST_FILE).read_bytes(),
            trees=(folder / TREES_FILE).read_bytes(),
            linear=(folder / LINEAR_FILE).read_bytes(),
        )
    except OSError as error:
        raise RiskModelDamagedError(
            f"{folder} does not hold {MANIFEST_FILE}, {TREES_FILE} and {LINEAR_FILE}:"
            f" {error.strerror or error}",
            folder=folder,
        ) from error
