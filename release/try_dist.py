"""Installs what `release/dist.py` has built into clean environments, and tries it: `python release/try_dist.py dist`.

On every Python that is here, from the oldest that has to work, or with `--here` on the one that runs this: the locked
versions by their hashes, the wheel, and the demo as somebody who has just installed it sees it. With `--tests` the
tests of the sdist as well, on the Python that runs this; the folders of the house are taken away before, so that it is
the wheel that is tested.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

OLDEST, NEWEST = 11, 16
"""The minor versions of Python 3 that are looked for."""

HOUSE = ("fivestep", "config", "connectors", "jobs", "process")
MIRRORS = ("cli", "config", "connectors", "examples", "fivestep", "jobs", "process")
"""The folders of tests that look at what is installed; the others look at the source."""


def pythons() -> dict[str, Path]:
    """The Pythons that are here, by version: those of the search path, and those that pyenv keeps."""
    keeper = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = {version_of(Path(sys.executable)): Path(sys.executable)}
    for minor in range(OLDEST, NEWEST + 1):
        named = shutil.which(f"python3.{minor}")
        places = [Path(named)] if named else []
        for place in [*places, *sorted(keeper.glob(f"versions/3.{minor}.*/bin/python3.{minor}"))]:
            version = version_of(place)
            if version.startswith(f"3.{minor}.") and not any(one.startswith(f"3.{minor}.") for one in found):
                found[version] = place
    return found


def version_of(python: Path) -> str:
    """The whole version, such as `3.12.1`; empty where it is none that works, as a version manager's stub."""
    asked = "import platform; print(platform.python_version())"
    return subprocess.run([python, "-c", asked], capture_output=True, text=True, check=False).stdout.strip()


def installed(wheel: Path, python: Path, locked: Path, place: Path) -> Path:
    """The folder of commands of a new environment, with the locked versions and the wheel in it."""
    run(python, "-m", "venv", "--without-pip", place)
    commands = place / ("Scripts" if os.name == "nt" else "bin")
    pip = (sys.executable, "-m", "pip", "--python", commands / "python", "--disable-pip-version-check", "-q", "install")
    run(*pip, "--require-hashes", "-r", locked)
    run(*pip, "--no-deps", wheel)
    return commands


def try_demo(commands: Path, folder: Path) -> None:
    """What the README says first, in a folder with nothing of the source in it; the manual page is where man looks."""
    folder.mkdir()
    said = run(commands / "fivestep", "demo", cwd=folder)
    assert "Run 2: " in said, said
    assert list((folder / "fivestep-demo" / "drafts").glob("*.eml"))
    assert (commands.parent / "share" / "man" / "man1" / "fivestep.1").is_file()


def run(*command: str | Path, cwd: Path | None = None, shown: bool = False) -> str:
    """What a command says on standard output. Exits with all that it said where it fails."""
    plain = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "FIVESTEP_", "VIRTUAL_"))
    }
    done = subprocess.run(
        command, cwd=cwd, env={**plain, "PYTHONUTF8": "1"}, text=True, encoding="utf-8", check=False,
        stdout=None if shown else subprocess.PIPE, stderr=None if shown else subprocess.STDOUT,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{done.stdout or ''}\n{' '.join(map(str, command))} ended with {done.returncode}")
    return done.stdout or ""


def main(arguments: Sequence[str]) -> None:
    """Try each Python in turn; exit with the first fault."""
    reader = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    reader.add_argument("folder", type=Path, help="the folder with the wheel and the sdist")
    reader.add_argument("--tests", action="store_true", help="run the tests of the sdist, too")
    reader.add_argument("--here", action="store_true", help="on the Python that runs this only")
    asked = reader.parse_args(arguments)
    own = Path(sys.executable)
    tried = {version_of(own): own} if asked.here else pythons()
    [wheel], [sdist] = asked.folder.resolve().glob("*.whl"), asked.folder.resolve().glob("*.tar.gz")
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        with tarfile.open(sdist) as archive:
            archive.extractall(work, filter="data")
        source = work / sdist.name.removesuffix(".tar.gz")
        for name in HOUSE:
            shutil.rmtree(source / name)
        for version, python in tried.items():
            tested = asked.tests and python == own
            locked = source / "requirements" / ("dev.txt" if tested else "run.txt")
            commands = installed(wheel, python, locked, work / version)
            try_demo(commands, work / f"demo {version}")
            print(f"Python {version}: {wheel.name} is installed, and its demo runs", flush=True)
            if tested:
                tests = [Path("tests") / name for name in MIRRORS]
                quick = ("-n", "auto", "-m", "not slow and not long")
                run(commands / "python", "-m", "pytest", *quick, *tests, cwd=source, shown=True)


if __name__ == "__main__":
    main(sys.argv[1:])
