"""A laboratory of network namespaces: hosts joined by a router whose lines can be made bad.

    with Lab("kiosk", "desk", "hub") as lab:
        agent = lab.popen("kiosk", [sys.executable, "-m", "kiosk", ...], stdout=subprocess.PIPE)
        browser.launch(executable_path=lab.wrapper("desk", "/usr/bin/chromium"))
        lab.lose("kiosk", 0.05)                         # both ways; up= and down= for one
        lab.limit("kiosk", up_bps=500_000)
        lab.allow("kiosk", ("tcp", 443))                # nothing else leaves
        lab.cut("kiosk"); lab.heal("kiosk")             # heal mends loss, cuts, limits and firewalls
        lab.move("kiosk")                               # another address, the old one is gone

A namespace here has no name in /run/netns and needs no mount: it lives exactly as long as a process in it.
Its keeper is a `cat` that reads a pipe of ours, so that a crash of the test, even by SIGKILL, takes all away
and nothing stale is left to look for. Programs enter through `nsenter`, which unlike `ip netns exec` works
inside a chroot too. Needs root.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import shlex
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from tests.network.ruleset import Line, leads_to, ruleset

ROUTER = "router"
BURST = 3_000  # bytes that a limited line takes at once: two full packets
LINE_S = 10.0  # longest wait for one command of the laboratory


class LabError(Exception):
    """A command of the laboratory failed; the message holds the command and what it said."""


@functools.cache
def refusal() -> str:
    """Why this machine has no laboratory, or "" where it has one."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    try:
        with Lab("probe") as lab:
            lab.lose("probe", 0.5)
            lab.limit("probe", up_bps=1_000_000)
    except (LabError, OSError) as error:
        return f"the kernel refuses network namespaces or their tools are missing: {error}"
    return ""


class Lab:
    """Use as a context manager. Host i has the address 10.77.i.2 (then .3, .4 after moves), its router .1."""

    def __init__(self, *hosts: str) -> None:
        if ROUTER in hosts or len(set(hosts)) != len(hosts) or any(len(host) > 15 for host in hosts):
            raise ValueError("hosts have names of their own, at most 15 letters long")
        self._networks = {host: f"10.77.{number}" for number, host in enumerate(hosts, 1)}
        self._last = dict.fromkeys(hosts, 2)  # of each host's address
        self._lines = {host: Line() for host in hosts}
        self._keepers: dict[str, subprocess.Popen[bytes]] = {}
        self._programs: list[subprocess.Popen[Any]] = []
        self._directory: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        try:
            self._build()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Kills what `popen` started and removes everything; safe to repeat."""
        for program in reversed(self._programs):
            with contextlib.suppress(OSError):
                program.kill()
            program.wait()
        self._programs.clear()
        for keeper in self._keepers.values():
            keeper.kill()
            keeper.communicate()
        self._keepers.clear()
        if self._directory is not None:
            self._directory.cleanup()
            self._directory = None

    # ------------------------------------------------------------------ programs

    def address(self, host: str) -> str:
        """Where the host is reached now."""
        return f"{self._networks[host]}.{self._last[host]}"

    def prefix(self, host: str) -> list[str]:
        """Stands before a command that shall run in the host."""
        return ["nsenter", f"--net=/proc/{self._keepers[host].pid}/ns/net", "--"]

    def run(self, host: str, command: Sequence[str], **options: Any) -> subprocess.CompletedProcess[Any]:
        """subprocess.run inside the host."""
        return subprocess.run([*self.prefix(host), *command], **options)

    def popen(self, host: str, command: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
        """subprocess.Popen inside the host; killed with the laboratory at the latest."""
        program = subprocess.Popen([*self.prefix(host), *command], **options)
        self._programs.append(program)
        return program

    def wrapper(self, host: str, program: str) -> str:
        """A file that runs `program` inside the host, for those who want the path of one executable."""
        if self._directory is None:
            self._directory = tempfile.TemporaryDirectory(prefix="lab-")
        path = Path(self._directory.name) / f"{host}-{Path(program).name}"
        path.write_text(f'#!/bin/sh\nexec {shlex.join([*self.prefix(host), program])} "$@"\n')
        path.chmod(0o755)
        return str(path)

    # ------------------------------------------------------------------ lines

    def lose(
        self, host: str, share: float = 0.0, *, up: float | None = None, down: float | None = None
    ) -> None:
        """Each packet is lost with this chance, 0 to 1; `up` (from the host) and `down` take precedence."""
        self._change(host, loss_up=share if up is None else up, loss_down=share if down is None else down)

    def cut(self, host: str) -> None:
        """No packet passes any more, and nobody is told; the interface stays up, as behind a dead modem."""
        self._change(host, cut=True)

    def reset(self, host: str) -> None:
        """Whatever is sent over a TCP connection is answered with RST; new connections, too."""
        self._change(host, reset=True)

    def unplug(self, host: str) -> None:
        """The cable is out: the host's interface has no carrier. `plug` puts it back."""
        self._in(ROUTER, "ip", "link", "set", "dev", host, "down")

    def plug(self, host: str) -> None:
        """The cable is back."""
        self._in(ROUTER, "ip", "link", "set", "dev", host, "up")

    def allow(self, host: str, *only: tuple[str, int]) -> None:
        """A strict firewall: the host only sends to these (protocol, port), and nobody opens a way in."""
        self._change(host, only=only)

    def hide(self, host: str) -> None:
        """Puts the host behind an address translation with a port of its own for every destination."""
        self._change(host, hidden=True)

    def limit(self, host: str, *, up_bps: int = 0, down_bps: int = 0, queue_s: float = 0.4) -> None:
        """A narrow line that queues up to `queue_s` and then drops; 0 bit/s is no limit."""
        for place, device, bps in ((host, "line", up_bps), (ROUTER, host, down_bps)):
            rate = ["tbf", "rate", f"{bps}bit", "burst", f"{BURST}", "latency", f"{round(queue_s * 1000)}ms"]
            self._tc(place, device, rate if bps else ["pfifo", "limit", "1000"])

    def heal(self, host: str) -> None:
        """The line is as good as at the beginning; the host keeps the address that it has now."""
        self._change(host, **{field.name: field.default for field in dataclasses.fields(Line)})
        self.limit(host)

    def move(self, host: str) -> str:
        """Takes the host's address away and gives it the next one, which is returned."""
        self._last[host] += 1
        network, address = self._networks[host], self.address(host)
        self._in(host, "ip", "addr", "flush", "dev", "line")
        self._in(host, "ip", "addr", "add", f"{address}/24", "dev", "line")
        self._in(host, "ip", "route", "replace", "default", "via", f"{network}.1")
        return address

    def reach(self, host: str, port: int, other: str) -> None:
        """Lets tcp 127.0.0.1:`port` inside the host be the other's `port`, without a program in between: for
        those who speak plainly to their own machine only."""
        address = self.address(other)
        self._in(host, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet")
        self._in(host, "nft", "-f", "-", said=leads_to(port, address))

    # ------------------------------------------------------------------ inside

    def _build(self) -> None:
        for place in (ROUTER, *self._networks):
            self._keepers[place] = _keeper()
        self._in(ROUTER, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        for host, network in self._networks.items():
            keeper = str(self._keepers[host].pid)
            veth = (
                "ip",
                "link",
                "add",
                "name",
                host,
                "type",
                "veth",
                "peer",
                "name",
                "line",
                "netns",
                keeper,
            )
            self._in(ROUTER, *veth)
            self._in(ROUTER, "ip", "addr", "add", f"{network}.1/24", "dev", host)
            self._in(ROUTER, "ip", "link", "set", "dev", host, "up")
            self._in(host, "sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6")
            self._in(host, "ip", "link", "set", "dev", "lo", "up")
            self._in(host, "ip", "link", "set", "dev", "line", "up")
            self._in(host, "ip", "addr", "add", f"{self.address(host)}/24", "dev", "line")
            self._in(host, "ip", "route", "add", "default", "via", f"{network}.1")
        self._apply()

    def _change(self, host: str, **fields: Any) -> None:
        self._lines[host] = dataclasses.replace(self._lines[host], **fields)
        self._apply()

    def _apply(self) -> None:
        self._in(ROUTER, "nft", "-f", "-", said=ruleset(self._lines))

    def _tc(self, place: str, device: str, what: Sequence[str]) -> None:
        self._in(place, "tc", "qdisc", "replace", "dev", device, "root", *what)

    def _in(self, place: str, *command: str, said: str = "") -> None:
        done = self.run(place, command, input=said, capture_output=True, text=True, timeout=LINE_S)
        if done.returncode != 0:
            raise LabError(f"{shlex.join(command)} in {place}: {done.stderr.strip()}")


def _keeper() -> subprocess.Popen[bytes]:
    """A process in a new namespace; returns once it is there. It ends with its standard input."""
    keeper = subprocess.Popen(
        ["unshare", "--net", "sh", "-c", "echo ready && exec cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert keeper.stdout is not None
    if keeper.stdout.readline() != b"ready\n":
        raise LabError(f"unshare --net: {keeper.communicate()[1].decode().strip()}")
    return keeper
