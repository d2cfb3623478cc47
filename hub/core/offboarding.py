"""Decides what leaves with a municipality, when its records may be destroyed, and what the certificate says.

It opens no file and no database, and destroys nothing. What was handed over is described by a manifest: the
digest of each file. Nothing may be destroyed that is not in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from hub.core.audit import JAPAN
from protocol.errors import LocalError

MANIFEST = "manifest.json"
CERTIFICATE = "certificate.txt"
SEALED = ".p7m"
RECORDS = "records/"
"""Directory of the files that are made out of tables, one table a file, one row a line."""

STAYS_SECRET = ("_hash", "_digest", "wrapped", "sealed")
"""Ends of names of columns that open something: they leave with nobody."""

TELEMETRY = frozenset({"seen_at", "software"})
"""Columns that change while nothing happens."""

NAMES = {
    "site": "窓口(拠点)",
    "kiosk": "窓口端末の登録",
    "membership": "役割の登録",
    "call": "通話",
    "call_leg": "応対の区切り",
    "call_event": "通話の経過",
    "transfer": "相談・転送",
    "callback": "折り返しの約束",
    "capture": "写真の記録",
    "capture_key": "写真の鍵",
    "staff_ring": "職員の呼び出し",
    "bell": "呼び出しを受ける設定",
    "disaster": "災害時の画面",
}
"""Tables as a certificate names them; another one stands there with its own word."""


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file of an export; `path` within its directory. `plain`: digest of what is in it, sealed or not."""

    path: str
    bytes: int
    sha256: str
    plain: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was handed over; `rows` says how many lines each table's file has.

    `sealed_for`: fingerprint of the certificate whose key opens the files, '' when they lie open.
    """

    municipality: str
    name: str
    hub: str
    exported_at: datetime
    rows: dict[str, int]
    files: tuple[File, ...]
    sealed_for: str = ""


def encode(manifest: Manifest) -> bytes:
    """As the file stands, for people too."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def decode(data: bytes, municipality: str, where: str) -> Manifest:
    """LocalError when it is no manifest of this municipality."""
    try:
        found = msgspec.json.decode(data, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise LocalError("manifest", f"{where}: no manifest of an export: {error}; export anew") from None
    if found.municipality != municipality:
        raise LocalError("manifest", f"{where}: is an export of {found.municipality}, not of {municipality}")
    return found


def sha256(data: bytes) -> str:
    """Hex digest."""
    return hashlib.sha256(data).hexdigest()


def leaves(column: str) -> bool:
    """Whether a column of a table is handed over."""
    return column not in TELEMETRY and not column.endswith(STAYS_SECRET)


def refuse_open(live: Collection[str], wrapping: Collection[str], municipality: str) -> None:
    """LocalError while somebody talks or waits there, or an operator has yet to finish her wrap-up."""
    if live:
        raise LocalError(
            "calls_open",
            f"{municipality}: {len(live)} calls are not over ({', '.join(sorted(live)[:3])}); wait for their "
            "end, or revoke its terminals (revoke-kiosk) and try again in a few seconds",
        )
    if wrapping:
        raise LocalError(
            "wrap_up_open",
            f"{municipality}: wrap-up is not finished by {', '.join(sorted(wrapping))}; let them do it first",
        )


def refuse_changed(manifest: Manifest, now: Mapping[str, str], where: str) -> None:
    """LocalError when a table is not any more what was handed over; `now` is file to digest."""
    before = {one.path.removesuffix(SEALED): one.plain for one in manifest.files}
    differs = sorted(path for path, digest in now.items() if before.get(path) != digest)
    if differs:
        raise LocalError(
            "export_old",
            f"{where}: records have changed since this export ({', '.join(differs)}); export anew to another "
            "directory, look at it, then destroy",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Destroyed:
    """What a certificate certifies; `entry` is the digest of the audit entry that says the same."""

    at: datetime
    by: str
    counts: Mapping[str, int]
    stills: int
    removed: int
    kept: int
    manifest: str
    entry: str


def certificate(town: Manifest, done: Destroyed) -> str:
    """The text, for the municipality's files."""
    named = f"  そのうち{done.kept}人は、ほかの自治体の記録に残るため、名前だけを残して使えなくしました。"
    rows = [f"  {NAMES.get(table, table)}: {count}件" for table, count in done.counts.items() if count]
    lines = [
        "データ消去証明書",
        "",
        f"自治体: {town.name}({town.municipality})",
        f"消去した日時: {_moment(done.at)}",
        f"実施者: {done.by}",
        f"ハブ: {town.hub}",
        "",
        "1. 消去したもの",
        *(rows or ["  記録はありませんでした。"]),
        f"  保存していた写真: {done.stills}枚(写真ごとの鍵を破棄し、暗号化したファイルを消しました。)",
        "  自治体の鍵: 1個(このハブにあったもの)",
        f"  この自治体だけを受け持っていた人: {done.removed}人の登録を消しました。",
        *([named] if done.kept else []),
        "",
        "2. 消去の前に引き渡したもの",
        f"  書き出した日時: {_moment(town.exported_at)}",
        f"  ファイル: {len(town.files)}個(一覧は {MANIFEST})",
        *([f"  封をした相手の証明書の SHA-256: {town.sealed_for}"] if town.sealed_for else []),
        f"  {MANIFEST} の SHA-256:",
        f"    {done.manifest}",
        "",
        "3. 残したもの",
        "  だれがいつ何をしたかの記録(audit)。ID と数だけで、名前、話した内容、写真は含みません。",
        "  前後の項目とつながっているため、抜き取ると分かります。この消去の項目の SHA-256:",
        f"    {done.entry}",
        "",
        "4. この証明書に含まれないもの",
        "  バックアップと、ほかの機械に写した鍵。それぞれの保存期間に従って消してください。",
        "",
        "確かめ方",
        f"  sha256sum {MANIFEST}",
        "  python -m hub audit --whole",
    ]
    return "\n".join(lines) + "\n"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(JAPAN):%Y年%m月%d日 %H時%M分%S秒}(日本時間)"
