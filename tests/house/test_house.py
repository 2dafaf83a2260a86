"""The house as a whole: what the wheel holds, what may import what, and that nothing is left beside it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests import ROOT

PACKAGES = {
    "fivestep": "fivestep",
    **{name: f"fivestep/{name}" for name in ("config", "connectors", "jobs", "process")},
}
NOT_SHIPPED = {"__pycache__"}


def tree() -> set[str]:
    """Every file of the packages, by the name under which it is installed."""
    files = set()
    for folder, installed in PACKAGES.items():
        for path in (ROOT / folder).rglob("*"):
            inside = path.relative_to(ROOT / folder)
            linked = folder == "fivestep" and inside.parts[0] in PACKAGES
            if path.is_file() and not linked and not NOT_SHIPPED & set(inside.parts):
                files.add(f"{installed}/{inside.as_posix()}")
    return files


@pytest.mark.slow
def test_the_wheel_holds_the_tree_and_nothing_else(tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(
        ROOT, source, symlinks=True, ignore=shutil.ignore_patterns(".git", ".venv*", "build", "*.egg-info", "demo")
    )
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(source)],
        check=True,
        capture_output=True,
    )
    [wheel] = tmp_path.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    [page] = {name for name in names if ".data/" in name}
    assert page.endswith(".data/data/share/man/man1/fivestep.1")
    names.remove(page)
    assert names == tree()
    assert {name.split("/")[0] for name in names} == {"fivestep"}


def test_the_layers_hold() -> None:
    command = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    done = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_links_lead_to_the_packages() -> None:
    for name in set(PACKAGES) - {"fivestep"}:
        link = ROOT / "fivestep" / name
        assert link.is_symlink()
        assert link.resolve() == ROOT / name
