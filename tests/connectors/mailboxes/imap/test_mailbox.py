"""Drafts by IMAP: the contract on a real Dovecot, and what goes wrong between it and us."""

from __future__ import annotations

import ast
import datetime as dt
import imaplib
import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from imap_tools import MailBoxUnencrypted

import fivestep
from fivestep.config.settings.load import load_settings
from fivestep.config.settings.model import Settings
from fivestep.connectors.mailbox import Found
from fivestep.connectors.mailboxes.imap import mailbox as imap_mailbox
from fivestep.connectors.mailboxes.imap.folders import Folder, find_places
from fivestep.connectors.mailboxes.imap.mailbox import ImapMailbox
from fivestep.connectors.testing.mailbox import (
    WHEN,
    CorrespondenceContract,
    MailboxContract,
    fate,
    find,
    known,
    letter,
    message,
)
from fivestep.errors import CredentialsError, LostAnswerError, SettingsError, UnreachableError
from tests.fakes.dovecot import PASSWORD, dovecot, program
from tests.fakes.team import AS_OF, make_team

USERS = itertools.count()

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(program() is None, reason="Dovecot is not installed (Debian's package dovecot-imapd)"),
]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with dovecot() as port:
        yield port


def settings_of(folder: Path, port: int, user: str, people: str = "") -> Settings:
    (folder / "secret").write_text(PASSWORD + "\n", "utf-8")
    (folder / "fivestep.toml").write_text(
        f"""
[pipeline]
sheet = "pipeline.csv"
[columns]
stage = "Stage"
[drafts]
to = "imap"
from = "ana@northwind.example"
[imap]
host = "127.0.0.1"
port = {port}
security = "none"
user = "{user}"
password_file = "secret"
{people}
""",
        "utf-8",
    )
    return load_settings(folder / "fivestep.toml", {})


class Box:
    """A mailbox at Dovecot, and what people do in their mail program."""

    tells_sent = True

    def __init__(self, folder: Path, port: int) -> None:
        self.user = f"user{next(USERS)}"
        self.port = port
        other = f'[imap.people."ana@bücher.example"]\nuser = "{self.user}"\npassword_file = "secret"\n'
        self.settings = settings_of(folder, port, self.user, other)
        self.mailbox = self.reopened()

    def reopened(self) -> ImapMailbox:
        return ImapMailbox(self.settings)

    @contextmanager
    def opened(self, folder: str = "Drafts") -> Iterator[MailBoxUnencrypted]:
        with MailBoxUnencrypted("127.0.0.1", self.port).login(self.user, PASSWORD, initial_folder=folder) as box:
            yield box

    def uid(self, box: MailBoxUnencrypted, token: str) -> str:
        [uid] = box.uids(f'HEADER X-Fivestep-Token "{token}"')
        return uid

    def raw(self, draft_id: str) -> bytes:
        with self.opened() as box:
            answer = box.client.uid("fetch", self.uid(box, draft_id), "(BODY.PEEK[])")
            return bytes(answer[1][0][1])

    def count(self) -> int:
        with self.opened() as box:
            return len(box.uids("ALL"))

    def delete(self, draft_id: str) -> None:
        with self.opened() as box:
            box.delete(self.uid(box, draft_id))

    def send(self, draft_id: str, *, keep_token: bool = True) -> None:
        raw = self.raw(draft_id)
        self.delete(draft_id)
        self.put("Sent", raw if keep_token else without_token(raw))

    def put(self, folder: str, raw: bytes) -> None:
        with self.opened(folder) as box:
            box.append(raw, folder)

    def deliver(self, raw: bytes, at: dt.datetime, *, sent: bool) -> None:
        folder = "Sent" if sent else "INBOX"
        with self.opened(folder) as box:
            box.append(raw, folder, at)

    def current(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)


def without_token(raw: bytes) -> bytes:
    return b"\r\n".join(line for line in raw.split(b"\r\n") if not line.startswith(b"X-Fivestep"))


@pytest.fixture
def place(tmp_path: Path, port: int) -> Box:
    return Box(tmp_path, port)


class TestContract(MailboxContract):
    pass


class TestCorrespondence(CorrespondenceContract):
    def test_nothing_is_marked_as_read(self, place: Box) -> None:
        ours = letter(place, "ana@northwind.example", "kim@fabrikam.example", hours_ago=5)
        theirs = letter(place, "kim@fabrikam.example", "ana@northwind.example", hours_ago=2, answers=ours)
        assert self.told(place, ours, theirs).they_wrote_last
        with place.opened("INBOX") as box:
            assert [mail.flags for mail in box.fetch(mark_seen=False)] == [()]

    def test_a_draft_is_no_word_of_ours_wherever_it_lies(self, place: Box) -> None:
        mail = letter(place, "ana@northwind.example", "kim@fabrikam.example", hours_ago=1)
        with place.opened("INBOX") as box:
            box.append(mail.as_bytes(), "INBOX", flag_set=["\\Draft"])
        assert self.told(place).ours is None

    def test_what_is_older_than_the_months_looked_back_is_not_told(self, place: Box) -> None:
        assert (
            self.told(place, letter(place, "kim@fabrikam.example", "ana@northwind.example", hours_ago=24 * 300)).theirs
            is None
        )

    def test_a_mail_is_of_the_day_that_it_says_and_not_of_the_day_it_was_moved(self, place: Box) -> None:
        mail = letter(place, "kim@fabrikam.example", "ana@northwind.example", hours_ago=100)
        place.deliver(mail.as_bytes(), place.current(), sent=False)
        told = place.reopened().correspondence({"kim@fabrikam.example": {"ana@northwind.example"}})
        assert told["kim@fabrikam.example"].theirs == mail["Date"].datetime.astimezone(place.settings.zone).date()


class TestWhatBecameOfDrafts:
    def test_a_draft_is_marked_as_one_and_as_read(self, place: Box) -> None:
        draft_id = place.mailbox.create(message())
        with place.opened() as box:
            [mail] = box.fetch(mark_seen=False, headers_only=True)
        assert set(mail.flags) >= {"\\Draft", "\\Seen"}
        assert b"X-Unsent" not in place.raw(draft_id)

    def test_one_that_a_program_saved_anew_without_its_token_still_waits(self, place: Box) -> None:
        one = message()
        draft_id = place.mailbox.create(one)
        raw = without_token(place.raw(draft_id)).replace(b"Hello Kim", b"Hello dear Kim")
        place.delete(draft_id)
        place.put("Drafts", raw)
        assert fate(place.reopened(), one, draft_id) == "edited"

    def test_one_that_a_program_sent_without_its_token_was_sent(self, place: Box) -> None:
        one = message()
        draft_id = place.mailbox.create(one)
        place.send(draft_id, keep_token=False)
        assert fate(place.reopened(), one, draft_id) == "sent"

    def test_a_mail_about_something_else_is_not_taken_for_it(self, place: Box) -> None:
        one = message()
        draft_id = place.mailbox.create(one)
        place.put("Sent", without_token(place.raw(place.mailbox.create(message(subject="Lunch")))))
        place.delete(draft_id)
        assert fate(place.reopened(), one, draft_id) == "deleted"

    def test_a_mail_to_an_address_that_ends_alike_is_not_taken_for_it(self, place: Box) -> None:
        one, other = message(to="kim@fabrikam.example"), message(to="joakim@fabrikam.example")
        draft_ids = [place.mailbox.create(one), place.mailbox.create(other)]
        place.send(draft_ids[1], keep_token=False)
        place.delete(draft_ids[0])
        mailbox = place.reopened()
        assert [fate(mailbox, one, draft_ids[0]), fate(mailbox, other, draft_ids[1])] == ["deleted", "sent"]

    def test_one_mail_is_what_became_of_one_draft(self, place: Box) -> None:
        earlier, later = message(), message()._replace(date=WHEN + dt.timedelta(minutes=30))
        ids = [place.mailbox.create(earlier), place.mailbox.create(later)]
        place.delete(ids[0])
        place.send(ids[1], keep_token=False)
        asked = [known(earlier, ids[0]), known(later, ids[1])]
        found = place.reopened().trace(asked)
        assert [one.fate for one in found if one] == ["deleted", "sent"]

    def test_the_server_may_hang_up_between_two_calls(self, place: Box) -> None:
        place.mailbox.check()
        account = place.mailbox._first
        assert account._open is not None
        account._open.client.shutdown()
        one = message()
        place.mailbox.create(one)
        assert find(place.mailbox, one) == Found(one.token, "created")


class TestOwners:
    def test_each_owner_has_a_mailbox_or_is_named(self, tmp_path: Path, port: int) -> None:
        people = '[imap.people."ben@northwind.example"]\npassword_file = "secret"\n'
        settings = settings_of(tmp_path, port, "ana@northwind.example", people)
        mailbox = ImapMailbox(settings)
        assert (mailbox.refusal("ana@northwind.example"), mailbox.refusal("ben@northwind.example")) == ("", "")
        assert '[imap.people."eve@northwind.example"]' in mailbox.refusal("eve@northwind.example")
        one = message(sender="Ben <ben@northwind.example>")
        mailbox.create(one)
        with MailBoxUnencrypted("127.0.0.1", port).login("ben@northwind.example", PASSWORD, "Drafts") as box:
            assert len(box.uids("ALL")) == 1
        assert find(ImapMailbox(settings), one) == Found(one.token, "created")


class TestFaults:
    def test_a_wrong_password_names_the_login_and_not_the_password(self, place: Box, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text("wrong secret", "utf-8")
        with pytest.raises(CredentialsError, match="refuses the login") as fault:
            place.reopened().check()
        assert place.user in str(fault.value)
        assert "wrong secret" not in str(fault.value)

    def test_a_password_file_that_is_not_there(self, place: Box, tmp_path: Path) -> None:
        (tmp_path / "secret").unlink()
        with pytest.raises(CredentialsError, match="put it there, in one line"):
            place.reopened().check()

    def test_nobody_there(self, tmp_path: Path) -> None:
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            mailbox = ImapMailbox(settings_of(tmp_path, free.getsockname()[1], "user0"))
        for call in (mailbox.check, lambda: mailbox.create(message())):
            with pytest.raises(UnreachableError, match="try again later"):
                call()

    def test_no_folder_for_drafts_lists_those_that_are_there(self, tmp_path: Path, port: int) -> None:
        settings = settings_of(tmp_path, port, f"user{next(USERS)}", 'drafts = "Nope"')
        with pytest.raises(SettingsError, match=r"'Drafts'.*name it as drafts"):
            ImapMailbox(settings).check()

    @pytest.mark.parametrize("arrives", [True, False])
    def test_an_answer_that_is_lost_after_the_append(self, tmp_path: Path, port: int, arrives: bool) -> None:
        user = f"user{next(USERS)}"
        with Proxy(port, arrives=arrives) as proxy:
            mailbox = ImapMailbox(settings_of(tmp_path, proxy.port, user))
            one = message()
            if arrives:
                assert mailbox.create(one) == one.token
            else:
                with pytest.raises(LostAnswerError):
                    mailbox.create(one)
            assert find(mailbox, one) == (Found(one.token, "created") if arrives else None)

    def test_a_draft_whose_answer_is_lost_is_not_given_up_where_nobody_can_look(
        self, tmp_path: Path, port: int
    ) -> None:
        """The server goes away with the answer: the draft is there, and must not be made again."""
        user = f"user{next(USERS)}"
        with Proxy(port, arrives=True, goes_away=True) as proxy:
            one = message()
            with pytest.raises(LostAnswerError):
                ImapMailbox(settings_of(tmp_path, proxy.port, user)).create(one)
        assert find(ImapMailbox(settings_of(tmp_path, port, user)), one) == Found(one.token, "created")

    def test_settings_that_lack_something_say_all_of_it(self, tmp_path: Path) -> None:
        text = '[pipeline]\nsheet = "x.csv"\n[columns]\nstage = "Stage"\n[drafts]\nto = "imap"\n'
        (tmp_path / "fivestep.toml").write_text(text, "utf-8")
        with pytest.raises(SettingsError) as fault:
            ImapMailbox(load_settings(tmp_path / "fivestep.toml", {}))
        assert [mistake.place for mistake in fault.value.mistakes] == ["imap.host", "imap.user", "imap.password_file"]

    def test_a_password_is_sent_in_the_clear_on_this_machine_only(self, tmp_path: Path) -> None:
        settings = settings_of(tmp_path, 143, "ana")
        far = settings.model_copy(update={"imap": settings.imap.model_copy(update={"host": "mail.northwind.example"})})
        with pytest.raises(SettingsError, match="must be tls or starttls"):
            ImapMailbox(far)

    def test_a_password_in_the_file_is_a_mistake_and_one_in_the_environment_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="must not stand in this file") as fault:
            settings_of(tmp_path, 143, "ana", 'password = "hush"')
        assert "hush" not in str(fault.value)
        settings_of(tmp_path, 143, "ana")
        settings = load_settings(tmp_path / "fivestep.toml", {"FIVESTEP_IMAP_PASSWORD": "hush"})
        assert "hush" not in repr(settings)
        assert ImapMailbox(settings)._first.login.password() == "hush"


class Proxy:
    """Between the mailbox and the server: cuts the first connection that appends, before or after the draft arrived."""

    def __init__(self, target: int, *, arrives: bool, goes_away: bool = False) -> None:
        self._target, self._arrives, self._cut = target, arrives, False
        self._goes_away = goes_away
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Proxy:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._away()

    def _away(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits, which keeps it open
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            appended = threading.Event()
            threading.Thread(target=self._up, args=(client, server, appended), daemon=True).start()
            threading.Thread(target=self._down, args=(server, client, appended), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket, appended: threading.Event) -> None:
        while data := _received(client):
            if b" APPEND " in data and not self._cut:
                appended.set()
            elif appended.is_set() and not self._cut and not self._arrives:
                self._cut = True
                _hang_up(client, server)
                return
            _sent(server, data)
        _hang_up(client, server)

    def _down(self, server: socket.socket, client: socket.socket, appended: threading.Event) -> None:
        while data := _received(server):
            if appended.is_set() and not self._cut and not data.startswith(b"+"):
                self._cut = True
                if self._goes_away:
                    self._away()
                _hang_up(client, server)
                return
            _sent(client, data)
        _hang_up(client, server)


def _received(end: socket.socket) -> bytes:
    try:
        return end.recv(65536)
    except OSError:
        return b""


def _sent(end: socket.socket, data: bytes) -> None:
    try:
        end.sendall(data)
    except OSError:
        return


def _hang_up(*ends: socket.socket) -> None:
    for end in ends:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue
        end.close()


class TestFolders:
    def test_by_flag_before_name(self) -> None:
        folders = [Folder("Drafts", "/", frozenset()), Folder("Entwürfe", "/", frozenset({"\\drafts"}))]
        assert find_places(folders).drafts == "Entwürfe"

    @pytest.mark.parametrize("name", ["Drafts", "INBOX.Drafts", "Brouillons", "[Gmail]/Entwürfe", "INBOX.下書き"])
    def test_by_the_usual_names(self, name: str) -> None:
        folders = [Folder(one, "." if "." in name else "/", frozenset()) for one in ("INBOX", name)]
        assert find_places(folders).drafts == name

    def test_a_project_of_that_name_is_none(self) -> None:
        assert find_places([Folder("Projects/Drafts", "/", frozenset())]).drafts is None

    def test_a_name_in_other_letters_on_a_real_server(self, tmp_path: Path) -> None:
        with dovecot(drafts="Entwürfe") as port:
            mailbox = ImapMailbox(settings_of(tmp_path, port, "user0"))
            one = message()
            mailbox.create(one)
            assert mailbox._first.places.drafts == "Entwürfe"
            assert find(mailbox, one) == Found(one.token, "created")


def test_a_whole_run_on_a_sheet_file(tmp_path: Path, port: int) -> None:
    team = make_team(tmp_path)
    user = f"user{next(USERS)}"
    (tmp_path / "secret").write_text(PASSWORD, "utf-8")
    text = (tmp_path / "fivestep.toml").read_text("utf-8").replace("[drafts]", '[drafts]\nto = "imap"')
    imap = f'[imap]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nuser = "{user}"\npassword_file = "secret"\n'
    (tmp_path / "fivestep.toml").write_text(f"{text}\n{imap}", "utf-8")
    settings = fivestep.load_settings(tmp_path / "fivestep.toml")
    report = fivestep.run(settings, AS_OF)
    assert [drafted.outcome for drafted in report.drafts] == ["created", "created"]
    with MailBoxUnencrypted("127.0.0.1", port).login(user, PASSWORD, "Drafts") as box:
        assert sorted(mail.to[0] for mail in box.fetch(mark_seen=False)) == ["kim@acme.example", "lou@bolt.example"]
        box.delete(box.uids("ALL"))
    assert fivestep.run(settings, AS_OF).counts.get("created", 0) == 0
    assert "was deleted" in team.column("Follow-up")["Acme"]


def test_nothing_in_it_sends() -> None:
    for file in Path(imap_mailbox.__file__).parent.glob("*.py"):
        names = {node.attr for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Attribute)}
        assert not names & {"send", "sendmail", "send_message", "SMTP"}, file.name


def test_the_server_is_a_real_one(port: int) -> None:
    client = imaplib.IMAP4("127.0.0.1", port)
    assert b"Dovecot" in client.welcome
    client.shutdown()
