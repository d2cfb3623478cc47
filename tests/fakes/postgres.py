"""A real PostgreSQL server of the tests' own: in memory, on a socket of its own, stopped with the tests.

    url = new_database()                    # migrated, without rows; a clone of a template
    database = await open_database(url)     # as the hub's own role, for which row-level security holds

The server is started by the first who asks. It takes no TCP connections, and syncs nothing: what a power cut
leaves is not asked here. Where the tests run as root it runs as `postgres`, because it refuses to be root.
"""

from __future__ import annotations

import asyncio
import atexit
import functools
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import uuid
from pathlib import Path

import pytest

from hub.store.database import open_database

FAST = {
    "listen_addresses": "", "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off",
    "autovacuum": "off", "max_connections": "200", "shared_buffers": "32MB", "log_min_messages": "fatal",
    "max_wal_size": "64MB", "wal_level": "minimal", "max_wal_senders": "0",
}  # fmt: skip

USER = "madoguchi"
"""The server's superuser, for whom no fence holds."""

OWNER, APP = "madoguchi_owner", "madoguchi_app"
"""Who owns the tables, and who a hub is."""

TEMPLATE = "madoguchi_template"


def program(name: str) -> str:
    """Where Debian puts the server's programs; they need not be on the path."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = str(places[-1]) if places else shutil.which(name)
    if found is None:
        pytest.fail(f"PostgreSQL's {name} is not installed; run: make setup")
    return found


class Server:
    """One server. `start()` it, `stop()` it; `directory` is made and removed by it."""

    def __init__(self) -> None:
        shared = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.directory = Path(tempfile.mkdtemp(prefix="madoguchi-postgres-", dir=shared))
        self._user = "postgres" if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Until it takes connections; at most 30 s."""
        if self._user:
            shutil.chown(self.directory, self._user)
        data = self.directory / "data"
        if not data.exists():
            self._run(
                "initdb", "--no-sync", "-A", "trust", "-U", USER, "-E", "UTF8", "--locale=C", "-D", data
            )
        settings = [f"-c{key}={value}" for key, value in FAST.items()]
        log = (self.directory / "log").open("ab")
        self._process = subprocess.Popen(
            [program("postgres"), "-D", str(data), "-k", str(self.directory), *settings],
            stdout=log, stderr=log, user=self._user, cwd=self.directory, process_group=0,
        )  # fmt: skip
        log.close()
        until = time.monotonic() + 30
        while subprocess.run([program("pg_isready"), "-q", "-h", self.directory]).returncode:
            if time.monotonic() > until or self._process.poll() is not None:
                pytest.fail(f"PostgreSQL does not start:\n{(self.directory / 'log').read_text()}")
            time.sleep(0.02)

    def halt(self) -> None:
        """Stop it and keep what it holds."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(30)
            self._process = None

    def stop(self) -> None:
        """Stop it, and leave nothing behind."""
        self.halt()
        shutil.rmtree(self.directory, ignore_errors=True)

    def url(self, database: str, role: str = USER) -> str:
        """How a role reaches one of its databases."""
        return f"postgresql://{role}@/{database}?host={self.directory}"

    def sql(self, text: str, database: str = "postgres") -> str:
        """Run statements as its superuser; gives what they say."""
        command = [
            program("psql"),
            "-X",
            "-q",
            "-t",
            "-A",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            str(self.directory),
        ]
        return subprocess.run(
            [*command, "-U", USER, "-d", database, "-c", text], capture_output=True, text=True, check=True
        ).stdout.strip()

    def clone(self, template: str) -> str:
        """A new database like another one; its name."""
        name = f"hub_{uuid.uuid4().hex[:12]}"
        owner = OWNER if template == TEMPLATE else USER
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY OWNER {owner}")
        return name

    def _run(self, name: str, *arguments: str | Path) -> None:
        subprocess.run(
            [program(name), *map(str, arguments)], check=True, capture_output=True, user=self._user,
            cwd=self.directory,
        )  # fmt: skip


@functools.cache
def server() -> Server:
    """The one server of this run of tests, with a migrated template."""
    one = Server()
    atexit.register(one.stop)
    one.start()
    for role in (OWNER, APP):
        one.sql(f"CREATE ROLE {role} LOGIN")
    one.sql(f"CREATE DATABASE {TEMPLATE} OWNER {OWNER}")

    async def migrate() -> None:
        database = await open_database(one.url(TEMPLATE, APP), one.url(TEMPLATE, OWNER))
        await database.close()

    thread = threading.Thread(target=lambda: asyncio.run(migrate()))  # the test's own loop may be running
    thread.start()
    thread.join()
    return one


def new_database() -> str:
    """The URL of a migrated database without rows, for a hub's role; it goes with the server."""
    one = server()
    return one.url(one.clone(TEMPLATE), APP)


def as_owner(url: str) -> str:
    """The same database for the role that owns its tables."""
    return url.replace(f"{APP}@", f"{OWNER}@")
