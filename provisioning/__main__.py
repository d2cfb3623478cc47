"""The `madoguchi` command: starts the product's programs, each as a process of its own."""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Sequence

Arguments = list[str]


def demo(arguments: Arguments) -> int:
    """hub, desk and a simulated kiosk on this machine"""
    from provisioning.demo.__main__ import main as run_demo

    return run_demo(arguments)


def cluster(arguments: Arguments) -> int:
    """two hubs, PostgreSQL, NATS and a proxy on this machine"""
    from provisioning.cluster.__main__ import main as run_cluster

    return run_cluster(arguments)


def hub(arguments: Arguments) -> int:
    """the operator hub"""
    return become("hub", arguments)


def agent(arguments: Arguments) -> int:
    """a terminal's agent: devices, call, link to the hub"""
    return become("kiosk.agent", arguments)


def ui(arguments: Arguments) -> int:
    """a terminal's screen"""
    return become("kiosk.ui", arguments)


def check(arguments: Arguments) -> int:
    """check the configuration of every program, start none"""
    argparse.ArgumentParser(prog="madoguchi check", description=check.__doc__).parse_args(arguments)
    codes = [
        subprocess.run([sys.executable, "-m", module, "--check"]).returncode
        for module in ("hub", "kiosk.agent", "kiosk.ui")
    ]
    return max(codes)


def become(module: str, arguments: Arguments) -> int:
    """Replace this process by `python -m module`, so that signals and exit codes are the program's own."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])


COMMANDS: dict[str, Callable[[Arguments], int]] = {
    "demo": demo,
    "cluster": cluster,
    "hub": hub,
    "agent": agent,
    "ui": ui,
    "check": check,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code of the command. What follows the command's name is the command's own business."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(
        prog="madoguchi",
        description="A remote service counter: one touch to one face.",
        epilog="'madoguchi COMMAND --help' explains a command.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        commands.add_parser(name, help=command.__doc__, add_help=False)
    chosen = parser.parse_args(words[:1])
    return COMMANDS[chosen.command](words[1:])


if __name__ == "__main__":
    raise SystemExit(main())
