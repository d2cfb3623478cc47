"""The relay as it is configured, opened by the hub's credentials: real coturn, real clients, on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aioice import Candidate, Connection, TransportPolicy, stun, turn

from hub.core.relay import Credential, credential
from hub.relays import Relays
from hub.settings import Ice

pytestmark = [
    pytest.mark.system,
    pytest.mark.beside,
    pytest.mark.skipif(
        shutil.which("turnserver") is None, reason="the Debian package coturn is not installed"
    ),
]
COTURN = Path(__file__).resolve().parents[2] / "config" / "coturn"
SECRET = "development/secret+of-a-test-0123456789=="
PATIENCE_S = 10.0


@dataclass(frozen=True)
class Relay:
    """A running coturn."""

    port: int
    secret_file: Path
    pid: int

    def credential(self, life_s: float = 600) -> Credential:
        """As the hub makes it; negative `life_s` has expired."""
        label = secrets.token_hex(8)  # the quota counts by label
        return credential(SECRET.encode(), label, datetime.now(UTC), timedelta(seconds=life_s))


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
        return True
    return False


@contextlib.contextmanager
def relay(directory: Path, *more: str) -> Iterator[Relay]:
    """coturn by the product's own script, without TLS; `more` are other options instead."""
    secret_file, port = directory / "relay.secret", free_port()
    secret_file.write_text(SECRET + "\n")
    secret_file.chmod(0o600)
    log = directory / "relay.log"
    with log.open("wb") as out:
        program = subprocess.Popen(
            ["sh", str(COTURN / "start.sh"), str(secret_file), "--listening-ip=127.0.0.1",
             "--relay-ip=127.0.0.1", f"--listening-port={port}", *(more or ("--no-tls", "--no-dtls"))],
            stdout=out, stderr=subprocess.STDOUT, env={**os.environ, "RUNTIME_DIRECTORY": str(directory)},
        )  # fmt: skip
    try:
        until = time.monotonic() + PATIENCE_S
        while not answers(port):
            if program.poll() is not None or time.monotonic() > until:
                pytest.fail(log.read_text("utf-8")[-2000:])
            time.sleep(0.02)
        yield Relay(port, secret_file, program.pid)
    finally:
        program.send_signal(signal.SIGTERM)
        try:
            program.wait(5)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    """The configuration as it stands, but for address, port and TLS."""
    with relay(tmp_path_factory.mktemp("strict")) as one:
        yield one


@pytest.fixture(scope="module")
def loopback(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    """As `make turn` starts it: both sides of a call may be on this machine."""
    directory = tmp_path_factory.mktemp("loopback")
    more = ("--no-tls", "--no-dtls", "--allow-loopback-peers", "--allowed-peer-ip=127.0.0.1")
    with relay(directory, *more) as one:
        yield one


async def allocate(
    relay: Relay, by: Credential, transport: str = "udp", tls: ssl.SSLContext | None = None
) -> turn.TurnTransport:
    """A relayed address. stun.TransactionFailed when the relay refuses."""
    async with asyncio.timeout(PATIENCE_S):
        made, _ = await turn.create_turn_endpoint(
            asyncio.DatagramProtocol, server_addr=("127.0.0.1", relay.port), username=by.username,
            password=by.password, transport=transport, ssl=tls,
        )  # fmt: skip
        return made


async def refusal(relay: Relay, by: Credential) -> int:
    """The error code of an allocation that must not succeed."""
    with pytest.raises(stun.TransactionFailed) as refused:
        await allocate(relay, by)
    return int(refused.value.response.attributes["ERROR-CODE"][0])


async def say(made: turn.TurnTransport, method: stun.Method, **attributes: object) -> int:
    """One request within an allocation; 0 or the error's code."""
    request = stun.Message(message_method=method, message_class=stun.Class.REQUEST)
    for name, value in attributes.items():
        request.attributes[name.replace("_", "-")] = value
    try:
        await made._TurnTransport__inner_protocol.request_with_retry(request)
    except stun.TransactionFailed as refused:
        return int(refused.response.attributes["ERROR-CODE"][0])
    return 0


async def side(relay: Relay, controlling: bool, transport: str) -> Connection:
    """One side of a call that may use nothing but the relay, with what the hub would send it."""
    relays = Relays([Ice(urls=("turn:relay",), secret_file=str(relay.secret_file))])
    (server,) = relays.servers(datetime.now(UTC))
    return Connection(
        ice_controlling=controlling, turn_server=("127.0.0.1", relay.port), turn_username=server.username,
        turn_password=server.credential, turn_transport=transport, transport_policy=TransportPolicy.RELAY,
    )  # fmt: skip


async def bind(relay: Relay, address: str) -> int:
    """What the relay says to a wish to speak with this address: 0 or the error's code."""
    made = await allocate(relay, relay.credential())
    try:
        return await say(
            made, stun.Method.CHANNEL_BIND, CHANNEL_NUMBER=0x4001, XOR_PEER_ADDRESS=(address, 443)
        )
    finally:
        made.close()


def candidates_of(connection: Connection) -> list[Candidate]:
    return list(connection.local_candidates)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_two_sides_meet_through_the_relay_alone(loopback: Relay, transport: str) -> None:
    """Neither side shows an address of its own, and what one sends the other hears, both ways."""
    one, other = await side(loopback, True, transport), await side(loopback, False, transport)
    try:
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(one.gather_candidates(), other.gather_candidates())
            assert {c.type for c in candidates_of(one) + candidates_of(other)} == {"relay"}
            for here, there in ((one, other), (other, one)):
                here.remote_username, here.remote_password = there.local_username, there.local_password
                for candidate in candidates_of(there):
                    await here.add_remote_candidate(candidate)
                await here.add_remote_candidate(None)
            await asyncio.gather(one.connect(), other.connect())
            await one.send(b"picture")
            assert await other.recv() == b"picture"
            await other.send(b"sound")
            assert await one.recv() == b"sound"
    finally:
        await asyncio.gather(one.close(), other.close())


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """Chain and key for loopback."""
    chain, key = tmp_path / "relay.pem", tmp_path / "relay.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=relay",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(chain)],
        check=True, capture_output=True,
    )  # fmt: skip
    return chain, key


async def test_the_relay_opens_over_tls(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    """Where nothing but TLS to one port goes out, a side still gets its relayed address."""
    (chain, key), port = certificate, free_port()
    tls = ssl.create_default_context(cafile=str(chain))
    options = (f"--tls-listening-port={port}", f"--cert={chain}", f"--pkey={key}", "--no-udp", "--no-dtls")
    with relay(tmp_path, *options) as one:
        made = await allocate(replace(one, port=port), one.credential(), "tcp", tls)
        assert await say(made, stun.Method.REFRESH, LIFETIME=600) == 0
        made.close()


async def test_an_expired_credential_opens_nothing(strict: Relay) -> None:
    """What somebody wrote down yesterday is worth nothing today; a fresh one opens the relay beside it."""
    assert await refusal(strict, strict.credential(-1)) == 401
    made = await allocate(strict, strict.credential())
    made.close()


async def test_a_longer_life_cannot_be_written_into_a_name(strict: Relay) -> None:
    """Another end, another label or another secret needs another password."""
    good = strict.credential()
    end, _, label = good.username.partition(":")
    assert await refusal(strict, Credential(f"{int(end) + 86400}:{label}", good.password)) == 401
    assert await refusal(strict, Credential(f"{end}:somebody", good.password)) == 401
    assert await refusal(strict, credential(b"another secret", "test", datetime.now(UTC))) == 401


async def test_a_call_outlives_its_credential(strict: Relay) -> None:
    """Only the first request asks for the name's end: a talk of an hour is not cut after ten minutes."""
    by = strict.credential(2)
    made = await allocate(strict, by)
    end = int(by.username.partition(":")[0])
    async with asyncio.timeout(PATIENCE_S):  # the relay has a clock of its own, which no test can jump
        while time.time() < end + 1.1:
            await asyncio.sleep(0.05)
    assert await refusal(strict, by) == 401
    assert await say(made, stun.Method.REFRESH, LIFETIME=600) == 0
    peer = ("1.1.1.1", 443)
    assert await say(made, stun.Method.CHANNEL_BIND, CHANNEL_NUMBER=0x4001, XOR_PEER_ADDRESS=peer) == 0
    made.close()


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "169.254.169.254",
     "224.0.0.251", "255.255.255.255", "0.0.0.0"],
)  # fmt: skip
async def test_the_relay_is_no_door_into_its_network(strict: Relay, address: str) -> None:
    """Nothing private, local or special is reached through it, the cloud's own address least of all."""
    assert await bind(strict, address) == 403


async def test_the_relay_reaches_what_is_public(strict: Relay) -> None:
    """The refusals are no general ones: a terminal at a provider's address is reached. Nothing is sent."""
    for address in ("1.1.1.1", "100.63.255.255", "100.128.0.1", "172.32.0.1", "223.255.255.254"):
        assert await bind(strict, address) == 0, address


async def test_the_relay_of_development_opens_loopback_and_no_more(loopback: Relay) -> None:
    """Even there the network around the machine stays closed."""
    assert await bind(loopback, "127.0.0.1") == 0
    assert await bind(loopback, "192.168.1.1") == 403


def test_the_secret_stands_where_only_its_user_reads(strict: Relay) -> None:
    """Not on the command line, not in the log, and in no file that others may open."""
    directory = strict.secret_file.parent
    assert SECRET.encode() not in Path(f"/proc/{strict.pid}/cmdline").read_bytes()
    assert SECRET not in (directory / "relay.log").read_text("utf-8")
    holding = [one for one in directory.iterdir() if SECRET.encode() in one.read_bytes()]
    assert holding
    assert [one for one in holding if one.stat().st_mode & 0o077] == []


@pytest.mark.parametrize(
    ("text", "mode", "turnserver", "says"),
    [
        (SECRET, 0o644, "turnserver", "chmod 600"),
        ("short", 0o600, "turnserver", "at least 32"),
        (SECRET, 0o600, "no-such-program", "apt-get install coturn"),
    ],
)
def test_a_bad_start_says_what_to_do(
    tmp_path: Path, text: str, mode: int, turnserver: str, says: str
) -> None:
    """The relay does not start open or half configured."""
    secret = tmp_path / "secret"
    secret.write_text(text)
    secret.chmod(mode)
    done = subprocess.run(
        ["sh", str(COTURN / "start.sh"), str(secret)], capture_output=True, text=True, check=False,
        timeout=20, env={**os.environ, "TURNSERVER": turnserver},
    )  # fmt: skip
    assert done.returncode == 1
    assert says in done.stderr
