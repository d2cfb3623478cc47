"""The command line of the hub: serve, check, add people and terminals."""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import date, datetime
from pathlib import Path

import msgspec
import uvloop

from hub import (
    access,
    alone,
    audit_sheet,
    commands,
    content_files,
    drift_report,
    duty_sheet,
    offboard,
    pool,
    preflight,
    switches,
)
from hub.core.content import Content
from hub.core.duty_file import parse_date
from hub.core.names import is_text
from hub.core.opening import JAPAN
from hub.house import build
from hub.preflight import Ready
from hub.server import PortInUseError, bind, serve
from hub.settings import HubSettings, load
from protocol import records
from protocol.errors import ConfigError, LocalError
from protocol.values import Role

EXIT_FAILED, EXIT_CONFIG, EXIT_PORT = 1, 2, 3

EPILOG = """exit codes: 0 done, 1 cannot run (the message says what to do), 2 settings or content wrong,
3 port in use. The first admin: python -m hub add-admin NAME"""


USER_JOBS = {
    "set-password": "a new password, asked for or read from standard input; the user is logged out",
    "disable-user": "no login any more; the user is logged out within 5 s",
    "enable-user": "logins again, with the password as it is",
}


def parser() -> argparse.ArgumentParser:
    """All options and commands."""
    main = argparse.ArgumentParser(
        prog="python -m hub", description="The operator hub: rings operators and relays what media needs.",
        epilog=EPILOG,
    )  # fmt: skip
    main.add_argument("--config", type=Path, default=Path("config/hub.yaml"), help="settings file")
    main.add_argument("--check", action="store_true", help="look at all that a start needs, then end")
    main.add_argument("--port", type=int, help="listen here instead of listen.port")
    jobs = main.add_subparsers(dest="job", title="commands", metavar="COMMAND")
    _people(jobs)
    kiosk = jobs.add_parser("add-kiosk", help="a terminal and its public key")
    kiosk.add_argument("device", help="the terminal's id")
    kiosk.add_argument("--municipality", required=True)
    kiosk.add_argument("--site", required=True)
    kiosk.add_argument("--terminal", help="its id in municipality.yaml (default: the device id)")
    kiosk.add_argument("--public-key", required=True, help="base64 of the raw Ed25519 key")
    jobs.add_parser("list", help="which people and terminals there are")
    jobs.add_parser(
        "migrate", help="bring the database's tables to this version; a start does it too, if it may"
    )
    for job, text in USER_JOBS.items():
        jobs.add_parser(job, help=text).add_argument("name", help="login name")
    reset = jobs.add_parser(
        "reset-second-factor", help="a lost telephone: the next login sets up a new second factor"
    )
    whom = reset.add_mutually_exclusive_group(required=True)
    whom.add_argument("name", nargs="?", help="login name")
    whom.add_argument("--everybody", action="store_true", help="after the hub's own key was lost")
    skill = jobs.add_parser("set-skill", help="what somebody can: a skill of centres.yaml and a level")
    skill.add_argument("name", help="login name")
    skill.add_argument("skill")
    skill.add_argument("level", type=int, help="1 (knows it) to 5 (teaches it); 0 takes it away")
    centre = jobs.add_parser("set-centre", help="where somebody sits: a centre of centres.yaml")
    centre.add_argument("name", help="login name")
    centre.add_argument("centre", help="its id; - for none")
    staffing = jobs.add_parser("staffing", help="how many operators a load wants (Erlang C)")
    staffing.add_argument("calls_per_hour", type=float, help="of all municipalities of the pool together")
    staffing.add_argument("minutes", type=float, help="mean time of a call with its wrap-up")
    staffing.add_argument("--percent", type=float, default=80, help="answered in time (default: 80)")
    staffing.add_argument("--within", type=float, default=20, help="seconds (default: 20)")
    stills = jobs.add_parser(
        "destroy-stills", help="make all stored stills unreadable now; there is no way back"
    )
    stills.add_argument("municipality")
    leaves = jobs.add_parser("offboard", help="a municipality leaves: write it all out, then destroy it")
    leaves.add_argument("municipality")
    leaves.add_argument("--to", type=Path, required=True, help="a new directory; then the one of the export")
    leaves.add_argument("--seal-for", type=Path, help="PEM certificate whose key alone opens the files")
    leaves.add_argument(
        "--destroy", action="store_true", help="destroy what was exported; there is no way back"
    )
    leaves.add_argument("--by", default="", help="with --destroy: login name of the fleet admin who does it")
    sheet = jobs.add_parser("duties", help="who takes what at which counter on a day (業務分担表)")
    sheet.add_argument("municipality")
    sheet.add_argument("--on", metavar="DATE", help="a day in Japan, as 2026-12-05 (default: today)")
    drift = jobs.add_parser("drift", help="which transfers are so many that they could become first-contact")
    drift.add_argument("municipality")
    drift.add_argument("--days", type=int, default=90, help="so many days back (default: 90)")
    record = jobs.add_parser("audit", help="who did what, newest last; or whether the record is whole")
    record.add_argument("--municipality", help="only what belongs to it and its people (default: everything)")
    record.add_argument("--on", metavar="DATE", help="only a day in Japan, as 2026-12-05")
    record.add_argument("--most", type=int, default=100, help="at most so many of the newest (default: 100)")
    record.add_argument(
        "--whole", action="store_true", help="check instead that no entry was changed or taken out"
    )
    disaster = jobs.add_parser(
        "disaster", help="all terminals of a municipality to one page and one queue, at any hour; or back"
    )
    disaster.add_argument("switch", choices=("on", "off"))
    disaster.add_argument("municipality")
    disaster.add_argument("--page", help="with on: one of disaster_pages in its duties.yaml")
    revoke = jobs.add_parser("revoke-kiosk", help="let a terminal in no more; its link closes within 5 s")
    revoke.add_argument("device", help="the terminal's id")
    return main


def _people(jobs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The commands that make somebody known to the hub."""
    for job, text, given in (
        ("add-admin", "the first admin, or one more: looks after people, terminals, the audit", [Role.ADMIN]),
        ("add-operator", "an operator", [Role.OPERATOR]),
        ("add-user", "somebody with the roles that --role names", None),
    ):
        user = jobs.add_parser(job, help=f"{text}; the password is asked for, or read from standard input")
        user.add_argument("name", help="login name")
        user.add_argument("--display", help="name on screens (default: the login name)")
        user.add_argument("--municipality", action="append", help="may be repeated; without it: all")
        if given is None:
            user.add_argument(
                "--role", action="append", required=True, choices=[str(one) for one in Role],
                help="may be repeated",
            )  # fmt: skip
            user.add_argument("--department", help="of a specialist: its id in municipality.yaml")
        else:
            user.set_defaults(role=given, department=None)


def main(arguments: list[str] | None = None) -> int:
    """Run it; the exit code."""
    asked = parser().parse_args(arguments)
    try:
        _check_text(asked)
        settings = load(asked.config)
        if asked.port is not None:
            settings = with_port(settings, asked.port)
        if asked.job and not asked.check:
            return _job(asked, settings, content_files.load(Path(settings.content)))
        ready = preflight.look(settings, starting=not asked.check)
        return _say(asked.config, ready) if asked.check else _serve(settings, ready.content)
    except preflight.NotReadyError as error:
        print(f"hub: {error.message}", file=sys.stderr)
        return max(map(_code, error.errors), key=(EXIT_FAILED, EXIT_PORT, EXIT_CONFIG).index)
    except LocalError as error:
        print(f"hub: {error.message}", file=sys.stderr)
        return _code(error)


def _code(error: LocalError) -> int:
    if isinstance(error, ConfigError):
        return EXIT_CONFIG
    return EXIT_PORT if isinstance(error, PortInUseError) else EXIT_FAILED


def _day(text: str | None) -> date:
    """The day that was asked for. LocalError when there is no such day."""
    if text is None:
        return datetime.now(JAPAN).date()
    try:
        return parse_date(text)
    except ValueError as error:
        raise LocalError("day", f"--on: {error}") from None


def _days(days: int) -> int:
    """LocalError when it is no span of days that one can look back."""
    if not 1 <= days <= 3660:
        raise LocalError("days", f"--days {days}: give 1 to 3660")
    return days


def _check_text(asked: argparse.Namespace) -> None:
    """LocalError for an argument that holds bytes which are no characters."""
    for word in vars(asked).values():
        for one in word if isinstance(word, list) else [word]:
            if isinstance(one, str) and not is_text(one):
                raise LocalError(
                    "argument", f"{one!r}: not text in UTF-8; look at the terminal's language settings"
                )


def with_port(settings: HubSettings, port: int) -> HubSettings:
    """The settings with another port. ConfigError when it is none."""
    if not 1 <= port <= 65535:
        raise ConfigError("--port", None, "", f"{port} is no port; give 1 to 65535")
    listen = msgspec.structs.replace(settings.listen, port=port)
    return msgspec.structs.replace(settings, listen=listen)


def _say(config: Path, ready: Ready) -> int:
    towns = ready.content.towns
    pages = sum(len(town.pages) for town in towns.values())
    print(f"{config}: good; {len(towns)} municipalities, {pages} pages")
    for note in ready.notes:
        print(f"note: {note}")
    return 0


def _job(asked: argparse.Namespace, settings: HubSettings, content: Content) -> int:
    match asked.job:
        case "add-admin" | "add-operator" | "add-user":
            password = commands.read_password()
            print(asyncio.run(commands.add_user(settings, content, asked, password)))
        case "add-kiosk":
            print(asyncio.run(commands.add_kiosk(settings, content, asked)))
        case "set-password":
            password = commands.read_password()
            print(asyncio.run(access.set_password(settings, content, asked.name, password)))
        case "reset-second-factor":
            print(asyncio.run(access.reset_second_factor(settings, content, asked.name)))
        case "disable-user":
            print(asyncio.run(access.disable_user(settings, content, asked.name)))
        case "enable-user":
            print(asyncio.run(access.enable_user(settings, content, asked.name)))
        case "revoke-kiosk":
            print(asyncio.run(access.revoke_kiosk(settings, content, asked.device)))
        case "duties":
            print(duty_sheet.sheet(content, asked.municipality, _day(asked.on)))
        case "drift":
            print(asyncio.run(drift_report.report(settings, content, asked.municipality, _days(asked.days))))
        case "audit" if asked.whole:
            print(asyncio.run(audit_sheet.check(settings, content)))
        case "audit":
            print(asyncio.run(audit_sheet.read(settings, content, asked.municipality, asked.on, asked.most)))
        case "disaster" if asked.switch == "on":
            print(asyncio.run(switches.disaster_on(settings, content, asked.municipality, asked.page or "")))
        case "disaster":
            print(asyncio.run(switches.disaster_off(settings, content, asked.municipality)))
        case "destroy-stills":
            print(asyncio.run(access.destroy_stills(settings, content, asked.municipality)))
        case "offboard" if asked.destroy:
            print(asyncio.run(offboard.destroy(settings, asked.municipality, asked.to, asked.by)))
        case "offboard":
            sealed = asked.seal_for
            print(asyncio.run(offboard.export(settings, content, asked.municipality, asked.to, sealed)))
        case "set-skill":
            print(asyncio.run(pool.set_skill(settings, content, asked.name, asked.skill, asked.level)))
        case "set-centre":
            print(asyncio.run(pool.set_centre(settings, content, asked.name, asked.centre)))
        case "staffing":
            print(pool.staffing(asked.calls_per_hour, asked.minutes, asked.percent, asked.within))
        case "migrate":
            print(asyncio.run(commands.migrate(settings)))
        case "list":
            print(asyncio.run(commands.listing(settings, content)))
    return 0


def _serve(settings: HubSettings, content: Content) -> int:
    records.set_up(settings.log_level, "aiosqlite", "alembic", "fido2", "uvicorn.access", "sqlalchemy")
    uvloop.run(_until_stopped(settings, content))
    return 0


async def _until_stopped(settings: HubSettings, content: Content) -> None:
    bound = bind(settings.listen)
    try:
        if not settings.database.url:  # several hubs may share a server, never a file
            alone.hold(settings.database_path)  # until this process ends
        house = await build(settings, content)
    except BaseException:
        bound.close()
        raise
    await serve(house, bound)


if __name__ == "__main__":
    sys.exit(main())
