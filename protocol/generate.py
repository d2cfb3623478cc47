"""Writes what is made from the messages: protocol/schema.json and the desk's TypeScript types.

`python -m protocol.generate` writes both, `--check` only says whether they are up to date.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from protocol import desk_link, guest_link, kiosk_link
from protocol.json_schema import json_schema
from protocol.rest import REST_BODIES
from protocol.typescript import Talk, typescript

ROOT = Path(__file__).parent.parent


def made() -> dict[str, str]:
    """Path below the root to the text that belongs there."""
    says = {
        "kiosk_says": kiosk_link.KIOSK_SAYS,
        "hub_says_to_kiosk": kiosk_link.HUB_SAYS_TO_KIOSK,
        "desk_says": desk_link.DESK_SAYS,
        "hub_says_to_desk": desk_link.HUB_SAYS_TO_DESK,
        "guest_says": guest_link.GUEST_SAYS,
        "hub_says_to_guest": guest_link.HUB_SAYS_TO_GUEST,
    }
    return {
        "protocol/schema.json": json_schema(says, REST_BODIES),
        "hub/desk/src/protocol.ts": typescript(
            (
                Talk("a desk", "DeskSays", desk_link.DESK_SAYS, "HubSays", desk_link.HUB_SAYS_TO_DESK),
                Talk(
                    "a guest's page",
                    "GuestSays",
                    guest_link.GUEST_SAYS,
                    "HubSaysToGuest",
                    guest_link.HUB_SAYS_TO_GUEST,
                ),
            ),
            rest=REST_BODIES,
        ),
    }


def stale(root: Path = ROOT) -> list[str]:
    """Paths of files that are missing or say something else than the messages."""
    return [name for name, text in made().items() if not _same(root / name, text)]


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text("utf-8") == text


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Exit code 1 when `--check` finds a file that is not up to date."""
    parser = argparse.ArgumentParser(prog="python -m protocol.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when something is stale")
    options = parser.parse_args(arguments)
    for name in stale(root):
        if options.check:
            sys.stderr.write(f"{name} is stale; run python -m protocol.generate\n")
            return 1
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made()[name], "utf-8")
        sys.stdout.write(f"{name} written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
