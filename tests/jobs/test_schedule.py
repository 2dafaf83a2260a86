"""`fivestep schedule`: the next runs, and what other clocks need, held to those clocks' own tools."""

from __future__ import annotations

import datetime as dt
import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import fivestep
from fivestep.config.settings.cron import Cron
from fivestep.config.settings.model import Settings
from fivestep.errors import SettingsError
from fivestep.jobs.schedule import schedule
from fivestep.jobs.scheduling.exports import File, files_for
from tests.fakes.team import make_team

THURSDAY = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
EXPRESSIONS = ["*/30 7-19 * * mon-fri", "0 8 * * 1-5", "30 7 * * sun", "15 2 1 * *", "0 0 13 jan-mar *", "5 4 * * 7",
               "0 6 */2 * *", "* * * * *", "0,30 */6 * * *", "45 23 * * sat,sun"]  # fmt: skip


def settings_of(folder: Path, *expressions: str, zone: str = "Europe/Berlin") -> list[Settings]:
    """A team for each three expressions, in a folder whose name is no plain word."""
    folder = folder / "50% of Ana's $ales"
    found = []
    for at in range(0, len(expressions), 3):
        home = folder / f"team {at}"
        home.mkdir(parents=True)
        make_team(home)
        jobs = zip(("sync", "follow_up", "digest"), (*expressions[at : at + 3], "off", "off"), strict=False)
        file = home / "fivestep.toml"
        text = file.read_text("utf-8").replace("[columns]", f'timezone = "{zone}"\n\n[columns]')
        text += "[schedule]\n" + "".join(f'{job} = "{one}"\n' for job, one in jobs)
        file.write_text(text, "utf-8")
        found.append(fivestep.load_settings(file))
    return found


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed here")
    return found


class TestNext:
    def test_the_next_runs_of_each_job(self, tmp_path: Path) -> None:
        [sync, follow_up] = schedule(settings_of(tmp_path, "*/30 7-19 * * mon-fri", "0 8 * * mon-fri"), THURSDAY, 2)
        assert [run.isoformat() for run in sync.next] == ["2026-11-26T13:30:00+01:00", "2026-11-26T14:00:00+01:00"]
        assert [run.isoformat() for run in follow_up.next] == ["2026-11-27T08:00:00+01:00", "2026-11-30T08:00:00+01:00"]

    def test_the_command(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        from fivestep.cli.commands import commands
        from fivestep.cli.frame import call

        [one] = settings_of(tmp_path, "0 8 * * *", "off")
        assert call(commands, ["schedule", one.file, "--json", "--count", "2"]) == 0
        [job] = json.loads(capsys.readouterr().out)["jobs"]
        assert (job["job"], job["timezone"], len(job["next"])) == ("sync", "Europe/Berlin", 2)
        assert call(commands, ["schedule", str(tmp_path)]) == 2
        assert call(commands, ["schedule", str(Path(one.file).parent)]) == 0
        assert "0 8 * * *" in capsys.readouterr().out
        assert call(commands, ["schedule", one.file, "--for", "cron"]) == 0
        assert "CRON_TZ=Europe/Berlin" in capsys.readouterr().out

    def test_a_broken_file_is_told(self, tmp_path: Path) -> None:
        file = tmp_path / "fivestep.toml"
        file.write_text('[pipeline]\nsheet = "a.csv"\n[columns]\nstage = "Stage"\n[schedule]\nsync = "often"\n')
        with pytest.raises(SettingsError, match=r"schedule\.sync"):
            fivestep.schedule([file])


def same_times(left: str, right: str) -> bool:
    zone, moment = dt.UTC, dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    one, other = Cron(left), Cron(right)
    for _ in range(60):
        due = one.after(moment, zone)
        if due is None or due != other.after(moment, zone):
            return False
        moment = due
    return True


class TestCron:
    def lines(self, folder: Path) -> tuple[str, list[str]]:
        [file] = files_for("cron", settings_of(folder, *EXPRESSIONS))
        return file.content, [line for line in file.content.splitlines() if line[0] != "#" and "CRON_TZ" not in line]

    def test_the_lines_say_the_same_in_numbers(self, tmp_path: Path) -> None:
        _, lines = self.lines(tmp_path)
        for line, expression in zip(lines, EXPRESSIONS, strict=True):
            fields = " ".join(line.split()[:5])
            assert not set("abcdefghijklmnopqrstuvwxyz7") & set(fields.split()[4])
            assert same_times(fields, expression), fields

    @pytest.mark.parametrize("scheduler", ["cron", "kubernetes"])
    def test_set_times_get_no_star(self, scheduler: str, tmp_path: Path) -> None:
        """With one, cron would leave them out where the clocks are put forward."""
        [file] = files_for(scheduler, settings_of(tmp_path, "0,20,40 2 * * *", "0-59 0,6,12,18 * * 1-7"))
        assert "0,20,40 2 * * *" in file.content
        assert "0-59 0,6,12,18 * * 0-6" in file.content

    def test_the_shell_gets_the_file_whatever_its_name(self, tmp_path: Path) -> None:
        _, lines = self.lines(tmp_path)
        for line in lines:
            assert line.count("%") == line.count("\\%") > 0  # cron takes a bare one for the end of the line
            config = shlex.split(line.split(maxsplit=5)[5].replace("\\%", "%"))[-1]
            assert Path(config).is_file()

    def test_cron_takes_it(self, tmp_path: Path) -> None:
        content, _ = self.lines(tmp_path)
        (tmp_path / "crontab").write_text(content)
        for flag in ("-n", "-T"):  # a dry run is the one to Debian's crontab, the other to cronie's
            said = subprocess.run(
                [tool("crontab"), flag, str(tmp_path / "crontab")], capture_output=True, text=True, check=False
            )
            if "usage" not in said.stderr:
                break
        else:
            pytest.skip("this crontab has no dry run")
        assert said.returncode == 0, said.stderr


class TestSystemd:
    @pytest.mark.parametrize("expression", EXPRESSIONS)
    def test_the_calendar_says_the_same(self, expression: str, tmp_path: Path) -> None:
        files = files_for("systemd", settings_of(tmp_path, expression))
        calendars = _values(files[1], "OnCalendar")
        runs = sorted({run for one in calendars for run in _next_by_systemd(one)})[:6]
        cron, moment = Cron(expression), dt.datetime.now(dt.UTC)
        for run in runs:
            due = cron.after(moment, fivestep.load_settings(_config(files)).zone)
            assert due == run
            moment = due

    def test_the_units_are_in_order(self, tmp_path: Path) -> None:
        verify = [tool("systemd-analyze"), "verify", "--man=no"]
        units = []
        for file in files_for("systemd", settings_of(tmp_path, *EXPRESSIONS)):
            units.append(tmp_path / file.name)
            units[-1].write_text(file.content, "utf-8")
        done = subprocess.run([*verify, *map(str, units)], capture_output=True, text=True, check=False)
        assert (done.returncode, _about(done.stderr, units)) == (0, [])


def _about(said: str, units: Sequence[Path]) -> list[str]:
    """What was said of these units: the computer's own may have faults."""
    return [line for line in said.splitlines() if any(unit.name in line for unit in units)]


def _values(file: File, name: str) -> list[str]:
    return [line.partition("=")[2] for line in file.content.splitlines() if line.startswith(f"{name}=")]


def _config(files: Sequence[File]) -> str:
    [command] = _values(files[0], "ExecStart")
    return shlex.split(command.replace("%%", "%").replace("$$", "$").replace("\\u0027", "'"))[-1]


def _next_by_systemd(calendar: str) -> list[dt.datetime]:
    command = [tool("systemd-analyze"), "calendar", "--iterations=6", calendar]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"TZ": "UTC", "LC_ALL": "C"})
    assert done.returncode == 0, done.stderr
    words = ("Next elapse:", "Iter. #", "Iteration #")
    times = [line.partition(": ")[2].strip() for line in done.stdout.splitlines() if line.strip().startswith(words)]
    return [dt.datetime.strptime(time, "%a %Y-%m-%d %H:%M:%S UTC").replace(tzinfo=dt.UTC) for time in times]


class TestKubernetes:
    def test_the_schema_takes_it(self, tmp_path: Path) -> None:
        import kubernetes_validate
        import yaml

        [file] = files_for("kubernetes", settings_of(tmp_path, *EXPRESSIONS))
        documents = list(yaml.safe_load_all(file.content))
        assert len(documents) == len(EXPRESSIONS)
        for document, expression in zip(documents, EXPRESSIONS, strict=True):
            kubernetes_validate.validate(document, "1.30", strict=True)
            assert same_times(document["spec"]["schedule"], expression)
            assert document["spec"]["timeZone"] == "Europe/Berlin"
            assert len(document["metadata"]["name"]) <= 52
        assert len({document["metadata"]["name"] for document in documents}) == len(documents)


class TestGitHub:
    @pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC"])
    def test_the_lines_together_say_the_same_in_utc(self, zone: str, tmp_path: Path) -> None:
        import yaml

        for at, expression in enumerate(["30 7 * * sun", "0 8 * * 1-5", "*/30 7-19 * * mon-fri", "45 23 * * sat,sun"]):
            [settings] = settings_of(tmp_path / str(at), expression, zone=zone)
            [file] = files_for("github", [settings])
            workflow = yaml.safe_load(file.content)
            crons = [Cron(one["cron"]) for one in workflow[True]["schedule"]]  # YAML takes `on` for a yes
            moment = dt.datetime.now(dt.UTC)
            for _ in range(30):
                due = min(found for cron in crons if (found := cron.after(moment, dt.UTC)))
                local = dt.datetime.now(settings.zone).utcoffset() or dt.timedelta()
                fixed = dt.timezone(local)
                assert Cron(expression).after(moment, fixed) == due
                moment = due

    def test_the_schema_takes_it(self, tmp_path: Path) -> None:
        [file] = files_for("github", settings_of(tmp_path, *EXPRESSIONS, zone="UTC"))
        (tmp_path / "fivestep.yml").write_text(file.content, "utf-8")
        check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
        done = subprocess.run([*check, str(tmp_path / "fivestep.yml")], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout

    def test_a_day_of_the_month_that_is_another_in_utc_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="falls on another day in UTC"):
            files_for("github", settings_of(tmp_path, "0 1 1 * *", zone="Asia/Kolkata"))
