"""What `docs/deploy` holds: the unit is in order and hardened, and the container's steps make a fivestep that works."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "docs" / "deploy"
UNIT = DEPLOY / "fivestep.service"
CONTAINER = (DEPLOY / "Containerfile").read_text("utf-8")

EXPOSED = 20
"""Tenths: what `systemd-analyze security` may find at most; an unhardened service has 96."""

AS_ROOT = ["unshare", "--map-root-user", "--mount", "--fork"]


def have(*commands: str) -> None:
    for command in commands:
        if shutil.which(command) is None:
            pytest.skip(f"{command} can't be had here")


class TestUnit:
    def test_it_is_in_order(self, tmp_path: Path) -> None:
        have("systemd-analyze")
        unit = tmp_path / UNIT.name
        unit.write_text(UNIT.read_text("utf-8").replace("/opt/fivestep/bin/fivestep", sys.executable), "utf-8")
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False
        )
        assert [line for line in done.stderr.splitlines() if unit.name in line] == []

    def test_it_is_hardened(self) -> None:
        have("systemd-analyze")
        command = ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSED}", UNIT]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if "unrecognized option" in done.stderr:
            pytest.skip("this systemd can't look at a file")
        assert done.returncode == 0, done.stdout[-500:]

    def test_it_calls_what_there_is(self) -> None:
        [command] = re.findall(r"^ExecStart=/opt/fivestep/bin/fivestep (.*)$", UNIT.read_text("utf-8"), re.MULTILINE)
        assert_serves(command.split())


class TestContainer:
    def test_it_installs_what_is_locked_and_has_no_rights(self) -> None:
        assert "--require-hashes" in CONTAINER
        last_stage = CONTAINER.rpartition("\nFROM ")[2]
        assert re.search(r"^USER 10001:10001$", last_stage, re.MULTILINE)
        assert "pip" not in last_stage
        assert "/healthz" in last_stage
        for source in re.findall(r"^COPY (\S+) ", CONTAINER, re.MULTILINE):
            assert source.startswith("--from") or (ROOT / source).exists()

    def test_it_calls_what_there_is(self) -> None:
        [command] = re.findall(r"^CMD (\[.*\])$", CONTAINER, re.MULTILINE)
        assert_serves(json.loads(command))

    @pytest.mark.slow
    def test_its_steps_in_a_root_of_their_own(self, tmp_path: Path) -> None:
        """The steps of the first stage, in mounts that nobody else sees; /opt and /srv are empty there."""
        have("unshare")
        if subprocess.run([*AS_ROOT, "true"], capture_output=True, check=False).returncode != 0:
            pytest.skip("no mounts of one's own can be made here")
        source = tmp_path / "source"
        left_out = shutil.ignore_patterns(".git", ".venv*", "demo", "*.egg-info", ".*_cache", ".hypothesis")
        shutil.copytree(ROOT, source, symlinks=True, ignore=left_out)
        steps = re.findall(r"^RUN (.*)$", CONTAINER.split("\nFROM ")[1], re.MULTILINE)
        script = [
            "set -e",
            "mount -t tmpfs none /opt && mount -t tmpfs none /srv",
            f"cp -r {source} /srv/fivestep && cd /srv/fivestep",
            *steps,
            "cd / && rm -rf /srv/fivestep && PATH=/opt/fivestep/bin:$PATH",
            f"fivestep demo {tmp_path / 'demo'} --json >{tmp_path / 'said'}",
            "fivestep --version",
        ]
        python = Path(sys.executable).resolve().parent
        done = subprocess.run(
            [*AS_ROOT, "sh", "-c", "\n".join(script)],
            capture_output=True, text=True, check=False,
            env={**_plain_environment(), "PATH": f"{python}:/usr/bin:/bin"},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-2000:]
        assert done.stdout.splitlines()[-1].startswith("fivestep ")
        assert json.loads((tmp_path / "said").read_text("utf-8"))["run"] == 1


def assert_serves(arguments: list[str]) -> None:
    """Whether the command line takes these arguments; the folder is one that is there."""
    from fivestep.cli import commands

    name, *rest = arguments
    assert name == "serve"
    with commands.commands[name].make_context(name, [*rest[:-1], str(DEPLOY)]) as context:
        assert context.params["port"] == 9090


def _plain_environment() -> dict[str, str]:

    return {name: value for name, value in os.environ.items() if not name.startswith(("VIRTUAL_ENV", "PYTHON"))}
