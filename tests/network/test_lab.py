"""The laboratory itself: what the network tests rely on is true of its lines."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.network.lab import Lab, LabError
from tests.network.ruleset import Line, ruleset

ECHO = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('0.0.0.0', 7000)); print('up', flush=True)
while True:
    data, who = s.recvfrom(2000); s.sendto(who[0].encode(), who)
"""
ASK = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(float(sys.argv[3]))
back, seen = 0, ''
for number in range(int(sys.argv[2])):
    s.sendto(b'x', (sys.argv[1], 7000))
    try: seen = s.recvfrom(2000)[0].decode(); back += 1
    except OSError: pass
print(back, seen)
"""
SERVE = """
import socket, sys
s = socket.create_server(('0.0.0.0', int(sys.argv[1]))); print('up', flush=True)
while True: s.accept()[0].close()
"""
CONNECT = """
import socket, sys
try: socket.create_connection((sys.argv[1], int(sys.argv[2])), 0.4).close(); print('in')
except OSError: print('out')
"""


@pytest.fixture
def lab(namespaces: None) -> Iterator[Lab]:
    with Lab("kiosk", "desk") as lab:
        yield lab


def _start(lab: Lab, host: str, program: str, *arguments: str) -> None:
    started = lab.popen(host, [sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    assert started.stdout.readline() == "up\n"


def _run(lab: Lab, host: str, program: str, *arguments: str) -> str:
    done = lab.run(host, [sys.executable, "-c", program, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return str(done.stdout).strip()


def _ask(lab: Lab, count: int = 1) -> tuple[int, str]:
    """Echoes that came back to the kiosk, and the address under which the desk saw it."""
    patience = "0.05" if count > 1 else "0.3"
    words = _run(lab, "kiosk", ASK, lab.address("desk"), str(count), patience).split()
    return int(words[0]), words[1] if len(words) > 1 else ""


def test_hosts_reach_each_other_until_the_line_is_cut_and_after_it_heals(lab: Lab) -> None:
    """A good line passes, a cut line passes nothing, a healed line passes again."""
    _start(lab, "desk", ECHO)
    assert _ask(lab) == (1, lab.address("kiosk"))
    lab.cut("kiosk")
    assert _ask(lab)[0] == 0
    lab.heal("kiosk")
    assert _ask(lab)[0] == 1


def test_loss_has_its_size_and_its_direction(lab: Lab) -> None:
    """Half of the packets, all in one direction or none, as asked for."""
    _start(lab, "desk", ECHO)
    lab.lose("kiosk", up=0.5)
    assert 10 <= _ask(lab, 40)[0] <= 30  # outside once in 2,000 runs
    lab.lose("kiosk", down=1.0)
    assert _ask(lab)[0] == 0
    lab.lose("kiosk")
    assert _ask(lab, 10)[0] == 10


def test_a_strict_firewall_lets_only_its_ports_out(lab: Lab) -> None:
    """With tcp 443 alone, no other port and no other protocol passes."""
    _start(lab, "desk", ECHO)
    _start(lab, "desk", SERVE, "443")
    _start(lab, "desk", SERVE, "8443")
    _start(lab, "kiosk", SERVE, "443")
    lab.allow("kiosk", ("tcp", 443))
    desk, kiosk = lab.address("desk"), lab.address("kiosk")
    assert _run(lab, "kiosk", CONNECT, desk, "443") == "in"
    assert _run(lab, "kiosk", CONNECT, desk, "8443") == "out"
    assert _ask(lab)[0] == 0
    assert _run(lab, "desk", CONNECT, kiosk, "443") == "out"


def test_a_moved_host_has_only_its_new_address(lab: Lab) -> None:
    """After a move the other side sees the new address, and the old one is gone."""
    _start(lab, "desk", ECHO)
    old = lab.address("kiosk")
    new = lab.move("kiosk")
    assert _ask(lab) == (1, new)
    _start(lab, "kiosk", SERVE, "443")
    assert _run(lab, "desk", CONNECT, new, "443") == "in"
    assert _run(lab, "desk", CONNECT, old, "443") == "out"


def test_a_hidden_host_is_seen_under_the_routers_address(lab: Lab) -> None:
    """Behind the translation a host reaches out and nobody reaches in."""
    _start(lab, "desk", ECHO)
    lab.hide("kiosk")
    count, seen = _ask(lab)
    assert (count, seen) == (1, lab.address("desk").rpartition(".")[0] + ".1")
    _start(lab, "kiosk", SERVE, "443")
    assert _run(lab, "desk", CONNECT, lab.address("kiosk"), "443") == "out"


def test_a_port_of_loopback_leads_to_another_host(lab: Lab) -> None:
    """A program that only speaks to its own machine reaches the other host, and loses it with the line."""
    _start(lab, "desk", SERVE, "8080")
    lab.reach("kiosk", 8080, "desk")
    assert _run(lab, "kiosk", CONNECT, "127.0.0.1", "8080") == "in"
    lab.cut("kiosk")
    assert _run(lab, "kiosk", CONNECT, "127.0.0.1", "8080") == "out"


def test_a_narrow_line_queues_and_then_drops(lab: Lab) -> None:
    """What is sent at once beyond rate and queue is lost: 100 kB into 200 kbit/s with 0.4 s of queue."""
    counter = textwrap.dedent("""
        import socket
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(('0.0.0.0', 7001)); print('up', flush=True)
        s.settimeout(1.5); got = 0
        try:
            while True: got += len(s.recv(2000))
        except OSError: print(got)
    """)
    lab.limit("kiosk", up_bps=200_000)
    sink = lab.popen("desk", [sys.executable, "-c", counter], stdout=subprocess.PIPE, text=True)
    assert sink.stdout is not None
    assert sink.stdout.readline() == "up\n"
    flood = textwrap.dedent("""
        import socket, sys
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for _ in range(100): s.sendto(b'x' * 1000, (sys.argv[1], 7001))
    """)
    _run(lab, "kiosk", flood, lab.address("desk"))
    got = int(sink.stdout.readline())
    assert 5_000 <= got <= 20_000  # 10 kB of queue, two packets of burst, and what left meanwhile


def test_a_killed_test_leaves_no_namespace(namespaces: None) -> None:
    """SIGKILL of the program that made a laboratory takes its namespaces with it."""
    program = textwrap.dedent("""
        from tests.network.lab import Lab
        with Lab("kiosk") as lab: print(lab.prefix("kiosk")[1], flush=True); input()
    """)
    maker = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert maker.stdout is not None
    keeper = int(maker.stdout.readline().split("/")[2])
    assert Path(f"/proc/{keeper}/cmdline").read_bytes().startswith(b"cat")
    descriptor = os.pidfd_open(keeper)
    try:
        maker.send_signal(signal.SIGKILL)
        maker.communicate()
        assert select.select([descriptor], [], [], 5)[0], "the keeper outlived the test that made it"
    finally:
        os.close(descriptor)


def test_a_failed_command_says_which_and_why(lab: Lab) -> None:
    """An error of the laboratory names the command and the tool's own words."""
    with pytest.raises(LabError, match=r"nft.*in router.*[Ee]rror"):
        lab._in("router", "nft", "-f", "-", said="nonsense")


def test_a_ruleset_says_each_line_once() -> None:
    """Two hosts' lines are independent: what is allowed for one is not thereby allowed for the other."""
    text = ruleset({"a": Line(loss_up=0.05, only=(("tcp", 443),)), "b": Line(cut=True), "c": Line()})
    rules = [line.strip() for line in text.splitlines() if "name" in line]
    assert rules == [
        'iifname "a" numgen random mod 10000 <= 499 drop',
        'iifname "a" meta l4proto . th dport != { tcp . 443 } drop',
        'oifname "a" ct state new drop',
        'iifname "b" drop',
        'oifname "b" drop',
    ]
