"""A restart, planned or by SIGKILL: the call lives on, both sides come back into it, nothing is lost."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from protocol.common import Answer, MediaReport, Offer, Renew
from protocol.desk_link import DeskCallUpdate, EndCall, Ring
from protocol.values import CallState, PresenceState
from tests.fakes.hub_client import FakeDesk, FakeKiosk
from tests.fakes.hub_program import CONTENT, PASSWORD, JumpClock, running, settings_in

ROOT = Path(__file__).parents[2]


async def test_a_restart_in_a_talk_keeps_the_same_call(tmp_path: Path) -> None:
    """Same call, same epoch, no renewal asked; words pass again; the grace keeps anybody from being gone."""
    clock = JumpClock()
    async with running(tmp_path, clock=clock) as hub:
        kiosk, desk = await hub.kiosk("t1"), await hub.desk("hana")
        async with kiosk, desk:
            await desk.available()
            call = (await kiosk.touch()).id
            await desk.rung()
            await kiosk.offer(1)
            await kiosk.settled()
            await desk.accept(call)
    async with running(tmp_path, clock=clock) as hub:
        kiosk.url, desk = hub.url, hub.desk_of("hana")
        await hub.jump(25)  # beyond the 20 s of a desk, within the grace
        snapshot = await kiosk.connect()
        assert snapshot.call is not None
        assert (snapshot.call.id, snapshot.call.state, snapshot.call.epoch) == (call, "talking", 1)
        async with desk:
            assert desk.heard[1].message.call.card.call == call
            await desk.say(Answer(sdp="still epoch 1"), call=call, epoch=1)
            assert (await kiosk.expect(Answer)).message.sdp == "still epoch 1"
            assert kiosk.count(Renew) == 0
            await kiosk.say(MediaReport(live=True), call=call)
            await desk.expect(MediaReport)
            await desk.say(EndCall(), call=call)
            await desk.expect(DeskCallUpdate, lambda said: said.call.state == "ended")
            await kiosk.leave()


async def test_a_restart_while_it_rings_rings_on(tmp_path: Path) -> None:
    """The ring begins anew for the same operator; the offer that was lost is asked for at the accept."""
    clock = JumpClock()
    async with running(tmp_path, clock=clock) as hub:
        kiosk, desk = await hub.kiosk("t1"), await hub.desk("hana")
        async with kiosk, desk:
            await desk.available()
            call = (await kiosk.touch()).id
            await desk.rung()
            await kiosk.offer(1)
            await kiosk.settled()
    clock.jump(19)
    async with running(tmp_path, clock=clock) as hub:
        kiosk.url, desk = hub.url, hub.desk_of("hana")
        await kiosk.connect()
        await desk.log_in()
        snapshot = await desk.connect()
        assert snapshot.ring is not None
        assert (snapshot.ring.expires_at - clock.now()).total_seconds() > 10
        await desk.accept(call)
        assert (await kiosk.expect(Renew)).message.reason == "offer_lost"
        await kiosk.offer(2)
        assert (await desk.expect(Offer)).envelope.epoch == 2
        await kiosk.leave()


async def test_a_restart_keeps_the_queue_in_order(tmp_path: Path) -> None:
    """Who waited first is rung first, once an operator and the terminals are back."""
    clock = JumpClock()
    async with running(tmp_path, clock=clock) as hub:
        desk = await hub.desk("hana")
        kiosks = [await hub.kiosk(f"t{number}") for number in range(3)]
        async with desk, kiosks[0], kiosks[1], kiosks[2]:
            await desk.available()
            calls = [(await kiosk.touch()).id for kiosk in kiosks]
            await desk.accept(calls[0])
    async with running(tmp_path, clock=clock) as hub:
        second = await hub.desk("jiro")
        for kiosk in reversed(kiosks):
            kiosk.url = hub.url
            await kiosk.connect()
        async with second:
            await second.available()
            assert (await second.rung()).call == calls[1]
            assert second.count(Ring) == 1
        for kiosk in kiosks:
            await kiosk.leave()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _settings(directory: Path) -> Path:
    path = directory / "hub.yaml"
    records = settings_in(directory).database
    path.write_text(
        f"content: {CONTENT}\ndatabase: {{path: {records.path}, url: '{records.url}'}}\n"
        f"keys: {{directory: {directory}/keys}}\ncaptures: {{directory: {directory}/captures}}\n"
    )
    return path


def _command(directory: Path, *arguments: str, stdin: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-m", "hub", "--config", str(directory / "hub.yaml"), *arguments],
        cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def _program(directory: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """The real program; killed at the end if it still runs."""
    log = (directory / "hub.log").open("a+")
    process = subprocess.Popen(
        [sys.executable, "-m", "hub", "--config", str(directory / "hub.yaml"), "--port", str(port)],
        cwd=ROOT, stderr=log, stdout=log, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)
        log.close()


async def _up(port: int) -> None:
    """Until it listens."""
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


async def test_sigkill_in_a_talk_leaves_the_call_alive(tmp_path: Path) -> None:
    """kill -9 of the real program: started again, both are back in the same call; then SIGTERM is graceful.

    Everything is set up by the program's own commands, as an administrator does it.
    """
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    _settings(tmp_path)
    kiosk, desk = FakeKiosk(url, "t1"), FakeDesk(url, "hana", PASSWORD)
    _command(tmp_path, "add-operator", "hana", "--municipality", "minami", stdin=PASSWORD + "\n")
    _command(
        tmp_path, "add-kiosk", "t1", "--municipality", "minami", "--site", "taiken", "--terminal",
        "taiken-1", "--public-key", kiosk.public_key,
    )  # fmt: skip
    listed = _command(tmp_path, "list")
    assert re.search(r"person +hana +operator: minami\nterminal +t1 +minami/taiken", listed)
    with _program(tmp_path, port) as first:
        await _up(port)
        await kiosk.connect()
        await desk.log_in()
        await desk.connect()
        await desk.available()
        call = (await kiosk.touch()).id
        await desk.rung()
        await kiosk.offer(1)
        await desk.accept(call)
        first.send_signal(signal.SIGKILL)
        await kiosk.expect_close()
        await desk.expect_close()
    with _program(tmp_path, port) as second:
        await _up(port)
        snapshot = await kiosk.connect()
        assert snapshot.call is not None
        assert (snapshot.call.id, snapshot.call.state) == (call, CallState.TALKING)
        reloaded = await desk.connect()
        assert reloaded.call is not None
        assert (reloaded.call.card.call, reloaded.presence) == (call, PresenceState.TALKING)
        await desk.say(EndCall(), call=call)
        assert (await kiosk.expect_call("ended")).id == call
        second.send_signal(signal.SIGTERM)
        assert (await kiosk.expect_close())[0] == 1012
        assert await asyncio.to_thread(second.wait, 10) == 0
    await kiosk.leave()
    await desk.leave()
    log = (tmp_path / "hub.log").read_text()
    assert "hub stopped" in log
    assert "Traceback" not in log
    assert "hana" not in log, "names are personal data"
    assert (tmp_path / "keys" / "minami.key").stat().st_mode & 0o777 == 0o600
