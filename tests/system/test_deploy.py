"""What `docs/deploy` holds: the unit is in order and hardened, and the container's steps make a fivestep that works."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from fivestep.errors import UnreachableError
from tests import ROOT
from tests.fakes.team import SETTINGS

DEPLOY = ROOT / "docs" / "deploy"
UNITS = [DEPLOY / "fivestep.service", DEPLOY / "fivestep-worker.service"]
CONTAINER = (DEPLOY / "Containerfile").read_text("utf-8")

EXPOSED = 20
"""Tenths: what `systemd-analyze security` may find at most; an unhardened service has 96."""

SERVE, WORK = ("serve", 9090), ("worker", 4)
"""What is called, at which port or how many at once."""

REAL_ROOT = os.geteuid() == 0
AS_ROOT = ["unshare", *([] if REAL_ROOT else ["--map-root-user"]), "--mount", "--fork"]

SECOND_STAGE = """
root=/srv
mkdir -p $root/etc $root/opt $root/tmp $root/usr $root/proc $root/dev $root{python}
for link in bin sbin lib lib64; do [ ! -e /$link ] || cp -a /$link $root/; done
cp -a /etc/. $root/etc/
for shared in /usr /proc /dev /opt {python}; do mount --rbind $shared $root$shared; done
chroot $root sh -ec '{steps}'
[ "$(chroot $root stat -c %u:%g:%a /data)" = 10001:10001:700 ]
as_user() {{ chroot --userspec={user} --groups= $root env -i HOME=/data {settings} sh -c "cd /data && exec $1"; }}
as_user "fivestep demo /data" >{said}
served() {{ pgrep -u 10001 -f "fivestep serve.* --port {port} "; }}
trap 'kill -KILL $(served) 2>/dev/null || true' EXIT
as_user "{called}" 2>{said} &
for _ in $(seq 60); do sleep 0.5; if as_user "{healthy}" 2>/dev/null; then break; fi; done
as_user "{healthy}"
kill -TERM $(served)
wait $!
"""
"""The steps of the image's second stage in a root that holds nothing but the system and the first stage's folder, and
what is called in it, by the user without rights, until it answers; then it is stopped as a container is."""


def have(*commands: str) -> None:
    for command in commands:
        if shutil.which(command) is None:
            pytest.skip(f"{command} can't be had here")


@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.stem)
class TestUnits:
    def test_it_is_in_order(self, file: Path, tmp_path: Path) -> None:
        have("systemd-analyze")
        unit = tmp_path / file.name
        unit.write_text(file.read_text("utf-8").replace("/opt/fivestep/bin/fivestep", sys.executable), "utf-8")
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False
        )
        assert [line for line in done.stderr.splitlines() if unit.name in line] == []

    def test_it_is_hardened(self, file: Path) -> None:
        have("systemd-analyze")
        command = ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSED}", file]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if "unrecognized option" in done.stderr:
            pytest.skip("this systemd can't look at a file")
        assert done.returncode == 0, done.stdout[-500:]

    def test_it_calls_what_there_is(self, file: Path) -> None:
        [command] = re.findall(r"^ExecStart=/opt/fivestep/bin/fivestep (.*)$", file.read_text("utf-8"), re.MULTILINE)
        assert taken(command.split()) == (WORK if file.stem.endswith("worker") else SERVE)


def test_the_units_differ_in_what_they_call_alone() -> None:
    clock, worker = (re.sub(r"(?m)^(#|Description=|ExecStart=).*$", "", file.read_text("utf-8")) for file in UNITS)
    assert clock == worker


class TestLocked:
    def test_a_release_is_of_one_set_of_versions(self) -> None:
        run, postgresql, dev = (pins(f"{name}.txt") for name in ("run", "postgresql", "dev"))
        assert run.keys() < postgresql.keys() < dev.keys()
        assert {"psycopg", "psycopg-binary", "procrastinate"} <= postgresql.keys() - run.keys()
        for locked in (run, postgresql):
            assert locked == {name: dev[name] for name in locked}

    @pytest.mark.parametrize("file", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda file: file.stem)
    def test_it_names_no_place(self, file: Path) -> None:
        assert "://" not in file.read_text("utf-8")


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
        assert taken(json.loads(command)) == SERVE
        [command] = re.findall(r"^#     docker run .* fivestep (worker .*)$", CONTAINER, re.MULTILINE)
        assert taken(command.split()) == WORK

    @pytest.mark.slow
    def test_its_steps_in_a_root_of_their_own(self, tmp_path: Path) -> None:
        """The steps of the first stage, in mounts that nobody else sees, where /opt and /srv are empty.

        Then those of the second, which need another user, whom only root can be.
        """
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
            f"fivestep worker {tmp_path / 'worker.toml'} 2>{tmp_path / 'worker'} || echo $? >>{tmp_path / 'worker'}",
            *([second_stage(tmp_path / "served")] if REAL_ROOT else []),
            "fivestep --version",
        ]
        nobody = '\n[ledger]\nurl = "postgresql://sales@127.0.0.1:1/fivestep"\n'
        (tmp_path / "worker.toml").write_text(SETTINGS.format(suffix="csv") + nobody, "utf-8")
        python = Path(sys.executable).resolve().parent
        done = subprocess.run(
            [*AS_ROOT, "sh", "-c", "\n".join(script)],
            capture_output=True, text=True, check=False,
            env={**_plain_environment(), "PATH": f"{python}:/usr/sbin:/usr/bin:/sbin:/bin"},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-2000:]
        assert done.stdout.splitlines()[-1].startswith("fivestep ")
        assert json.loads((tmp_path / "said").read_text("utf-8"))["run"] == 2
        if REAL_ROOT:
            assert "served by /data/fivestep.toml" in (tmp_path / "served").read_text("utf-8")
            assert "Stopped. Jobs: " in done.stdout
        # Its driver and its queue are there: what is missing is the server alone.
        said = (tmp_path / "worker").read_text("utf-8")
        assert "can't be reached" in said
        assert said.split()[-1] == str(UnreachableError.exit_code)


def taken(arguments: list[str]) -> tuple[str, int]:
    """The command, and what it makes of the option that matters; the folder is one that is there."""
    from fivestep.cli.commands import commands

    name, *rest = arguments
    with commands.commands[name].make_context(name, [*rest[:-1], str(DEPLOY)]) as context:
        return name, context.params["port" if name == "serve" else "at_once"]


def second_stage(said: Path) -> str:
    """The script of the second stage, at a port that is free here."""
    [user] = re.findall(r"^USER (\S+)$", CONTAINER, re.MULTILINE)
    stage = CONTAINER.rpartition("\nFROM ")[2]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])

    def words(kind: str) -> str:
        [listed] = re.findall(rf"^{kind}(\[.*\])$", stage, re.MULTILINE)
        return shlex.join(json.loads(listed)).replace(str(SERVE[1]), port).replace('"', '\\"')

    [settings] = re.findall(r"^ENV (.*)$", stage, re.MULTILINE)
    return SECOND_STAGE.format(
        python=Path(sys.base_prefix).resolve(),
        steps="\n".join(re.findall(r"^RUN (.*)$", stage, re.MULTILINE)),
        user=user,
        settings=settings.replace("$PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
        called=f"{words('ENTRYPOINT ')} {words('CMD ')}",
        healthy=words("HEALTHCHECK .* CMD "),
        port=port,
        said=said,
    )


def pins(file: str) -> dict[str, tuple[str, frozenset[str]]]:
    """The packages of a lock file, with their versions and hashes."""
    text = (ROOT / "requirements" / file).read_text("utf-8")
    found = re.findall(r"^([\w.-]+)==(\S+)[^\n]*\n((?: +--hash=.*\n)+)", text, re.MULTILINE)
    return {name: (version, frozenset(re.findall(r"sha256:\w+", hashes))) for name, version, hashes in found}


def _plain_environment() -> dict[str, str]:

    return {name: value for name, value in os.environ.items() if not name.startswith(("VIRTUAL_ENV", "PYTHON"))}
