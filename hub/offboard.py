"""`python -m hub offboard`: a municipality takes everything along, and nothing of it is left here.

Writing out changes nothing and may be done as often as wanted. Destroying goes by an export that was looked
at: the doors are closed, keys and stills go, records go, the certificate is written. It may be interrupted at
any moment; the same command goes on where it was.
"""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from hub.commands import open_all
from hub.core import offboarding as rules
from hub.core.audit import Action, Entry
from hub.core.captures import CaptureRecord
from hub.core.content import Content
from hub.core.offboarding import Destroyed, Manifest
from hub.core.roles import where
from hub.settings import HubSettings
from hub.store import calls, captures, leaving, people, pool, trail
from hub.store.database import Database, Tx, open_database
from hub.store.leaving import Leaving
from hub.store.trail import Wanted
from hub.vault import folder as folders
from hub.vault import keys
from hub.vault.envelope import Recipient
from hub.vault.folder import Folder
from hub.vault.keys import KeyDirectory
from hub.vault.seal import Sealed, UnreadableError, unseal
from hub.vault.shelf import DirectoryShelf
from protocol.errors import LocalError
from protocol.values import Role

OPEN = "whoever has this directory reads it all, stills and telephone numbers too (see --seal-for)"

PAGE = 5000
"""Entries of the audit trail that are read at once."""

SETTLE_S = 5.0
"""After the doors are closed: so long a running hub may take to notice and to let go."""


async def export(
    settings: HubSettings, content: Content, municipality: str, to: Path, seal_for: Path | None = None
) -> str:
    """Everything of a municipality to a new directory, sealed for a certificate if one is named.

    LocalError while calls are open there.
    """
    name = content.town(municipality).municipality.name
    recipient = Recipient(seal_for) if seal_for else None
    folder = Folder(to, recipient)
    database = await open_all(settings, content)
    try:
        async with database.read([municipality]) as tx:
            await _refuse_open(tx, municipality)
            if await leaving.begun(tx, municipality) is not None:
                raise LocalError("leaving", f"{municipality}: is being destroyed; go on with --destroy")
            folder.begin()
            rows: dict[str, int] = {}
            for table in leaving.its_tables():
                rows[table.name] = 0
                with folder.file(f"{rules.RECORDS}{table.name}.jsonl") as write:
                    async for line in leaving.rows(tx, table, municipality):
                        write(line)
                        rows[table.name] += 1
            await _people(tx, folder, municipality)
            await _audit(tx, folder, municipality)
            found = await captures.readable(tx, [municipality])
            stills = [(one, await captures.key(tx, one) or b"") for one in found]
        _stills(settings, folder, municipality, stills)
        folder.take(Path(settings.content) / municipality, "content/")
        manifest = rules.encode(
            Manifest(
                municipality=municipality, name=name, hub=settings.name, exported_at=datetime.now(UTC),
                rows=rows, files=tuple(folder.files), sealed_for=recipient.fingerprint if recipient else "",
            )
        )  # fmt: skip
        folder.finish(manifest)
        async with database.write([municipality]) as tx:
            detail: dict[str, str | int] = {"manifest": rules.sha256(manifest), "files": len(folder.files)}
            await _note(tx, Action.TOWN_EXPORTED, municipality, detail)
    finally:
        await database.close()
    return (
        f"{to}: {len(folder.files)} files with {sum(rows.values())} records and {len(stills)} stills\n"
        f"sha256 of {rules.MANIFEST}: {rules.sha256(manifest)}\n"
        + (f"opens with the key of the certificate {recipient.fingerprint}" if recipient else OPEN)
    )


async def _refuse_open(tx: Tx, municipality: str) -> None:
    live = [one.id for one in await calls.live(tx, [municipality])]
    rules.refuse_open(live, await leaving.wrapping_up(tx, municipality), municipality)


async def _people(tx: Tx, folder: Folder, municipality: str) -> None:
    """Who worked for it and as what; nothing that opens a login, nothing about other municipalities."""
    members = await leaving.members(tx, municipality)
    skills, centres = await pool.skills_of(tx, members), await pool.centres_of(tx)
    with folder.file("people.jsonl") as write:
        for id in members:
            who = await people.anyone_with(tx, id)
            assert who is not None, "a membership refers to its user"
            line = {
                "id": id, "login_name": who.login_name, "name": who.name, "disabled": who.disabled,
                "roles": [one for one in who.memberships if one.municipality == municipality],
                "centre": centres.get(id, ""), "skills": skills.get(id, {}),
            }  # fmt: skip
            write(msgspec.json.encode(line) + b"\n")


async def _audit(tx: Tx, folder: Folder, municipality: str) -> None:
    """What was done there and by its people, newest first."""
    before: int | None = None
    with folder.file("audit.jsonl") as write:
        while found := await trail.read(tx, Wanted(municipality=municipality, before=before), PAGE):
            for number, entry in found:
                line = {
                    "number": number, "at": entry.at, "municipality": entry.municipality,
                    "actor": entry.actor, "action": str(entry.action), "subject": entry.subject,
                    "detail": dict(entry.detail),
                }  # fmt: skip
                write(msgspec.json.encode(line) + b"\n")
            before = found[-1][0]


def _stills(
    settings: HubSettings, folder: Folder, municipality: str, stills: list[tuple[CaptureRecord, bytes]]
) -> None:
    """Opened, since the municipality has no use for what stays shut. LocalError for one that does."""
    if not stills:
        return
    newest, its_key = stills[-1]
    sealed = {municipality: (newest.id, its_key)}
    key = KeyDirectory(Path(settings.keys.directory), [municipality], sealed).of(municipality)
    shelf = DirectoryShelf(Path(settings.captures.directory))
    for one, wrapped in stills:
        try:
            body = Sealed(shelf.get(municipality, one.id), wrapped)
            plain = unseal(body, municipality_key=key, municipality=municipality, capture=one.id)
        except (OSError, UnreadableError):
            raise LocalError(
                "still", f"still {one.id} cannot be opened; restore its file from the backup, or give all "
                f"stills up: python -m hub destroy-stills {municipality}",
            ) from None  # fmt: skip
        with folder.file(f"stills/{one.id}.jpg") as write:
            write(plain)


async def destroy(
    settings: HubSettings, municipality: str, to: Path, by: str, *, settle_s: float = SETTLE_S,
) -> str:  # fmt: skip
    """Nothing of a municipality stays but the trail; the certificate. `by` is a fleet admin's login name.

    LocalError when the export is not whole or is older than the records, or while calls are open.
    """
    data = folders.manifest_of(to)
    manifest = rules.decode(data, municipality, str(to))
    folders.verify(to, manifest)
    digest = rules.sha256(data)
    database = await open_database(settings.store, settings.database.owner_url)
    try:
        done = await _done(database, municipality, digest)
        if done is None:
            one = await _close(database, manifest, digest, to, by)
            await asyncio.sleep(settle_s)
            await _destroy_stills(settings, database, municipality)
            await _destroy_records(database, one)
            done = await _done(database, municipality, digest)
            assert done is not None, "it has just been written"
    finally:
        await database.close()
    text = rules.certificate(manifest, done)
    place = folders.certify(to, text)
    return (
        f"{text}\nwritten to {place}\nleft to do: take {settings.content}/{municipality} away, restart the "
        f"hubs, remove {municipality}.key from other hubs and from backups"
    )


async def _close(database: Database, manifest: Manifest, digest: str, to: Path, by: str) -> Leaving:
    """Nobody of it comes in any more; what is about to go is exactly what was handed over.

    The records are compared before the lock is taken, so that no other municipality waits for it.
    """
    municipality = manifest.municipality
    async with database.read([municipality]) as tx:
        one = await leaving.begun(tx, municipality)
        if one is not None:
            if one.manifest != digest:
                raise LocalError("other_export", f"{to}: destroying was begun by another export; name that")
            return one
        rules.refuse_changed(manifest, await _digests(tx, municipality), str(to))
        looked = await trail.last_number(tx, municipality)
        who = await people.anyone_named(tx, by)
    if who is None or not where(who.memberships, {Role.FLEET_ADMIN}):
        raise LocalError("by", f"--by: {by or 'nobody'} is no fleet admin; see: python -m hub list")
    async with database.write([municipality]) as tx:
        await _refuse_open(tx, municipality)
        if await trail.last_number(tx, municipality) != looked:
            raise LocalError("export_old", f"{municipality}: something was done just now; say it again")
        stills = len(await captures.readable(tx, [municipality]))
        one = Leaving(
            municipality=municipality, manifest=digest, begun_at=datetime.now(UTC), begun_by=who.id,
            counts=await leaving.counts(tx, municipality) | {"stills": stills},
            people=tuple(id for id in await leaving.serving_nobody_else(tx, municipality) if id != who.id),
        )  # fmt: skip
        await leaving.close_doors(tx, one)
        await _note(tx, Action.TOWN_CLOSED, municipality, {"manifest": digest, "by": who.id})
    return one


async def _digests(tx: Tx, municipality: str) -> dict[str, str]:
    """Of each table's file, as an export would write it now."""
    found = {}
    for table in leaving.its_tables():
        digest = hashlib.sha256()
        async for line in leaving.rows(tx, table, municipality):
            digest.update(line)
        found[f"{rules.RECORDS}{table.name}.jsonl"] = digest.hexdigest()
    return found


async def _destroy_stills(settings: HubSettings, database: Database, municipality: str) -> None:
    """First the keys in the table, then the municipality's own, then the bytes that nothing opens now."""
    now = datetime.now(UTC)
    async with database.write([municipality]) as tx:
        for still in await leaving.destroy_keys(tx, municipality, now):
            entry = Entry(
                at=now, municipality=municipality, actor="command", action=Action.CAPTURE_KEY_DESTROYED,
                subject=still,
            )  # fmt: skip
            await trail.append(tx, entry)
    keys.destroy(Path(settings.keys.directory), municipality)
    try:
        DirectoryShelf(Path(settings.captures.directory)).drop_all(municipality)
    except OSError as error:
        raise LocalError("stills", f"{error.filename}: cannot be removed: {error.strerror}") from None


async def _destroy_records(database: Database, one: Leaving) -> None:
    """In pieces, between which other municipalities have their turns; last, the entry that says so."""
    towns = [one.municipality]
    async with database.write(towns) as tx:
        await _refuse_open(tx, one.municipality)  # a terminal may have called while the doors were closing
        await leaving.loosen(tx, one.municipality)
    for table in reversed(leaving.its_tables()):
        more = True
        while more:
            async with database.write(towns) as tx:
                more = await leaving.take_some(tx, table, one.municipality)
    async with database.write(towns) as tx:
        kept = await leaving.remove_people(tx, one.people)
        await leaving.end(tx, one.municipality)
        detail: dict[str, str | int] = {"manifest": one.manifest, "by": one.begun_by}
        detail |= {"removed": len(one.people), "kept": kept, **one.counts}
        await _note(tx, Action.TOWN_DESTROYED, one.municipality, detail)


async def _done(database: Database, municipality: str, digest: str) -> Destroyed | None:
    """What the trail says of the end of this very export; None while there is no such entry."""
    async with database.read([municipality]) as tx:
        found = await trail.last_of(tx, Action.TOWN_DESTROYED, municipality)
        if found is None or found[0].detail["manifest"] != digest:
            return None
        entry, proof = found
        by = await people.anyone_with(tx, str(entry.detail["by"]))
    figures = {key: value for key, value in entry.detail.items() if isinstance(value, int)}
    stills, removed, kept = (figures.pop(key) for key in ("stills", "removed", "kept"))
    return Destroyed(
        at=entry.at, by=by.name if by else str(entry.detail["by"]), counts=figures, stills=stills,
        removed=removed, kept=kept, manifest=digest, entry=proof,
    )  # fmt: skip


async def _note(tx: Tx, action: Action, municipality: str, detail: dict[str, str | int]) -> None:
    entry = Entry(
        at=datetime.now(UTC), municipality=municipality, actor="command", action=action, subject=municipality,
        detail=detail,
    )  # fmt: skip
    await trail.append(tx, entry)
