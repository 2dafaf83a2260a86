"""What is built for a release: complete, the same whoever builds it, and with addresses that lead somewhere."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

from fivestep.version import VERSION
from tests import ROOT

PLACE = "https://git.example/northwind/fivestep"
SCRIPT = ROOT / "release" / "dist.py"
NAMES = [f"fivestep-{VERSION}-py3-none-any.whl", f"fivestep-{VERSION}.tar.gz"]
EPOCH = 1_796_000_000
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def build(output: Path, *arguments: str, script: Path = SCRIPT, umask: str = "022", epoch: int = EPOCH) -> Path:
    """The folder with both files, built in a process of its own."""
    command = f'umask {umask}; exec "$0" "$@"'
    subprocess.run(
        ["sh", "-c", command, sys.executable, str(script), "--output", str(output), *arguments],
        check=True, capture_output=True, cwd=output.parent, env={**os.environ, "SOURCE_DATE_EPOCH": str(epoch)},
    )  # fmt: skip
    assert sorted(file.name for file in output.iterdir()) == NAMES
    return output


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is built for an index."""
    return build(tmp_path_factory.mktemp("once") / "dist", "--repository", PLACE)


def contents(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in NAMES]


def unpacked(folder: Path, into: Path) -> Path:
    with tarfile.open(folder / NAMES[1]) as archive:
        archive.extractall(into, filter="data")
    return into / f"fivestep-{VERSION}"


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        return message_from_bytes(archive.read(f"fivestep-{VERSION}.dist-info/METADATA"))


@pytest.mark.slow
class TestBuilt:
    def test_it_is_the_same_for_whoever_builds_it(self, built: Path, tmp_path: Path) -> None:
        """With other rights, and from a copy without git that somebody has unpacked and worked in."""
        plain = build(tmp_path / "here")
        source = unpacked(plain, tmp_path)
        (source / "demo").mkdir()
        (source / "demo" / "pipeline.xlsx").write_text("not of the source")
        (source / ".venv").mkdir()
        (source / ".venv" / "pyvenv.cfg").write_text("neither")
        again = build(tmp_path / "there", script=source / "release" / "dist.py", umask="077")
        assert contents(again) == contents(plain)
        assert contents(built) != contents(plain)

    def test_a_wheel_of_the_tree_is_that_of_the_sdist(self, built: Path, tmp_path: Path) -> None:
        script = runpy.run_path(str(SCRIPT))
        tree = script["copied"](tmp_path / "tree")
        script["name_the_place"](tree, PLACE)
        made = script["_built"]("--wheel", tree, tmp_path / "wheel", EPOCH)
        assert made.read_bytes() == (built / NAMES[0]).read_bytes()

    def test_another_source_is_another_one(self, built: Path, tmp_path: Path) -> None:
        later = build(tmp_path / "later", "--repository", PLACE, epoch=EPOCH + 2)
        assert all(one != other for one, other in zip(contents(built), contents(later), strict=True))

    def test_the_sdist_holds_what_it_needs_to_be_tested(self, built: Path, tmp_path: Path) -> None:
        source = unpacked(built, tmp_path)
        for file in subprocess.run(
            ["git", "ls-files", "tests", "docs", "examples", "requirements", "release", "Makefile", ".ci"],
            cwd=ROOT, capture_output=True, text=True, check=False,
        ).stdout.splitlines():  # fmt: skip
            assert (source / file).is_file(), f"{file} is missing: MANIFEST.in"
        subprocess.run(["make", "links"], cwd=source, check=True, capture_output=True)
        command = [sys.executable, "-m", "pytest", "tests/house/test_rooms.py", "tests/process/wording"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        done = subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]

    def test_an_index_shows_its_page_with_addresses_that_lead_somewhere(self, built: Path) -> None:
        told = metadata(built / NAMES[0])
        page = str(told.get_payload())
        assert told["Description-Content-Type"].startswith("text/markdown")
        links = re.findall(r"\]\(([^)]*)\)", page)
        assert len(links) >= 10
        for link in links:
            kind, name = re.fullmatch(rf"{PLACE}/(blob|raw)/v{VERSION}/([^#]*)(?:#.*)?", link).groups()
            assert (ROOT / name).is_file()
            assert (kind == "raw") == (name.endswith(".svg"))
        addresses = dict(one.split(", ") for one in told.get_all("Project-URL"))
        assert addresses.keys() == {"Source", "Documentation", "Changelog", "Issues"}
        for address in addresses.values():
            name = address.removeprefix(PLACE).removeprefix(f"/blob/v{VERSION}/")
            assert name in {"", "/issues"} or (ROOT / name).is_file()

    def test_it_says_whose_and_what_it_is(self, built: Path) -> None:
        told = metadata(built / NAMES[0])
        assert told["Version"] == VERSION
        assert told["License-Expression"] == "MIT"
        assert told["License-File"] == "LICENSE"
        assert told["Requires-Python"] == ">=3.11"

    def test_everybody_may_read_it(self, built: Path) -> None:
        with tarfile.open(built / NAMES[1]) as archive:
            members = archive.getmembers()
        assert {(one.uid, one.gid, one.uname, one.mtime) for one in members} == {(0, 0, "", EPOCH)}
        assert {one.mode for one in members} == {0o644, 0o755}
        assert [one.name for one in members if one.isfile() and one.mode == 0o755] == [f"fivestep-{VERSION}/.ci/run"]


def test_a_link_is_made_whole_and_nothing_else_is() -> None:
    absolute = runpy.run_path(str(SCRIPT))["absolute"]
    at = f"{PLACE}/%s/v{VERSION}"
    page = "![A picture](docs/a.svg) [page](docs/b.md#part) [there](https://c.example/d) [here](#part) `[e]`(f)"
    blob, raw = at % "blob", at % "raw"
    assert absolute(page, PLACE) == (
        f"![A picture]({raw}/docs/a.svg) [page]({blob}/docs/b.md#part) "
        "[there](https://c.example/d) [here](#part) `[e]`(f)"
    )


def test_what_is_told_of_pythons_agrees() -> None:
    told = [one.rpartition(" ")[2] for one in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", one)]
    assert PROJECT["requires-python"] == f">={told[0]}"
    assert told == [f"3.{minor}" for minor in range(11, 11 + len(told))]


def test_ci_tries_what_is_built() -> None:
    assert "make test-dist" in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()


def test_an_sdist_can_be_worked_in(tmp_path: Path) -> None:
    """It holds no links, and make lays those by which the floors are found."""
    if shutil.which("make") is None:
        pytest.skip("make can't be had here")
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "fivestep").mkdir()
    (tmp_path / "jobs").mkdir()
    subprocess.run(["make", "links"], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "fivestep" / "jobs").resolve() == tmp_path / "jobs"
    assert {link.name for link in (tmp_path / "fivestep").iterdir()} == {"config", "connectors", "jobs", "process"}
