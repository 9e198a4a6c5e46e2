"""The import contracts: what they let pass and what they refuse."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = [
    "cli",
    "migrations",
    "models",
    "services",
    "services/common",
    *(
        f"services/{service}{layer}"
        for service in ("credit", "scoring")
        for layer in ("", "/handlers", "/commands", "/domain", "/store")
    ),
    "services/engine",
    "services/scoring/risk",
]
ALLOWED = {
    "cli/up.py": "import safetycredit, services.credit.main, services.scoring.main",
    "migrations/env.py": "import models.penalties",
    "models/penalties.py": "import sqlalchemy",
    "services/common/database.py": "import models.penalties, sqlalchemy",
    "services/common/errors.py": "import enum",
    "services/common/idempotency.py": "import models.penalties",
    "services/common/schema.py": "import models.penalties",
    "services/credit/commands/impose.py": (
        "import services.credit.domain.penalty, services.common.errors"
    ),
    "services/credit/domain/penalty.py": "import services.common.errors",
    "services/credit/handlers/penalty.py": (
        "import safetycredit, services.credit.commands.impose, services.common.database"
    ),
    "services/credit/main.py": (
        "import services.credit.handlers.penalty, services.credit.store.rows"
    ),
    "services/credit/store/rows.py": "import models.penalties, services.credit.commands.impose",
    "services/engine/plan.py": "import numpy, services.common.errors",
    "services/credit/store/levels.py": "import services.engine.plan",
    "services/scoring/domain/grade.py": "import decimal",
    "services/scoring/commands/grade.py": "import services.engine.plan",
    "services/scoring/risk/model.py": "import lightgbm, services.scoring.commands.grade",
    "services/scoring/main.py": "import services.scoring.risk.model",
}


def lint_imports(tree: Path, modules: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Lay out modules in a tree, and hold them to the project's contracts."""
    for package in PACKAGES:
        (tree / package).mkdir(parents=True)
        (tree / package / "__init__.py").touch()
    for name, line in modules.items():
        (tree / name).write_text(f"{line}\n", encoding="utf-8")
    program = Path(sys.executable).with_name("lint-imports")
    config = ROOT / "pyproject.toml"
    return subprocess.run(
        [str(program), "--no-logo", "--no-cache", "--config", str(config)],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )


def test_contracts_let_the_intended_imports_pass(tmp_path: Path) -> None:
    """Every direction that the architecture draws is open."""
    result = lint_imports(tmp_path, ALLOWED)

    assert result.returncode == 0, result.stdout
    assert " 0 broken" in result.stdout


@pytest.mark.parametrize(
    ("name", "line", "contract"),
    [
        pytest.param(
            "services/credit/domain/bad.py",
            "import services.credit.commands.impose",
            "Layers of the credit service",
            id="domain-looks-up",
        ),
        pytest.param(
            "services/engine/bad.py",
            "import services.scoring.commands.grade",
            "The two services are independent",
            id="engine-looks-up",
        ),
        pytest.param(
            "services/credit/utils.py",
            "",
            "Layers of the credit service",
            id="a-module-outside-the-layers",
        ),
        pytest.param(
            "services/credit/handlers/bad.py",
            "import services.credit.store.rows",
            "Layers of the credit service",
            id="handler-reaches-into-the-store",
        ),
        pytest.param(
            "services/credit/commands/bad.py",
            "import services.scoring.domain.grade",
            "The two services are independent",
            id="one-service-imports-the-other",
        ),
        pytest.param(
            "services/common/bad.py",
            "import services.credit.domain.penalty",
            "The two services are independent",
            id="common-knows-a-service",
        ),
        pytest.param(
            "services/credit/commands/bad.py",
            "import models.penalties",
            "Only stores, migrations",
            id="command-knows-a-table",
        ),
        pytest.param(
            "services/common/bad.py",
            "import models.penalties",
            "Only stores, migrations",
            id="common-outside-database-knows-a-table",
        ),
        pytest.param(
            "models/bad.py",
            "import services.common.errors",
            "The tables know nothing",
            id="table-knows-a-service",
        ),
        pytest.param(
            "services/scoring/domain/bad.py",
            "import numpy",
            "Domains and errors",
            id="domain-needs-numpy",
        ),
        pytest.param(
            "services/scoring/domain/bad.py",
            "import services.common.database",
            "Domains and errors",
            id="domain-knows-more-of-common-than-errors",
        ),
        pytest.param(
            "services/common/errors.py",
            "import grpc",
            "Domains and errors",
            id="errors-know-the-wire",
        ),
        pytest.param(
            "services/engine/bad.py",
            "import sqlalchemy",
            "The engine needs NumPy",
            id="engine-knows-the-database",
        ),
        pytest.param(
            "services/engine/bad.py",
            "import services.common.database",
            "The engine needs NumPy",
            id="engine-knows-more-of-common-than-errors",
        ),
        pytest.param(
            "services/credit/commands/bad.py",
            "import safetycredit",
            "Commands know neither",
            id="command-knows-the-wire",
        ),
        pytest.param(
            "services/credit/commands/bad.py",
            "import services.common.database",
            "Commands know neither",
            id="command-reaches-the-database-through-common",
        ),
        pytest.param(
            "services/credit/handlers/bad.py",
            "import sqlalchemy",
            "Handlers do not know",
            id="handler-knows-the-database",
        ),
        pytest.param(
            "services/credit/store/bad.py",
            "import safetycredit",
            "Generated code stays",
            id="store-knows-the-wire",
        ),
        pytest.param(
            "services/credit/main.py",
            "import cli.up",
            "The command line is on top",
            id="service-imports-the-command-line",
        ),
    ],
)
def test_contracts_refuse(tmp_path: Path, name: str, line: str, contract: str) -> None:
    """A single import against the architecture breaks the contract that forbids it."""
    modules = {**ALLOWED, name: line}

    result = lint_imports(tmp_path, modules)

    assert result.returncode == 1
    # Contracts that hold are listed too, with another word after their names.
    broken = [one for one in result.stdout.splitlines() if " BROKEN" in one]
    assert any(one.startswith(contract) for one in broken), result.stdout
