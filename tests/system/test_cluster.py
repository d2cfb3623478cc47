"""`make cluster`, as it is started: two real hubs, PostgreSQL, NATS and a proxy; either hub may be killed."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import WebSocketException

from protocol.common import Answer, Offer
from protocol.desk_link import EndCall, WrapUp
from protocol.values import CallState
from provisioning.cluster.parts import Cluster
from tests.fakes.hub_client import FakeDesk, FakeKiosk

pytestmark = [pytest.mark.system, pytest.mark.beside, pytest.mark.timeout(180)]

PASSWORD = "a good password"


@pytest.fixture(params=["nats", "notify"])
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """On free ports, with a terminal and an operator."""
    directory = Path(tempfile.mkdtemp(prefix="madoguchi-cluster-test-"))
    directory.chmod(0o711)
    try:
        with Cluster(directory, nats=request.param == "nats") as cluster:
            cluster.start()
            yield cluster
    finally:
        shutil.rmtree(directory, ignore_errors=True)


async def _back(side: FakeKiosk | FakeDesk) -> None:
    """As real ones do: again and again until the proxy finds a hub."""
    async with asyncio.timeout(30):
        while True:
            try:
                await side.connect()
            except (OSError, AssertionError, WebSocketException):
                await asyncio.sleep(0.2)
            else:
                return


async def _answers(url: str) -> None:
    async with asyncio.timeout(30), httpx.AsyncClient() as client:
        while True:
            try:
                await client.get(f"{url}/api/health")
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return


async def _still_in(kiosk: FakeKiosk, call: str) -> None:
    """A touch answers with the same call."""
    touched = await kiosk.touch()
    assert (touched.id, touched.state) == (call, CallState.TALKING)


async def test_calls_go_on_whichever_hub_is_killed(cluster: Cluster) -> None:
    """A call across both hubs by the proxy; then each is killed in a talk, and the talk is still there."""
    kiosk, desk = FakeKiosk(cluster.hub_urls[0], "t1"), FakeDesk(cluster.hub_urls[1], "hana", PASSWORD)
    cluster.command("add-operator", "hana", "--municipality", "minami", typed=PASSWORD + "\n")
    cluster.command(
        "add-kiosk", "t1", "--municipality", "minami", "--site", "taiken", "--terminal", "taiken-1",
        "--public-key", kiosk.public_key,
    )  # fmt: skip
    await desk.log_in()
    await desk.connect()
    await kiosk.connect()
    await desk.available()
    call = (await kiosk.touch()).id
    await desk.rung()
    await kiosk.offer(1)
    await desk.accept(call)
    assert (await desk.expect(Offer)).envelope.epoch == 1
    await desk.say(Answer(sdp="v=0"), call=call, epoch=1)
    assert (await kiosk.expect(Answer)).message.sdp == "v=0"
    kiosk.url = desk.url = cluster.url
    cluster.hubs[0].kill()
    await kiosk.expect_close()
    await _back(kiosk)  # at the hub that is left
    await _still_in(kiosk, call)
    cluster.hubs[0].restart()
    await _answers(cluster.hub_urls[0])
    cluster.hubs[1].kill()
    for side in (kiosk, desk):
        await side.expect_close()
        await _back(side)
    await _still_in(kiosk, call)
    await desk.say(EndCall(), call=call)
    await kiosk.expect_call("ended")
    await desk.say(WrapUp(procedure="mynumber-card", outcome="completed"), call=call)
    await kiosk.leave()
    await desk.leave()
    assert "Traceback" not in "".join(hub.log.read_text() for hub in cluster.hubs)
