"""The folder of drafts: the contract, and what people do to files."""

from __future__ import annotations

import datetime as dt
import errno
import os
import shutil
import subprocess
import sys
import time
from email.utils import format_datetime
from pathlib import Path

import pytest

from fivestep.connectors.mailbox import Fate, Found, Mailbox
from fivestep.connectors.mailboxes.folder import EmlFolder, file_name
from fivestep.connectors.testing.mailbox import WHEN, MailboxContract, fate, find, message
from fivestep.errors import UnreachableError
from tests import ROOT


def found_by(mailbox: Mailbox, token: str) -> Found | None:
    return find(mailbox, message(token=token))


def fate_of(mailbox: Mailbox, token: str) -> Fate:
    """A draft's ID is its token here."""
    return fate(mailbox, message(token=token), token)


class Folder:
    """A folder of drafts, and what people do to it."""

    tells_sent = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mailbox: Mailbox = EmlFolder(path)

    def reopened(self) -> EmlFolder:
        return EmlFolder(self.path)

    def file(self, draft_id: str) -> Path:
        [path] = self.path.glob(f"*{draft_id[:8]}*")
        return path

    def raw(self, draft_id: str) -> bytes:
        return self.file(draft_id).read_bytes()

    def count(self) -> int:
        return len(list(self.path.iterdir())) if self.path.exists() else 0

    def delete(self, draft_id: str) -> None:
        self.file(draft_id).unlink()

    def send(self, draft_id: str) -> None:
        self.move(draft_id, "sent")

    def move(self, draft_id: str, subfolder: str) -> Path:
        (self.path / subfolder).mkdir(exist_ok=True)
        return self.file(draft_id).rename(self.path / subfolder / "renamed.eml")


@pytest.fixture
def place(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "drafts")


class TestEmlFolder(MailboxContract):
    pass


class TestFiles:
    def test_looking_makes_no_folder(self, place: Folder) -> None:
        place.mailbox.check()
        assert found_by(place.mailbox, "0123456789abcdef") is None
        assert not place.path.exists()

    def test_mail_programs_open_it_for_editing(self, place: Folder) -> None:
        assert b"\r\nX-Unsent: 1\r\n" in place.raw(place.mailbox.create(message()))

    @pytest.mark.parametrize(
        ("deal", "subject", "name"),
        [
            ("D-17", "Your offer", "2026-11-23 D-17 Your offer 01234567.eml"),
            ("../../etc/passwd", 'a\\b:c*d?"<>|', "2026-11-23 etc passwd a b c d 01234567.eml"),
            ("", "", "2026-11-23  01234567.eml"),
            ("CON", "x" * 300, f"2026-11-23 CON {'x' * 36} 01234567.eml"),
            ("חברה", "报价 🙂", "2026-11-23 חברה 报价 01234567.eml"),
        ],
    )
    def test_names_are_safe_everywhere(self, place: Folder, deal: str, subject: str, name: str) -> None:
        one = message(deal=deal, subject=subject, token="0123456789abcdef")
        assert file_name(one) == name
        place.mailbox.create(one)
        assert [path.name for path in place.path.iterdir()] == [name]
        assert len(name.encode()) < 200

    def test_a_token_makes_one_draft(self, place: Folder) -> None:
        one = message()
        assert place.mailbox.create(one) == place.reopened().create(one)
        assert place.count() == 1

    def test_a_renamed_file_is_found_by_its_header(self, place: Folder) -> None:
        draft_id = place.mailbox.create(message())
        place.file(draft_id).rename(place.path / "Kim.EML")
        for mailbox in (place.mailbox, place.reopened()):
            assert fate_of(mailbox, draft_id) == "created"
            assert found_by(mailbox, draft_id) == Found(draft_id, "created")

    def test_another_mail_with_its_name_is_not_taken_for_it(self, place: Folder) -> None:
        draft_id = place.mailbox.create(message())
        place.file(draft_id).write_text("Subject: mine\n\nX-Fivestep-Token: " + draft_id)
        assert fate_of(place.mailbox, draft_id) == "deleted"

    def test_an_edited_draft_is_the_same(self, place: Folder) -> None:
        draft_id = place.mailbox.create(message())
        file = place.file(draft_id)
        head, _, _ = file.read_bytes().replace(b"\r\n", b"\n").partition(b"\n\n")
        file.write_bytes(b"Received: first\n" + head + b"\n\nAnother text\n")
        assert fate_of(place.mailbox, draft_id) == "created"

    def test_when_one_was_sent_is_told_by_its_date_or_by_when_it_was_saved(self, place: Folder) -> None:
        one = message()
        draft_id = place.mailbox.create(one)
        path = place.move(draft_id, "sent")
        moved = dt.datetime(2026, 11, 23, 9, 20, tzinfo=WHEN.tzinfo)
        for date, saved, sent_at in [
            (None, WHEN, None),
            (None, WHEN + dt.timedelta(days=1), WHEN + dt.timedelta(days=1)),
            (moved, WHEN + dt.timedelta(days=1), moved),
        ]:
            if date is not None:
                raw = path.read_bytes().replace(format_datetime(WHEN).encode(), format_datetime(date).encode())
                path.write_bytes(raw)
            os.utime(path, (saved.timestamp(), saved.timestamp()))
            found = find(place.reopened(), one)
            assert found is not None
            assert found.sent_at == sent_at

    @pytest.mark.parametrize(("subfolder", "fate"), [("sent", "sent"), ("Sent", "sent"), ("archive", "unknown")])
    def test_subfolders(self, place: Folder, subfolder: str, fate: str) -> None:
        draft_id = place.mailbox.create(message())
        place.move(draft_id, subfolder)
        assert fate_of(place.mailbox, draft_id) == fate
        found = found_by(place.reopened(), draft_id)
        assert found is not None
        assert found[:2] == (draft_id, fate)

    def test_a_copy_in_sent_counts(self, place: Folder) -> None:
        draft_id = place.mailbox.create(message())
        (place.path / "sent").mkdir()
        shutil.copy(place.file(draft_id), place.path / "sent")
        assert fate_of(place.mailbox, draft_id) == "sent"

    def test_other_files_do_not_matter(self, place: Folder) -> None:
        draft_id = place.mailbox.create(message())
        (place.path / "empty.eml").touch()
        (place.path / "binary.eml").write_bytes(bytes(range(256)) * 100)
        (place.path / "notes.txt").write_text(f"X-Fivestep-Token: {draft_id}")
        (place.path / "folder.eml").mkdir()
        (place.path / "dangling.eml").symlink_to("nowhere")
        place.delete(draft_id)
        assert fate_of(place.mailbox, draft_id) == "deleted"

    def test_a_folder_that_is_gone_tells_nothing(self, place: Folder) -> None:
        draft_id = place.mailbox.create(message())
        place.path.rename(place.path.with_name("moved"))
        with pytest.raises(UnreachableError, match="can't be read"):
            fate_of(place.mailbox, draft_id)
        place.path.with_name("moved").rename(place.path)
        assert fate_of(place.mailbox, draft_id) == "created"

    def test_a_drive_that_is_gone(self, tmp_path: Path) -> None:
        mailbox = EmlFolder(tmp_path / "drive" / "drafts")
        for call in (mailbox.check, lambda: found_by(mailbox, "0123456789abcdef"), lambda: mailbox.create(message())):
            with pytest.raises(UnreachableError):
                call()
        assert list(tmp_path.iterdir()) == []

    def test_a_file_in_the_folders_place(self, place: Folder) -> None:
        place.path.touch()
        with pytest.raises(UnreachableError, match="written"):
            place.mailbox.check()
        with pytest.raises(UnreachableError, match="no draft was made"):
            place.mailbox.create(message())

    def test_a_full_disk_leaves_no_file(self, place: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(_handle: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        one = message()
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(UnreachableError, match="No space"):
                place.mailbox.create(one)
        assert place.count() == 0
        assert found_by(place.mailbox, one.token) is None
        place.mailbox.create(one)

    def test_no_file_is_seen_before_it_is_whole_on_the_disk(
        self, place: Folder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[int] = []
        monkeypatch.setattr(os, "fsync", lambda _handle: seen.append(len(list(place.path.glob("[!.]*")))))
        place.mailbox.create(message())
        assert seen[0] == 0
        assert place.count() == 1

    def test_half_a_file_is_ignored_and_swept_away(self, place: Folder) -> None:
        first = message()
        place.mailbox.create(first)
        half = place.path / f".{file_name(message())}.part"
        fresh = place.path / f".{file_name(message())}.part"
        for file in (half, fresh):
            file.write_bytes(place.raw(first.token)[:200])
        os.utime(half, (time.time() - 3600,) * 2)
        place.delete(first.token)
        assert found_by(place.mailbox, first.token) is None
        place.mailbox.create(message())
        assert not half.exists()
        assert fresh.exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from fivestep.connectors.mailboxes.folder import EmlFolder
from fivestep.connectors.testing.mailbox import message

calls = 0
def die_at_the_call(event, arguments):
    global calls
    if event in ("open", "os.rename", "os.mkdir", "os.scandir") and sys.argv[1] in str(arguments[0]):
        calls += 1
        if calls == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)

mailbox = EmlFolder(Path(sys.argv[1]))
one = message(token="0123456789abcdef0123456789abcdef")
sys.addaudithook(die_at_the_call)
mailbox.create(one)
print("done", flush=True)
"""


@pytest.mark.slow
def test_killed_at_every_touch_of_the_disk_a_draft_is_whole_or_not_there(tmp_path: Path) -> None:
    token = "0123456789abcdef0123456789abcdef"
    fates, done = [], False
    for call in range(1, 20):
        folder = tmp_path / str(call)
        ran = subprocess.run(
            [sys.executable, "-c", KILLED, str(folder), str(call)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
        found = found_by(EmlFolder(folder), token)
        fates.append(found is not None)
        assert EmlFolder(folder).create(message(token=token)) == token
        assert len(list(folder.glob("[!.]*.eml"))) == 1
        done = ran.stdout == "done\n"
        if done:
            break
        assert ran.returncode == -9, ran.stderr
    assert done
    assert fates[0] is False
    assert fates == sorted(fates)
    assert len(fates) > 4
