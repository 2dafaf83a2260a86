"""What those see who watch, over real HTTP: signs of life, readiness, and figures that Prometheus can read."""

from __future__ import annotations

import datetime as dt
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

import fivestep
from fivestep.config.settings.model import Settings
from fivestep.connectors.registry import open_ledger
from fivestep.connectors.system.http_pages import Page, serving
from fivestep.errors import SettingsError, UnreachableError
from fivestep.jobs.running.attempt import record_ended
from fivestep.jobs.scheduling import status_pages as watch_module
from fivestep.jobs.scheduling.status_pages import Address, Watch, watched
from tests.fakes.google.server import GoogleServer
from tests.fakes.google_team import make_google_team
from tests.fakes.team import AS_OF, Team, make_team

# Each begins a server.
pytestmark = pytest.mark.slow


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return make_team(tmp_path)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def watching(*settings: Settings) -> Iterator[str]:
    port = free_port()
    with watched(Address("127.0.0.1", port), lambda: {str(number): one for number, one in enumerate(settings)}):
        yield f"http://127.0.0.1:{port}"


def figures(root: str) -> dict[str, float]:
    """Each sample by its name and labels, as a person would write it."""
    answer = requests.get(f"{root}/metrics", timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(answer.text):
        assert family.documentation
        for sample in family.samples:
            labels = ",".join(value for key, value in sorted(sample.labels.items()) if key != "pipeline")
            name = f"{sample.name}({labels})" if labels else sample.name
            assert name not in found
            found[name] = sample.value
    return found


def status(root: str, path: str) -> tuple[int, str]:
    answer = requests.get(root + path, timeout=10)
    return answer.status_code, answer.text


class TestMetrics:
    def test_runs_that_ended_since_are_counted(self, team: Team) -> None:
        fivestep.run(team.settings, AS_OF)
        with watching(team.settings) as root:
            before = figures(root)
            assert before["fivestep_runs_total(follow_up,done)"] == 0
            assert before["fivestep_drafts_total"] == 0
            assert before["fivestep_failures_in_a_row"] == 0
            assert before["fivestep_deals(Follow up)"] == 2
            assert before["fivestep_drafts_waiting"] == 2
            assert 0 <= before["fivestep_last_success_age_seconds"] < 60
            fivestep.run(team.settings, AS_OF + dt.timedelta(days=1))
            away = team.path.rename(team.path.with_name("away"))
            for _ in range(2):
                with pytest.raises(SettingsError):
                    fivestep.run(team.settings, AS_OF)
            away.rename(team.path)
            after = figures(root)
            assert after["fivestep_runs_total(follow_up,done)"] == 1
            assert after["fivestep_runs_total(follow_up,failed)"] == 2
            assert after["fivestep_run_failures_total(settings,follow_up)"] == 2
            assert after["fivestep_run_seconds_count(follow_up)"] == 3
            assert after["fivestep_failures_in_a_row"] == 2
            assert figures(root)["fivestep_runs_total(follow_up,done)"] == 1

    def test_digests_keep_nobody_waiting(self, team: Team) -> None:
        fivestep.run(team.settings, AS_OF)
        assert fivestep.digest(team.settings, AS_OF).counts["created"]
        with watching(team.settings) as root:
            assert figures(root)["fivestep_drafts_waiting"] == 2

    def test_when_jobs_are_due(self, team: Team) -> None:
        with watching(team.settings) as root:
            now, found = dt.datetime.now(dt.UTC).timestamp(), figures(root)
        for job in ("sync", "follow_up", "digest"):
            assert now < found[f"fivestep_next_due_timestamp_seconds({job})"] < now + 8 * 86_400

    def test_before_the_first_run(self, team: Team) -> None:
        with watching(team.settings) as root:
            assert figures(root)["fivestep_last_success_age_seconds"] == float("inf")
            assert not (team.path.parent / "fivestep.db").exists()

    def test_a_ledger_that_can_not_be_read(self, team: Team) -> None:
        (team.path.parent / "fivestep.db").write_text("no ledger" * 100)
        with watching(team.settings) as root:
            found = figures(root)
        assert found["fivestep_ledger_up"] == 0
        assert "fivestep_last_success_age_seconds" not in found

    def test_a_pipeline_that_is_gone_leaves_no_gauge(self, team: Team) -> None:
        served = {"a": team.settings}
        watch = Watch(lambda: served)
        assert b"fivestep_ledger_up{" in watch.metrics().body
        served.clear()
        assert b"fivestep_ledger_up{" not in watch.metrics().body

    def test_a_run_that_was_cut_off_has_failed(self, team: Team) -> None:
        with watching(team.settings) as root:
            figures(root)
            now, ledger = dt.datetime.now(dt.UTC), open_ledger(team.settings)
            ledger.begin("team", "sync", AS_OF, now, plan=None, changes=())
            assert figures(root)["fivestep_runs_total(sync,failed)"] == 0
            ledger.begin("team", "sync", AS_OF, now, plan=None, changes=())
            found = figures(root)
            assert found["fivestep_runs_total(sync,failed)"] == 1
            assert found["fivestep_run_failures_total(cut off,sync)"] == 1

    def test_labels_are_few_whatever_deals_there_are(self, team: Team) -> None:
        rows = [["Deal", "Stage", "E-mail", "Contact", "Since"]]
        rows += [[f"Deal {n}", "Pitch", f"p{n}@x.example", f"P {n}", "2026-10-02"] for n in range(300)]
        team.write(rows)
        with watching(team.settings) as root:
            figures(root)
            fivestep.run(team.settings, AS_OF)
            found = figures(root)
        assert len(found) < 80
        assert not [name for name in found if "Deal 7" in name or "@" in name]

    def test_any_name_of_a_pipeline_can_be_read(self, team: Team) -> None:
        own = team.settings.pipeline.model_copy(update={"name": 'Vertrieb "Süd"\\\n🎉'})
        with watching(team.settings.model_copy(update={"pipeline": own})) as root:
            assert figures(root)["fivestep_ledger_up"] == 1

    def test_two_of_one_name_are_one(self, team: Team) -> None:
        with watching(team.settings, team.settings) as root:
            assert figures(root)["fivestep_ledger_up"] == 1

    def test_calls_to_google(self, tmp_path: Path) -> None:
        with GoogleServer() as server:
            settings = make_google_team(tmp_path, server).settings
            with watching(settings) as root:
                figures(root)
                before = len(server.calls)
                fivestep.run(settings, AS_OF)
                made = len(server.calls) - before
                found = figures(root)
            assert made / 2 < found["fivestep_google_calls_total"] <= made  # the server counts each part of a batch
            assert found["fivestep_drafts_total"] == 2


class TestHealth:
    def test_a_loop_that_gives_signs_is_alive(self, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
        watch = Watch(lambda: {"a": team.settings})
        assert watch.healthy().status == 200
        monkeypatch.setattr(watch_module, "ALIVE", -1.0)
        assert watch.healthy().status == 503
        monkeypatch.setattr(watch_module, "ALIVE", 5.0)
        watch.beat()
        assert watch.healthy().status == 200

    def test_ready(self, team: Team) -> None:
        with watching(team.settings) as root:
            assert status(root, "/readyz") == (200, "ready, with 1 of its pipelines\n")
            assert status(root, "/healthz") == (200, "alive\n")
            (team.path.parent / "fivestep.db").write_text("no ledger" * 100)
            code, text = status(root, "/readyz")
            assert code == 503
            assert "is not a ledger" in text
        with watching() as root:
            assert status(root, "/readyz") == (503, "no settings are loaded\n")

    def test_what_is_not_ready_tells_no_secret(self, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
        def away(_settings: Settings) -> None:
            raise UnreachableError("postgresql://sales:hunter2@db.example/ledger can't be reached")

        monkeypatch.setattr(watch_module, "ledger_of", away)
        page = Watch(lambda: {"a": team.settings}).ready()
        assert page.status == 503
        assert b"db.example" in page.body
        assert b"hunter2" not in page.body


class TestPages:
    def test_nothing_else_is_answered(self, team: Team) -> None:
        with watching(team.settings) as root:
            assert status(root, "/")[0] == 404
            assert status(root, "/" + quote("../etc/passwd", safe=""))[0] == 404
            assert requests.post(f"{root}/metrics", timeout=10).status_code == 501
            head = requests.head(f"{root}/healthz", timeout=10)
            assert (head.status_code, head.content) == (200, b"")

    def test_a_page_that_breaks_is_told_of_without_its_inside(self, caplog: pytest.LogCaptureFixture) -> None:
        def broken() -> Page:
            raise ZeroDivisionError("a secret")

        with serving("127.0.0.1", 0, {"/x": broken}) as port:
            code, text = status(f"http://127.0.0.1:{port}", "/x")
        assert code == 500
        assert "secret" not in text
        assert "ZeroDivisionError" in caplog.text

    def test_a_port_that_is_taken(self, team: Team) -> None:
        with (
            watching(team.settings) as root,
            pytest.raises(UnreachableError, match="choose another --port"),
            watched(Address("127.0.0.1", int(root.rpartition(":")[2])), dict),
        ):
            pass

    @pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.7", "x" * 70 + ".example"])
    def test_an_address_that_is_not_this_machines(self, host: str) -> None:
        with pytest.raises(UnreachableError, match="can't be listened on"), watched(Address(host, 0), dict):
            pass

    def test_a_caller_who_says_nothing_keeps_nobody_waiting(self, team: Team) -> None:
        with watching(team.settings) as root:
            port = int(root.rpartition(":")[2])
            with socket.create_connection(("127.0.0.1", port)):
                assert status(root, "/healthz")[0] == 200

    def test_it_is_gone_afterwards(self, team: Team) -> None:
        with watching(team.settings) as root:
            pass
        with pytest.raises(requests.ConnectionError):
            status(root, "/healthz")
        assert not [thread for thread in threading.enumerate() if thread.name == "pages"]


class TestServe:
    def test_serve_answers_where_it_is_asked_to(self, team: Team) -> None:
        port, stop = free_port(), threading.Event()
        done: list[Mapping[str, int]] = []
        file = team.settings.base / "fivestep.toml"
        with file.open("a", encoding="utf-8") as settings:
            settings.write('\n[schedule]\nsync = "off"\nfollow_up = "off"\ndigest = "off"\n')
        served = threading.Thread(target=lambda: done.append(fivestep.serve([file], 1, stop, ("127.0.0.1", port))))
        served.start()
        try:
            for _ in range(100):
                try:
                    assert status(f"http://127.0.0.1:{port}", "/healthz") == (200, "alive\n")
                    break
                except requests.ConnectionError:
                    stop.wait(0.05)
            assert status(f"http://127.0.0.1:{port}", "/readyz")[0] == 200
        finally:
            stop.set()
            served.join()
        assert done == [{}]

    def test_a_run_that_was_ended_from_outside_has_failed(self, team: Team) -> None:
        ledger, began = open_ledger(team.settings), dt.datetime.now(dt.UTC)
        record_ended(team.settings, "sync", began, "it took too long")
        ledger.begin("team", "sync", AS_OF, dt.datetime.now(dt.UTC), plan=None, changes=())
        record_ended(team.settings, "sync", began, "it took too long")
        record_ended(team.settings, "sync", began, "it took too long")  # it has said so itself
        assert [(run.outcome, run.exit_code) for run in ledger.runs("team")] == [("failed", 4), ("failed", 4)]
