"""The programs of a cluster, each on loopback or on a socket, all in one directory that goes with them.

with Cluster(directory, port) as cluster:
    cluster.start()
    cluster.hubs[0].kill(); cluster.hubs[0].restart()
    cluster.command("add-operator", "sato", "--municipality", "minami", typed="...")
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Self

from protocol.errors import LocalError
from provisioning.demo.programs import Program, Programs, answers, free_port, wait_for

ROOT = Path(__file__).resolve().parents[2]
HUBS = 2
DATABASE = "madoguchi"
OWNER, APP = "madoguchi_owner", "madoguchi"
"""Who owns the tables and migrates them, and the role of the hubs, for which row-level security holds."""


def debian(name: str, *places: str) -> str:
    """Where Debian puts a server's program. LocalError when it is not installed."""
    found = [str(path) for place in places for path in sorted(Path("/").glob(f"{place}/{name}"))]
    if not found:
        raise LocalError("missing", f"{name}: not on this machine; run `make setup`")
    return found[-1]


def postgres(name: str) -> str:
    """One of PostgreSQL's programs, of the newest version that is there."""
    return debian(name, "usr/lib/postgresql/*/bin")


class Cluster:
    """As a context manager it ends all programs. The directory is its caller's to remove."""

    def __init__(self, directory: Path, port: int = 0, *, nats: bool = True) -> None:
        self.directory = directory
        self.port = port or free_port()
        self.hubs: list[Program] = []
        self.database: Program
        self._nats = f"nats://127.0.0.1:{free_port()}" if nats else ""
        self._ports = [free_port() for _ in range(HUBS)]
        self._programs = Programs(directory / "log")
        # PostgreSQL refuses to be root
        self._as = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        self._as = self._as if os.geteuid() == 0 else []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._programs.__exit__(*_)

    @property
    def url(self) -> str:
        """Where browsers and terminals find the hubs: the proxy."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def hub_urls(self) -> list[str]:
        """Each hub by itself."""
        return [f"http://127.0.0.1:{port}" for port in self._ports]

    def start(self) -> None:
        """Everything, in order. LocalError names the program that does not come up and what it said."""
        self._start_database()
        if self._nats:
            port = int(self._nats.rpartition(":")[2])
            server = debian("nats-server", "usr/sbin", "usr/bin", "usr/local/bin")
            nats = self._programs.start("nats-server", [server, "-a", "127.0.0.1", "-p", str(port)])
            self._programs.wait(nats, lambda: answers(port), 10, "the message server answers")
        for number, port in enumerate(self._ports, 1):
            config = self._settings(number, port)
            hub = self._programs.start(
                f"hub-{number}", [sys.executable, "-m", "hub", "--config", str(config)]
            )
            self._programs.wait(hub, lambda port=port: answers(port), 30, f"hub {number} answers")  # type: ignore[misc]
            self.hubs.append(hub)
        self._start_proxy()

    def command(self, *words: str, typed: str = "") -> str:
        """One command of the hub, as an administrator gives it. LocalError with what it said."""
        done = subprocess.run(
            [sys.executable, "-m", "hub", "--config", str(self._config(1)), *words],
            input=typed, capture_output=True, text=True, cwd=ROOT, timeout=60,
        )  # fmt: skip
        if done.returncode:
            raise LocalError("command", done.stderr.strip())
        return done.stdout

    def _start_database(self) -> None:
        home, data = self.directory / "postgres", self.directory / "postgres" / "data"
        home.mkdir(parents=True, exist_ok=True)
        if self._as:
            shutil.chown(home, "postgres")
        if not data.exists():
            self._run([*self._as, postgres("initdb"), "-A", "trust", "-U", "postgres", "-E", "UTF8",
                       "--locale=C", "-D", str(data)])  # fmt: skip
        settings = ["-clisten_addresses=", f"-cunix_socket_directories={home}"]
        command = [*self._as, postgres("postgres"), "-D", str(data), *settings]
        self.database = self._programs.start("postgres", command)
        ready = [postgres("pg_isready"), "-q", "-h", str(home)]
        self._programs.wait(
            self.database, lambda: subprocess.run(ready).returncode == 0, 30, "PostgreSQL answers"
        )
        psql = [postgres("psql"), "-X", "-q", "-t", "-h", str(home), "-U", "postgres", "-c"]
        if not self._run([*psql, f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"]).strip():  # noqa: S608
            for role in (OWNER, APP):
                self._run([*psql, f"CREATE ROLE {role} LOGIN"])
            self._run([*psql, f"CREATE DATABASE {DATABASE} OWNER {OWNER}"])

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.directory / "postgres")
        if done.returncode:
            raise LocalError("postgres", f"{' '.join(command[:6])} ...: {done.stderr.strip()}")
        return done.stdout

    def _config(self, number: int) -> Path:
        return self.directory / f"hub-{number}.yaml"

    def _settings(self, number: int, port: int) -> Path:
        shared = self.directory / "shared"
        server = f"/{DATABASE}?host={self.directory}/postgres"
        lines = [
            f"content: {ROOT}/config/municipalities",
            f"listen: {{port: {port}, trusted_proxies: [127.0.0.1]}}",
            f"database: {{url: 'postgresql://{APP}@{server}', owner_url: 'postgresql://{OWNER}@{server}'}}",
            f"keys: {{directory: {shared}/keys}}",
            f"captures: {{directory: {shared}/captures}}",
        ]
        if self._nats:
            lines.append(f"bus: {{nats: ['{self._nats}']}}")
        path = self._config(number)
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return path

    def _start_proxy(self) -> None:
        hubs = {f"MADOGUCHI_HUB_{number}": f"127.0.0.1:{port}" for number, port in enumerate(self._ports, 1)}
        env = {
            **os.environ, **hubs, "MADOGUCHI_BIND": f"127.0.0.1:{self.port}", "MADOGUCHI_NAME": "127.0.0.1",
        }  # fmt: skip
        command = [debian("haproxy", "usr/sbin"), "-db", "-f", str(ROOT / "config" / "haproxy" / "hubs.cfg")]
        proxy = self._programs.start("haproxy", command, env)
        wait_for(lambda: answers(self.port), 10, "the proxy answers", proxy)
