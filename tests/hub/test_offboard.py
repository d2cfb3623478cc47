"""A municipality leaves: it takes everything along, nothing of it stays, and the others are as they were.

On both stores. Some of it beside a running hub, as a fleet admin would do it.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from hub import audit_sheet, offboard
from hub.__main__ import main
from hub.core.audit import Action
from hub.settings import HubSettings
from hub.store import leaving, tables, trail
from hub.store.database import Database, open_database
from hub.store.fences import POOL
from protocol.desk_link import CaptureUpdate, EndCall, PromiseCallback, RequestCapture, WrapUp
from protocol.errors import LocalError
from protocol.kiosk_link import TakeCapture
from protocol.values import CaptureKind, Role
from tests.fakes.hub_program import content, running
from tests.hub.conftest import Cast
from tests.hub.core.test_captures import picture

PICTURE = picture(640, 480)
TELEPHONE = "090-1234-5678"
PROMISE = PromiseCallback(department="zeimu", telephone=TELEPHONE, reason="納税証明の件", name="見本 花子")


async def _a_day(cast: Cast) -> str:
    """A call with a still and a promise; the operator has yet to wrap up. Gives the still."""
    call = await cast.talk()
    await cast.desk.say(RequestCapture(kind=CaptureKind.ID_PHOTO), call=call)
    take = (await cast.kiosk.expect(TakeCapture)).message
    assert (await cast.kiosk.upload(take.capture, take.upload_token, PICTURE)).status_code == 201
    await cast.desk.expect(CaptureUpdate, lambda said: said.capture.stage == "stored")
    await cast.desk.say(PROMISE, call=call)
    await cast.desk.say(EndCall(), call=call)
    await cast.kiosk.expect_call("callback")
    return take.capture


async def _wrapped_up(cast: Cast) -> str:
    capture = await _a_day(cast)
    call = (await _lines(cast.hub.house.database, tables.call))[0]["id"]
    await cast.desk.say(WrapUp(procedure="mynumber-card", outcome="completed", note="長い話"), call=call)
    await cast.desk.settled()
    return capture


async def _lines(database: Database, table: Any) -> list[dict[str, Any]]:
    async with database.read(POOL) as tx:
        return [dict(row) for row in (await tx.execute(select(table))).mappings()]


async def _everything(settings: HubSettings) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table but the trail."""
    database = await open_database(settings.store)
    try:
        rest = [one for one in tables.metadata.sorted_tables if one.name != "audit"]
        return {one.name: await _lines(database, one) for one in rest}
    finally:
        await database.close()


@dataclass
class Left:
    """After a day with the cast, its hub stopped: settings, and the id of the still."""

    settings: HubSettings
    capture: str
    hana: str


@pytest.fixture
async def left(tmp_path: Path) -> Left:
    """A day at both towns' counters, and a fleet admin of both. The hub does not run any more."""
    async with running(tmp_path) as hub:
        kiosk, far_kiosk = await hub.kiosk("t1"), await hub.kiosk("t2", "kitamidai")
        desk, far_desk = await hub.desk("hana"), await hub.desk("taro", ["kitamidai"])
        await hub.desk("mori", ["minami", "kitamidai"], Role.FLEET_ADMIN)
        async with kiosk, far_kiosk, desk, far_desk:
            await desk.available()
            capture = await _wrapped_up(Cast(hub, kiosk, desk, far_kiosk, far_desk))
            await far_desk.available()
            call = await far_kiosk.touch()
            await far_desk.rung()
            await far_desk.accept(call.id)
            await far_desk.say(EndCall(), call=call.id)
            await far_kiosk.expect_call("ended")
            await far_desk.say(WrapUp(procedure="other", outcome="completed"), call=call.id)
            await far_desk.settled()
        return Left(hub.house.settings, capture, desk.user)


async def _export(left: Left, to: Path) -> dict[str, Any]:
    await offboard.export(left.settings, content(), "minami", to)
    found: dict[str, Any] = json.loads((to / "manifest.json").read_bytes())
    return found


async def _destroy(left: Left, to: Path, by: str = "mori") -> str:
    return await offboard.destroy(left.settings, "minami", to, by, settle_s=0)


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


async def test_everything_is_taken_along_and_nothing_of_anybody_else(left: Left, tmp_path: Path) -> None:
    """Every row, the still as it was taken, people with their roles there; nothing that opens a door."""
    to = tmp_path / "out"
    manifest = await _export(left, to)
    assert [one["state"] for one in _read(to / "records/call.jsonl")] == ["callback"]
    assert _read(to / "records/call.jsonl")[0]["outcome_note"] == "長い話"
    assert _read(to / "records/callback.jsonl")[0]["telephone"] == TELEPHONE
    assert (to / f"stills/{left.capture}.jpg").read_bytes() == PICTURE
    people = _read(to / "people.jsonl")
    assert {one["login_name"] for one in people} == {"hana", "mori"}
    assert {role["municipality"] for one in people for role in one["roles"]} == {"minami"}
    assert {one["municipality"] for one in _read(to / "audit.jsonl")} == {"minami", None}
    assert "capture_stored" in {one["action"] for one in _read(to / "audit.jsonl")}
    assert (to / "content/municipality.yaml").is_file()
    whole = b"".join(path.read_bytes() for path in to.rglob("*") if path.is_file())
    assert b"kitamidai" not in b"".join(path.read_bytes() for path in to.glob("records/*"))
    for secret in (b'"password_hash"', b'"token_hash"', b'"wrapped"', b"argon2"):
        assert secret not in whole
    for table, count in manifest["rows"].items():
        assert len(_read(to / f"records/{table}.jsonl")) == count, table
    for one in manifest["files"]:
        data = (to / one["path"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (one["bytes"], one["sha256"])
    assert (to.stat().st_mode & 0o077, (to / "people.jsonl").stat().st_mode & 0o077) == (0, 0)


async def test_afterwards_nothing_of_it_is_left_and_the_other_town_is_as_it_was(
    left: Left, tmp_path: Path
) -> None:
    """Rows, keys, files, people of its own; the neighbours' rows to the last byte; the trail is whole."""
    to = tmp_path / "out"
    await _export(left, to)
    before = await _everything(left.settings)
    text = await _destroy(left, to)
    after = await _everything(left.settings)
    for name, rows in after.items():
        if name == "municipality":
            continue
        assert not [row for row in rows if row.get("municipality") == "minami"], name
        theirs = [row for row in before[name] if row.get("municipality") == "kitamidai"]
        assert [row for row in rows if row.get("municipality") == "kitamidai"] == theirs, name
    assert sorted(one["login_name"] for one in after["user"]) == ["mori", "taro"]
    assert left.hana not in json.dumps(after, default=str), "not in any table"
    assert not (tmp_path / "keys" / "minami.key").exists()
    assert (tmp_path / "keys" / "kitamidai.key").exists()
    assert not (tmp_path / "captures" / "minami").exists()
    assert "0 entries" not in await audit_sheet.check(left.settings, content())
    assert text.startswith("データ消去証明書\n")
    assert (to / "certificate.txt").read_text("utf-8") in text


async def test_the_certificate_says_what_the_trail_proves(left: Left, tmp_path: Path) -> None:
    """How many of what, when, by whom, after which export; the digest of the entry is that of the chain."""
    to = tmp_path / "out"
    manifest = await _export(left, to)
    await _destroy(left, to)
    said = (to / "certificate.txt").read_text("utf-8")
    database = await open_database(left.settings.store)
    async with database.read(POOL) as tx:
        entries = await trail.entries(tx)
    await database.close()
    last, digest = entries[-1]
    assert (last.action, last.municipality, last.subject) == (Action.TOWN_DESTROYED, "minami", "minami")
    assert {key: last.detail[key] for key in manifest["rows"]} == manifest["rows"]
    assert last.detail["stills"] == 1
    whole = hashlib.sha256((to / "manifest.json").read_bytes()).hexdigest()
    for word in ("みなみ市(minami)", "mori さん", "通話: 1件", "写真: 1枚", "1人の登録", digest, whole):
        assert word in said, said
    assert (Action.CAPTURE_KEY_DESTROYED, left.capture) in {(one.action, one.subject) for one, _ in entries}


@pytest.mark.parametrize(
    "at", ["_destroy_stills", "keys.destroy", "_destroy_records", "leaving.take_some", "folders.certify"]
)
async def test_an_interruption_loses_nothing_and_the_same_command_goes_on(
    left: Left, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """Whatever it was doing: the end is the same, and the certificate counts what there was at first."""
    to = tmp_path / "out"
    await _export(left, to)

    class PowerCutError(Exception):
        pass

    calls = 0

    def cut(*_: object, **__: object) -> object:
        nonlocal calls
        calls += 1
        raise PowerCutError

    with monkeypatch.context() as patch:
        where, _, name = f"offboard.{at}".rpartition(".")
        target: Any = {
            "offboard": offboard, "offboard.keys": offboard.keys, "offboard.leaving": leaving,
            "offboard.folders": offboard.folders,
        }[where]  # fmt: skip
        patch.setattr(target, name, cut)
        with pytest.raises(PowerCutError):
            await _destroy(left, to)
    assert calls == 1
    if at != "folders.certify":
        with pytest.raises(LocalError, match="go on with --destroy"):
            await offboard.export(left.settings, content(), "minami", tmp_path / "again")
    said = await _destroy(left, to)
    assert "通話: 1件" in said
    assert "写真: 1枚" in said
    again = await _destroy(left, to)
    assert again == said, "a certificate that was lost is the same again"
    after = await _everything(left.settings)
    assert not [row for rows in after.values() for row in rows if row.get("municipality") == "minami"]


async def test_what_was_not_handed_over_is_not_destroyed(left: Left, tmp_path: Path) -> None:
    """Records that changed since, an export that is not whole, or another's; nobody who answers for it."""
    to = tmp_path / "out"
    await _export(left, to)
    with pytest.raises(LocalError, match="--by: hana is no fleet admin"):
        await _destroy(left, to, by="hana")
    people = (to / "people.jsonl").read_bytes()
    (to / "people.jsonl").write_bytes(people + b"{}\n")
    with pytest.raises(LocalError, match=r"people\.jsonl: is not what was exported"):
        await _destroy(left, to)
    (to / "people.jsonl").write_bytes(people)
    with pytest.raises(LocalError, match="is an export of minami, not of kitamidai"):
        await offboard.destroy(left.settings, "kitamidai", to, "mori", settle_s=0)
    with pytest.raises(LocalError, match="name the directory of a finished export"):
        await _destroy(left, tmp_path / "nothing")
    database = await open_database(left.settings.store)
    async with database.write(POOL) as tx:
        await tx.execute(tables.callback.update().values(tries=1))
    await database.close()
    with pytest.raises(LocalError, match=r"changed since this export \(records/callback\.jsonl\)"):
        await _destroy(left, to)
    assert (tmp_path / "keys" / "minami.key").exists()
    with pytest.raises(LocalError, match="exists; name a new directory"):
        await offboard.export(left.settings, content(), "minami", to)
    await _export(left, tmp_path / "newer")
    assert "通話: 1件" in await _destroy(left, tmp_path / "newer")


def _openssl(*words: str | Path) -> bytes:
    return subprocess.run(["openssl", *words], check=True, capture_output=True).stdout


async def test_an_export_can_be_sealed_for_the_municipality_alone(left: Left, tmp_path: Path) -> None:
    """Its key and openssl open every file; without it none is readable, and destroying goes by it as well."""
    key, pem, to = tmp_path / "town.key", tmp_path / "town.pem", tmp_path / "out"
    _openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", pem, "-subj", "/CN=x")
    await offboard.export(left.settings, content(), "minami", to, pem)
    files = [path for path in to.rglob("*") if path.is_file() and path.name != "manifest.json"]
    assert {path.suffix for path in files} == {".p7m"}
    whole = b"".join(path.read_bytes() for path in files)
    for word in (TELEPHONE.encode(), PICTURE[200:260], "hana さん".encode(), b"municipality"):
        assert word not in whole
    for name, part in ((f"stills/{left.capture}.jpg", PICTURE), ("people.jsonl", "hana さん".encode())):
        sealed = to / f"{name}.p7m"
        assert part in _openssl("cms", "-decrypt", "-binary", "-inform", "DER", "-inkey", key, "-in", sealed)
    said = await _destroy(left, to)
    assert json.loads((to / "manifest.json").read_bytes())["sealed_for"] in said
    for spoilt, why in ((tmp_path / "nothing.pem", "No such file"), (key, "holds no certificate")):
        with pytest.raises(LocalError, match=f"{why}.*openssl req"):
            await offboard.export(left.settings, content(), "kitamidai", tmp_path / "far", spoilt)


async def test_while_somebody_talks_or_wraps_up_nothing_is_exported_or_destroyed(
    cast: Cast, tmp_path: Path
) -> None:
    """And nothing of it is left behind."""
    settings = cast.hub.house.settings
    call = await cast.talk()
    with pytest.raises(LocalError, match=f"1 calls are not over \\({call}\\)"):
        await offboard.export(settings, content(), "minami", tmp_path / "out")
    await cast.desk.say(EndCall(), call=call)
    await cast.kiosk.expect_call("ended")
    with pytest.raises(LocalError, match="wrap-up is not finished by hana さん"):
        await offboard.export(settings, content(), "minami", tmp_path / "out")
    assert not list(tmp_path.glob("*out*"))
    assert "0 stills" in await offboard.export(settings, content(), "kitamidai", tmp_path / "out")


async def test_beside_a_running_hub_the_doors_close(cast: Cast, tmp_path: Path) -> None:
    """Its terminal and its operator are put out and stay out; the other town talks on."""
    settings = cast.hub.house.settings
    await cast.hub.desk("mori", ["minami", "kitamidai"], Role.FLEET_ADMIN)
    await _wrapped_up(cast)
    to = tmp_path / "out"
    await offboard.export(settings, content(), "minami", to)
    await offboard.destroy(settings, "minami", to, "mori", settle_s=0)
    await cast.hub.house.inspection.look()
    assert (await cast.desk.expect_close())[0] == 4001
    assert (await cast.kiosk.expect_close())[0] == 4003
    with pytest.raises(AssertionError, match="4003"):
        await cast.kiosk.connect()
    await cast.far_desk.available()
    call = await cast.far_kiosk.touch()
    assert (await cast.far_desk.rung()).call == call.id
    await cast.far_desk.accept(call.id)
    assert (await cast.far_kiosk.expect_call("talking")).id == call.id


async def test_a_person_whom_other_towns_name_stays_a_name(left: Left, tmp_path: Path) -> None:
    """Her login goes, the other town's record still says who it was."""
    database = await open_database(left.settings.store)
    async with database.write(POOL) as tx:
        far = tables.call.c.municipality == "kitamidai"
        await tx.execute(tables.call.update().where(far).values(operator=left.hana))
    await database.close()
    to = tmp_path / "out"
    await _export(left, to)
    said = await _destroy(left, to)
    assert "そのうち1人は" in said
    after = await _everything(left.settings)
    (hana,) = [one for one in after["user"] if one["id"] == left.hana]
    assert (hana["name"], hana["password_hash"]) == ("hana さん", "!")
    assert hana["login_name"] == f"gone:{left.hana}"
    assert hana["disabled_at"] is not None
    assert not [one for one in after["login"] if one["user"] == left.hana]


async def test_history_of_a_town_that_stays_cannot_be_taken_out(left: Left) -> None:
    """Events may go with a municipality that leaves, and with none beside it."""
    database = await open_database(left.settings.store)
    one = leaving.Leaving(
        municipality="minami", manifest="0" * 64, begun_at=datetime.now(UTC), begun_by=left.hana
    )

    async def take_out(town: str) -> None:
        async with database.write(POOL) as tx:
            await tx.execute(tables.call_event.delete().where(tables.call_event.c.municipality == town))

    try:
        with pytest.raises(DBAPIError, match="append-only"):
            await take_out("minami")
        async with database.write(POOL) as tx:
            await leaving.close_doors(tx, one)
        with pytest.raises(DBAPIError, match="append-only"):
            await take_out("kitamidai")
        await take_out("minami")
    finally:
        await database.close()


def test_it_is_a_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong is said in one line, with what to do."""
    path = tmp_path / "hub.yaml"
    path.write_text(f"database: {{path: {tmp_path}/hub.db}}\nkeys: {{directory: {tmp_path}/keys}}\n")
    begin = ["--config", str(path), "offboard"]
    assert main([*begin, "nowhere", "--to", str(tmp_path / "out")]) == 1
    assert "nowhere" in capsys.readouterr().err
    assert main([*begin, "minami", "--to", str(tmp_path / "out")]) == 0
    assert "0 stills" in capsys.readouterr().out
    assert main([*begin, "minami", "--to", str(tmp_path / "out"), "--destroy"]) == 1
    assert "--by: nobody is no fleet admin" in capsys.readouterr().err
