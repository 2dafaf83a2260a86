"""A real IMAP server on this machine: Dovecot with settings, mailboxes and a port of its own, in a temporary folder."""

from __future__ import annotations

import grp
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PASSWORD = "correct horse"

_CONF = """
protocols = imap
listen = 127.0.0.1
base_dir = {run}
state_dir = {run}
log_path = {run}/log
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
first_valid_uid = 1
mail_location = maildir:{mail}/%u
mail_plugins = quota
plugin {{
  quota = maildir:User quota
  quota_rule = *:storage=100M
  quota_rule2 = Drafts:storage=+0
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {run}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={mail}/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox "{drafts}" {{
    auto = subscribe
    special_use = \\Drafts
  }}
  mailbox Sent {{
    auto = subscribe
    special_use = \\Sent
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"""


def program() -> str | None:
    """Where Dovecot is; None where it is not installed."""
    return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def dovecot(*, drafts: str = "Drafts") -> Iterator[int]:
    """The port, as long as the block lasts. Anybody may log in with PASSWORD."""
    # A folder of its own: others may enter it, whatever becomes of pytest's, and its sockets' paths are short enough.
    with tempfile.TemporaryDirectory(prefix="dovecot-") as folder:
        yield from _served(Path(folder), drafts)


def _served(folder: Path, drafts: str) -> Iterator[int]:
    run, mail = folder / "run", folder / "mail"
    run.mkdir()
    mail.mkdir()
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    (run / "users").write_text("".join(f"{name}:{PASSWORD}\n" for name in _NAMES), encoding="utf-8")
    group = grp.getgrgid(user.pw_gid).gr_name
    text = _CONF.format(run=run, mail=mail, user=user.pw_name, group=group, uid=user.pw_uid, gid=user.pw_gid,
                        port=port, drafts=drafts)  # fmt: skip
    (folder / "dovecot.conf").write_text(text, encoding="utf-8")
    for made in (folder, run, mail):
        if os.geteuid() == 0:
            os.chown(made, user.pw_uid, user.pw_gid)
        made.chmod(0o755)
    command = [program() or "dovecot", "-F", "-c", str(folder / "dovecot.conf")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            _wait(port, process, run / "log")
            yield port
        finally:
            process.terminate()
            process.wait(20)


_NAMES = ("ana@northwind.example", "ben@northwind.example", *(f"user{n}" for n in range(400)))


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(100):
        if process.poll() is not None:
            raise RuntimeError((process.stderr.read().decode() if process.stderr else "") + _text(log))
        with suppress(OSError, imaplib.IMAP4.error):
            imaplib.IMAP4("127.0.0.1", port, timeout=5).logout()
            return
        time.sleep(0.1)
    raise RuntimeError(_text(log))


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8") if log.exists() else ""
