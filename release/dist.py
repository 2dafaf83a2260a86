"""Builds the sdist, and from it the wheel, byte for byte the same from the same source: `python release/dist.py`.

They are put into `dist/`. It works on a copy. With `--repository URL` the copy's README gets absolute links and
pictures, and the package its addresses, so that a package index shows them; in the repository itself they stay
relative, wherever it is kept.
"""

from __future__ import annotations

import argparse
import gzip
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
VERSION = re.findall(r'^VERSION = "(.+)"$', (ROOT / "fivestep" / "version.py").read_text("utf-8"), re.MULTILINE)[0]

EARLIEST = 315_619_200
"""The second day of 1980, in seconds; a wheel, which is a zip file, knows no earlier one."""

NO_SOURCE = {"build", "dist", "demo", "__pycache__", "setup.cfg", "PKG-INFO"}
"""What is made from the source; the last two are what an sdist holds beyond it."""

BUILD = (sys.executable, "-m", "build", "--no-isolation")
"""By the locked tools of the environment, as isolation would take whatever is newest."""


def build(output: Path, repository: str, epoch: int) -> list[Path]:
    """Both files, written into a folder; every file in them is dated by `epoch`, in seconds since 1970."""
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        source = copied(work / "source")
        if repository:
            name_the_place(source, repository)
        sdist = output / _built("--sdist", source, work / "sdist", epoch).name
        sdist.write_bytes(settled(next((work / "sdist").iterdir()).read_bytes(), epoch))
        with tarfile.open(sdist) as archive:
            archive.extractall(work, filter="tar")
        made = _built("--wheel", work / f"fivestep-{VERSION}", work / "wheel", epoch)
        return [sdist, Path(shutil.copyfile(made, output / made.name))]


def copied(target: Path) -> Path:
    """A copy of the source: what git knows, else all but what is made from it; with the usual rights on files."""
    for name in _names():
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_symlink():
            place.symlink_to((ROOT / name).readlink())
        else:
            shutil.copyfile(ROOT / name, place)
            place.chmod(0o755 if os.access(ROOT / name, os.X_OK) else 0o644)
    return target


def name_the_place(source: Path, repository: str) -> None:
    """Write into a copy of the source where it is kept, with links to this version's own pages."""
    at = f"blob/v{VERSION}"
    readme = source / "README.md"
    readme.write_text(absolute(readme.read_text("utf-8"), repository), "utf-8")
    addresses = {
        "Source": "", "Documentation": f"/{at}/docs/README.md", "Changelog": f"/{at}/CHANGELOG.md", "Issues": "/issues",
    }  # fmt: skip
    table = "".join(f'{name} = "{repository}{path}"\n' for name, path in addresses.items())
    project = source / "pyproject.toml"
    project.write_text(f"{project.read_text('utf-8')}\n[project.urls]\n{table}", "utf-8")


def absolute(page: str, repository: str) -> str:
    """A page with whole addresses in the place of files' names: pictures as they are, pages as the host shows them."""

    def whole(link: re.Match[str]) -> str:
        kind = "raw" if link["words"].startswith("!") else "blob"
        return f"{link['words']}({repository}/{kind}/v{VERSION}/{link['name']})"

    return re.sub(r"(?P<words>!?\[[^\]]*\])\((?!\w+:|#)(?P<name>[^)\s]+)\)", whole, page)


def settled(archive: bytes, epoch: int) -> bytes:
    """A `.tar.gz` with the same content, without what is another one on each machine and day."""
    held = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(archive)) as old,
        tarfile.open(fileobj=held, mode="w", format=tarfile.PAX_FORMAT) as new,
    ):
        for member in sorted(old.getmembers(), key=lambda member: member.name):
            member.mtime, member.uid, member.gid, member.uname, member.gname = epoch, 0, 0, "", ""
            member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            member.pax_headers = {}
            new.addfile(member, old.extractfile(member) if member.isfile() else None)
    return gzip.compress(held.getvalue(), mtime=epoch)


def time_of_source() -> int:
    """What the environment says under SOURCE_DATE_EPOCH, else when the latest commit was made."""
    if said := os.environ.get("SOURCE_DATE_EPOCH"):
        return max(int(said), EARLIEST)
    asked = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False)
    return max(int(asked.stdout or 0), EARLIEST)


def _names() -> Iterator[str]:
    asked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if asked.returncode == 0 and "pyproject.toml\0" in asked.stdout:
        yield from (name for name in asked.stdout.split("\0") if name and os.path.lexists(ROOT / name))
        return
    for folder, folders, files in os.walk(ROOT):
        inside = Path(folder).relative_to(ROOT)
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        folders[:] = [name for name in folders if name not in links and not _made(name)]
        yield from ((inside / name).as_posix() for name in [*files, *links] if name not in NO_SOURCE)


def _made(folder: str) -> bool:
    """Whether a folder holds what was made from the source, or what tools keep."""
    hidden = folder.startswith(".") and folder not in {".ci", ".github"}
    return hidden or folder in NO_SOURCE or folder.endswith(".egg-info")


def _built(kind: str, source: Path, output: Path, epoch: int) -> Path:
    """The one file that is built. Exits with what the tools say where it can't be."""
    done = subprocess.run(
        [*BUILD, kind, "--outdir", output, source],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(epoch)},
    )  # fmt: skip
    if done.returncode:
        sys.exit(done.stdout)
    [made] = output.iterdir()
    return made


if __name__ == "__main__":
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    reader.add_argument(
        "--repository", default="", help="where the source is kept, such as https://git.example/fivestep"
    )
    reader.add_argument("--output", type=Path, default=ROOT / "dist", help="the folder to write into")
    asked_for = reader.parse_args()
    os.umask(0o022)
    for file in build(asked_for.output, asked_for.repository.rstrip("/"), time_of_source()):
        print(file)
