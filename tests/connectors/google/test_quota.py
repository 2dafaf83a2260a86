"""Several pipelines with one login stay below Google's quotas, whatever has become of the file that they share."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from filelock import FileLock

from fivestep.connectors.google import quota as google_quota
from fivestep.connectors.google.quota import MINUTE, PER_MINUTE, Cost, FileMemory, OwnMemory, Quota
from fivestep.connectors.google.transport import GoogleTransport
from fivestep.connectors.mailboxes.gmail.api import GmailApi, NewDraft
from fivestep.errors import UnreachableError
from tests.fakes.google.server import GoogleServer
from tests.fakes.google_calls import ANA, GMAIL_API, SHEETS_API, Way, way_to
from tests.fakes.google_team import GoogleTeam, make_google_team
from tests.fakes.shell import Shell

READ = Cost("sheets read", 1)
MOST = PER_MINUTE["sheets read"]


class Clock:
    """Goes on by what is waited, here and at Google."""

    def __init__(self, google: GoogleServer | None = None, now: float = 1_000_030.0) -> None:
        self.now = now
        self.waited: list[float] = []
        self._google = google
        self.wait(0.0)

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.waited.append(seconds)
        if self._google:
            self._google.quotas.now = self.now


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return tmp_path / "google-token.json.quota"


def spent(memory: Path, bucket: str) -> int:
    return sum(units for _, units in json.loads(memory.read_text())[bucket])


def refused(google: GoogleServer) -> int:
    return sum(call.status in (403, 429) for call in google.calls)


def pipelines(google: GoogleServer, memory: Path | None, clock: Clock) -> list[Way]:
    """Three programs with one login: each has its own limiter."""
    google.quotas.on = True
    return [
        way_to(google, Quota(FileMemory(memory, clock) if memory else OwnMemory(clock), clock.wait)) for _ in range(3)
    ]


def take_turns(ways: list[Way], times: int, call: Callable[[Way], Any]) -> None:
    for turn in range(times):
        call(ways[turn % len(ways)])


# At Google


def test_several_pipelines_read_below_the_quota(google: GoogleServer, memory: Path) -> None:
    book, clock = google.sheets.add("Pipeline", [["Deal"]], writers=[ANA]), Clock(google)
    ways = pipelines(google, memory, clock)
    take_turns(ways, 200, lambda way: way.get(f"{SHEETS_API}/{book.id}"))
    assert (len(google.calls), refused(google)) == (200, 0)
    assert 3 * MINUTE <= sum(clock.waited) < 4 * MINUTE


def test_without_the_file_they_would_not(google: GoogleServer) -> None:
    book, clock = google.sheets.add("Pipeline", [["Deal"]], writers=[ANA]), Clock(google)
    ways = pipelines(google, None, clock)
    with pytest.raises(UnreachableError, match="too many calls"):
        take_turns(ways, 100, lambda way: way.get(f"{SHEETS_API}/{book.id}"))
    assert refused(google) > 0


def test_several_pipelines_write_below_the_quota(google: GoogleServer, memory: Path) -> None:
    book, clock = google.sheets.add("Pipeline", [["Deal"]], tab="Deals", writers=[ANA]), Clock(google)
    ways = pipelines(google, memory, clock)
    body = {"valueInputOption": "RAW", "data": [{"range": "Deals!A1", "values": [["Deal"]]}]}
    take_turns(ways, 130, lambda way: way.post(f"{SHEETS_API}/{book.id}/values:batchUpdate", body))
    assert refused(google) == 0
    assert sum(clock.waited) >= 2 * MINUTE


def test_several_pipelines_use_a_mailbox_below_the_quota(google: GoogleServer, memory: Path) -> None:
    clock = Clock(google)
    ways = pipelines(google, memory, clock)
    take_turns(ways, 300, lambda way: way.get(f"{GMAIL_API}/threads/none"))  # 40 units each
    assert refused(google) == 0
    assert sum(clock.waited) >= 2 * MINUTE


def test_reads_writes_and_mail_do_not_wait_for_each_other(memory: Path) -> None:
    clock = Clock()
    quota = Quota(FileMemory(memory, clock), clock.wait)
    for bucket, most in PER_MINUTE.items():
        quota.wait_for(Cost(bucket, most))
    quota.wait_for(Cost("", 0))
    assert sum(clock.waited) == 0


def test_what_mail_costs_is_what_google_charges(google: GoogleServer, memory: Path) -> None:
    google.quotas.on = True
    clock = Clock(google)
    way = way_to(google, Quota(FileMemory(memory, clock), clock.wait))
    api = GmailApi(way.session, ANA, "")
    made = api.create_drafts([NewDraft(b"To: kim@acme.example\r\nSubject: Hello\r\n\r\nHello", "")] * 12)
    ids = [one.id for one in made]  # type: ignore[union-attr]
    assert (api.address, len(api.send_as()), len(api.drafts())) == (ANA, 1, 12)
    assert len(api.draft_mails(ids)) == len(api.draft_refs(ids)) == 12
    found = api.newest(20)
    assert len(api.mails(found.ids)) == 12
    api.search(["to:kim@acme.example"], 5)
    assert len(google.of("batch")) >= 3
    assert spent(memory, "gmail") == google.quotas.used(ANA)


# On the clock


def test_there_is_room_again_a_minute_after_the_first_call(memory: Path) -> None:
    clock = Clock()
    quota = Quota(FileMemory(memory, clock), clock.wait)
    begin = clock.now
    for _ in range(MOST):
        quota.wait_for(READ)
        clock.now += 0.5
    assert clock.waited == [0.0]
    quota.wait_for(READ)
    assert clock.now == pytest.approx(begin + MINUTE, abs=0.01)
    quota.wait_for(READ)
    assert clock.now == pytest.approx(begin + MINUTE + 0.5, abs=0.01)


def test_what_costs_more_than_a_minute_holds_waits_for_an_empty_one_and_goes(memory: Path) -> None:
    clock = Clock()
    quota = Quota(FileMemory(memory, clock), clock.wait)
    quota.wait_for(Cost("gmail", 1))
    quota.wait_for(Cost("gmail", 100_000))
    assert sum(clock.waited) == pytest.approx(MINUTE, abs=0.01)


def test_a_clock_that_was_set_back_lets_nobody_wait_for_hours(memory: Path) -> None:
    clock = Clock(now=2_000_000.0)
    for _ in range(MOST):
        Quota(FileMemory(memory, clock), clock.wait).wait_for(READ)
    clock.now = 1_000_000.0
    Quota(FileMemory(memory, clock), clock.wait).wait_for(READ)
    assert sum(clock.waited) == 0


# The file


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b"5", b"\xff\xfe", b'{"sheets read": 5}', b'{"sheets read": [[1]]}',
        b'{"sheets read": [["x", "y"]]}', b'{"sheets read": [[1, null]]}', b'{"sheets read": [[1, 1e999]]}',
        b'{"sheets read": [[NaN, NaN]]}', b'{"sheets read": [[1e999, 1]]}', b"[" * 100_000,
    ],
)  # fmt: skip
def test_a_damaged_file_is_made_anew(memory: Path, content: bytes) -> None:
    memory.write_bytes(content)
    clock = Clock()
    quota = Quota(FileMemory(memory, clock), clock.wait)
    for _ in range(MOST):
        quota.wait_for(READ)
    assert sum(clock.waited) == 0
    assert spent(memory, "sheets read") == MOST
    quota.wait_for(READ)
    assert sum(clock.waited) == pytest.approx(MINUTE, abs=0.01)


def test_where_no_file_can_be_a_program_counts_for_itself(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    clock = Clock()
    quota = Quota(FileMemory(tmp_path / "file" / "no-folder" / "quota", clock), clock.wait)
    for _ in range(MOST + 1):
        quota.wait_for(READ)
    assert sum(clock.waited) == pytest.approx(MINUTE, abs=0.01)


def test_a_program_that_holds_the_file_for_too_long_is_not_waited_for(
    memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(google_quota, "MINUTE", 0.1)
    clock = Clock()
    with FileLock(f"{memory}.lock"):
        Quota(FileMemory(memory, clock), clock.wait).wait_for(READ)
    assert not memory.exists()


def test_threads_take_no_more_than_there_is(memory: Path) -> None:
    taken = 0

    def stop(_seconds: float) -> None:
        raise EndedError

    def take(quota: Quota) -> None:
        nonlocal taken
        try:
            while True:
                quota.wait_for(READ)
                taken += 1
        except EndedError:
            return

    quotas = [Quota(FileMemory(memory, lambda: 1_000.0), stop) for _ in range(2)] * 3
    threads = [threading.Thread(target=take, args=(quota,)) for quota in quotas]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken == MOST


class EndedError(Exception):
    """There is no room left."""


_TAKE_ALL = """
import sys
from pathlib import Path
from fivestep.connectors.google.quota import Cost, FileMemory, Quota
def stop(seconds):
    print(taken)
    sys.exit()
quota, taken = Quota(FileMemory(Path(sys.argv[1]), lambda: 1_000.0), stop), 0
print("ready", flush=True)
sys.stdin.readline()
while True:
    quota.wait_for(Cost("sheets read", 1))
    taken += 1
"""


def test_two_processes_share_one_minute(memory: Path) -> None:
    command = [sys.executable, "-c", _TAKE_ALL, str(memory)]
    both = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for one in both:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in both:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    taken = [int(one.communicate()[0]) for one in both]
    assert sum(taken) == MOST


# Through the command line


def team_in(folder: Path, google: GoogleServer, login: Path) -> GoogleTeam:
    folder.mkdir()
    team = make_google_team(folder, google, google=f'token = "{login.as_posix()}"')
    (folder / "google-token.json").replace(login)
    return team


def test_two_pipelines_with_one_login_count_together(
    google: GoogleServer, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As at Google itself, where `api_root` is not set."""

    def at_google(_self: GoogleTransport, url: str) -> str:
        parts = urlsplit(url)
        return f"{google.root}/{parts.hostname}{parts.path}?{parts.query}"

    monkeypatch.setattr(GoogleTransport, "rewritten", at_google)
    monkeypatch.setenv("FIVESTEP_GOOGLE_API_ROOT", "")
    login = tmp_path / "google-token.json"
    for name in ("north", "south"):
        team_in(tmp_path / name, google, login)
        assert shell("run", "--config", f"{name}/fivestep.toml").code == 0
    [memory] = tmp_path.glob("*.quota")
    assert memory.name == f"google-token.json.{ANA}.quota"
    reads = [call for call in google.calls if call.http == "GET" and call.method_id.startswith("sheets.")]
    assert spent(memory, "sheets read") == len(reads) >= 8


def test_at_a_server_of_ones_own_nothing_is_counted(google: GoogleServer, shell: Shell, tmp_path: Path) -> None:
    make_google_team(tmp_path, google)
    assert shell("run").code == 0
    assert not list(tmp_path.glob("*quota*"))
