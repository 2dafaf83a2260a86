"""A real PostgreSQL on this machine: a cluster with a port and a socket of its own, in a temporary folder."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PASSWORD = "correct horse"

_CONF = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{folder}'
fsync = off
full_page_writes = off
max_connections = 60
shared_buffers = 32MB
timezone = 'Asia/Kathmandu'
log_timezone = 'UTC'
lc_messages = 'C'
"""
_ACCESS = """
local all postgres trust
host all all 127.0.0.1/32 scram-sha-256
"""


def programs() -> Path | None:
    """The folder of the newest PostgreSQL's programs; None where there is none, or nobody who may start it."""
    if os.geteuid() == 0 and _user() is None:
        return None
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    candidates = sorted(found, key=lambda path: int(path.parent.name)) or ([Path(on_path).parent] if on_path else [])
    return candidates[-1] if candidates else None


def _user() -> pwd.struct_passwd | None:
    """Whose the server is where root starts it: PostgreSQL refuses root."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None


class Server:
    """One running cluster."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self._free: list[str] = []
        self._numbers = itertools.count()

    def url(self, database: str, *, password: str = PASSWORD, user: str = "sales") -> str:
        """The address of one database, as settings name it."""
        return f"postgresql+psycopg://{user}:{password.replace(' ', '%20')}@127.0.0.1:{self.port}/{database}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of an empty database, which nobody else uses as long as the block lasts."""
        name = self._free.pop() if self._free else self._new()
        yield self.url(name)
        # Emptied and used again: hundreds of them would take a gigabyte, and minutes to remove.
        self.cut(name)
        schemas = self.ask("SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_)'", name)
        for (schema,) in schemas:
            self.ask(f"DROP SCHEMA {schema} CASCADE", name)
        self.ask("CREATE SCHEMA public AUTHORIZATION sales", name)
        self._free.append(name)

    def _new(self) -> str:
        name = f"ledger{next(self._numbers)}"
        self.ask(f"CREATE DATABASE {name} OWNER sales")
        return name

    def ask(self, sql: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """What the server's own user is answered."""
        import psycopg

        with psycopg.connect(
            host=str(self.folder), port=self.port, user="postgres", dbname=database, autocommit=True
        ) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def cut(self, database: str, which: str = "true") -> int:
        """End the connections to a database, or those for which the condition holds; returns how many they were."""
        rows = self.ask(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{database}' AND pid <> pg_backend_pid() AND {which}"
        )
        return len(rows)

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        self._control("start", "-w", "-t", "60", "-l", str(self.folder / "log"))

    def stop(self, mode: str = "immediate") -> None:
        """Stop the server, all connections are cut."""
        self._control("stop", "-w", "-m", mode)

    def _control(self, *arguments: str) -> None:
        program = str((programs() or Path()) / "pg_ctl")
        _as_user([program, "-D", str(self.folder / "data"), *arguments], self.folder)


@contextmanager
def postgres() -> Iterator[Server]:
    """A server, as long as the block lasts. The user `sales` owns what `new_database` makes."""
    # Not in pytest's own folder: a socket's name may have a hundred characters at most.
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    try:
        server = _made(folder)
        server.start()
        try:
            server.ask(f"CREATE ROLE sales LOGIN PASSWORD '{PASSWORD}'")
            yield server
        finally:
            _kill(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _made(folder: Path) -> Server:
    user = _user()
    if os.geteuid() == 0 and user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    folder.chmod(0o755)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    program = str((programs() or Path()) / "initdb")
    options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    _as_user([program, "-D", str(folder / "data"), *options], folder)
    (folder / "data" / "postgresql.conf").write_text(_CONF.format(port=port, folder=folder), encoding="utf-8")
    (folder / "data" / "pg_hba.conf").write_text(_ACCESS, encoding="utf-8")
    return Server(folder, port)


def _as_user(command: Sequence[str], folder: Path) -> None:
    user = _user() if os.geteuid() == 0 else None
    own: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    done = subprocess.run(
        command, cwd=folder, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        text=True, env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}, **own,
    )  # fmt: skip
    if done.returncode:
        log = folder / "log"
        raise RuntimeError(done.stdout + (log.read_text(encoding="utf-8") if log.exists() else ""))


def _kill(folder: Path) -> None:
    """End this server and no other, running or not."""
    file = folder / "data" / "postmaster.pid"
    if file.exists():
        pid = int(file.read_text(encoding="utf-8").splitlines()[0])
        os.kill(pid, signal.SIGQUIT)
        _wait_gone(file)


def _wait_gone(file: Path) -> None:
    import time

    for _ in range(200):
        if not file.exists():
            return
        time.sleep(0.05)
