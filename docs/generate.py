"""Writes the parts of the documents that are made from the code: diagrams, settings, messages, keys.

`python docs/generate.py` writes, `--check` only says what is stale. A part stands between two comments,

    <!-- begin NAME (docs/generate.py) -->
    <!-- end NAME -->

and everything around it is written by hand. This is a script and no package, because it looks into kiosk and
hub alike, which no package of ours may do.
"""

from __future__ import annotations

import argparse
import html
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))

from hardware import audio_supervision  # noqa: E402 - the tree must be found first
from hardware.cameras import supervision  # noqa: E402
from hardware.ports import Health  # noqa: E402
from hub.core import call as hub_call  # noqa: E402
from hub.core import captures as hub_captures  # noqa: E402
from hub.core import guest as hub_guest  # noqa: E402
from hub.core import monitor as hub_monitor  # noqa: E402
from hub.core import presence, staff  # noqa: E402
from hub.core import transfer as hub_transfer  # noqa: E402
from hub.settings import HubSettings  # noqa: E402
from kiosk.agent.settings import Settings  # noqa: E402
from kiosk.core import call, capture, ladder, link  # noqa: E402
from kiosk.core.view import PhotoStage  # noqa: E402
from kiosk.media import watchdog  # noqa: E402
from protocol import desk_link, guest_link, kiosk_link  # noqa: E402
from protocol.describe import table  # noqa: E402
from protocol.envelope import Message  # noqa: E402
from protocol.values import GuestState, Rung, StaffState  # noqa: E402

Edge = tuple[str, str, str, tuple[str, ...]]
"""(from, event, to, actions)"""

SHORTCUT = re.compile(
    r'row\("\w+", "(?P<key>[^"]+)", "(?P<scene>\w+)", "(?P<words>[^"]+)"(?:, "(?P<label>[^"]+)")?\)'
)
SCENES = {
    "any": "いつでも", "idle": "待機中", "ring": "呼出中", "call": "応対中", "wrap_up": "後処理",
    "monitor": "モニタリング中",
}  # fmt: skip


def word(value: object) -> str:
    """A state, event or action as a diagram writes it; None is the end."""
    if value is None:
        return "[*]"
    return (value.name.lower() if isinstance(value, Enum) else str(value)).replace("_", " ").strip()


def place(value: object) -> str:
    """A state as a node: no spaces."""
    return word(value).replace(" ", "_")


def diagram(edges: Iterable[Edge], start: str) -> str:
    """A Mermaid state diagram; edges between the same states with the same actions become one.

    What leads from every state that leads on at all to the same end is a sentence below: so many arrows
    would hide the rest.
    """
    edges = [edge for edge in edges if edge[0] != edge[2] or edge[3]]
    leading = list(dict.fromkeys(edge[0] for edge in edges))
    everywhere: list[str] = []
    merged: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for event, to, actions in dict.fromkeys((edge[1], edge[2], edge[3]) for edge in edges):
        sources = [edge[0] for edge in edges if edge[1:] == (event, to, actions)]
        if len(leading) > 3 and to not in leading and set(sources) == set(leading):
            everywhere.append(sentence(leading, to, event, actions))
            continue
        for source in sources:
            merged.setdefault((source, to, actions), []).append(event)
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {start}"]
    for (source, to, actions), events in merged.items():
        label = ", ".join(events) + (f" / {', '.join(actions)}" if actions else "")
        lines.append(f"    {source} --> {to}: {label}")
    return "\n".join([*lines, "```", *(["", *everywhere] if everywhere else [])])


def sentence(sources: list[str], to: str, event: str, actions: tuple[str, ...]) -> str:
    """An arrow from everywhere, in words."""
    done = f" / {', '.join(actions)}" if actions else ""
    target = "the end" if to == "[*]" else to
    return f"- From each of {', '.join(sources)} to {target}: *{event}{done}*"


def pairs(table: Mapping[Any, Any], start: object) -> str:
    """A table of (state, event) -> (state, actions)."""
    return diagram(
        ((place(state), word(event), place(to), tuple(map(word, actions)))
         for (state, event), (to, actions) in table.items()), place(start),
    )  # fmt: skip


def staff_rung() -> str:
    """The ring for a branch's own staff; its events are types."""
    edges = ((str(state), event.__name__, str(to), ()) for (state, event), to in staff.TRANSITIONS.items())
    return diagram(edges, str(StaffState.CALLING))


def guests() -> str:
    """A guest of a call; its events are types."""
    edges = (
        (str(state), event.__name__, str(to), ()) for (state, event), to in hub_guest.TRANSITIONS.items()
    )
    return diagram(edges, str(GuestState.INVITED))


def outcomes(table: Mapping[Any, Any], start: object) -> str:
    """A table of (state, event) -> Outcome(state, effects)."""
    return pairs({key: (outcome.state, outcome.effects) for key, outcome in table.items()}, start)


def rungs() -> str:
    steps = {key: (rung, ()) for key, rung in ladder.TRANSITIONS.items()}
    return pairs(steps, Rung.VIDEO)


def still_at_kiosk() -> str:
    steps = {key: (step.stage, step.actions) for key, step in capture.TRANSITIONS.items()}
    return pairs(steps, PhotoStage.CONSENT)


def still_at_hub() -> str:
    edges = [
        (place(stage), "reported", place(to), ())
        for stage, following in hub_captures.KIOSK_MAY.items()
        for to in sorted(following)
    ]
    edges += [(place(stage), "cancelled", "cancelled", ()) for stage in hub_captures.KIOSK_MAY]
    edges += [(place(stage), "uploaded", "stored", ()) for stage in hub_captures.KIOSK_MAY]
    return diagram(edges, "requested")


def mermaid(drawn: str) -> str:
    return f"```mermaid\n{drawn.rstrip()}\n```"


def messages(vocabulary: Mapping[str, type[Message]]) -> str:
    """The words of one side with the first sentence that their class says."""
    rows = [
        f"| `{tag}` | {' '.join((kind.__doc__ or '').strip().split(chr(10) * 2)[0].split())} |"
        for tag, kind in vocabulary.items()
    ]
    return "\n".join(["| message | meaning |", "|---|---|", *rows])


def keys() -> str:
    """The desk's keys, out of the one table that the desk itself reads."""
    source = (ROOT / "hub/desk/src/core/shortcuts.ts").read_text("utf-8")
    found = [match.groupdict() for match in SHORTCUT.finditer(source)]
    lines = ["| 場面 | キー | はたらき |", "|---|---|---|"]
    for scene, where in SCENES.items():
        for row in found:
            if row["scene"] == scene:
                label = html.escape(row["label"] or row["key"].upper())
                lines.append(f"| {where} | <kbd>{label}</kbd> | {row['words']} |")
                where = ""
    return "\n".join(lines)


PARTS: dict[str, tuple[str, Callable[[], str]]] = {
    "hub-call": ("machines.md", lambda: mermaid(hub_call.diagram())),
    "transfer": ("machines.md", lambda: mermaid(hub_transfer.diagram())),
    "monitor": ("machines.md", lambda: mermaid(hub_monitor.diagram())),
    "presence": ("machines.md", lambda: mermaid(presence.diagram())),
    "hub-capture": ("machines.md", still_at_hub),
    "staff": ("machines.md", staff_rung),
    "guest": ("machines.md", guests),
    "kiosk-call": ("machines.md", lambda: pairs(call.TRANSITIONS, call.Phase.NONE)),
    "kiosk-capture": ("machines.md", still_at_kiosk),
    "link": ("machines.md", lambda: pairs(link.TRANSITIONS, link.LinkState.DOWN)),
    "watchdog": ("machines.md", lambda: pairs(watchdog.TRANSITIONS, watchdog.Watch.IDLE)),
    "ladder": ("machines.md", rungs),
    "camera": ("machines.md", lambda: outcomes(supervision.TRANSITIONS, Health.CLOSED)),
    "audio": (
        "machines.md",
        lambda: outcomes(audio_supervision.TRANSITIONS, Health.CLOSED),
    ),
    "kiosk-settings": ("settings.md", lambda: table(Settings).rstrip()),
    "hub-settings": ("settings.md", lambda: table(HubSettings).rstrip()),
    "kiosk-says": ("messages.md", lambda: messages(kiosk_link.KIOSK_SAYS)),
    "hub-to-kiosk": ("messages.md", lambda: messages(kiosk_link.HUB_SAYS_TO_KIOSK)),
    "desk-says": ("messages.md", lambda: messages(desk_link.DESK_SAYS)),
    "hub-to-desk": ("messages.md", lambda: messages(desk_link.HUB_SAYS_TO_DESK)),
    "guest-says": ("messages.md", lambda: messages(guest_link.GUEST_SAYS)),
    "hub-to-guest": ("messages.md", lambda: messages(guest_link.HUB_SAYS_TO_GUEST)),
    "keys": ("manual/operator.ja.md", keys),
}
"""Name of a part -> the document that holds it, and what makes it."""


def renewed(text: str, name: str, content: str) -> str:
    """`text` with the part called `name` replaced. ValueError when its two comments are not there."""
    begin, end = f"<!-- begin {name} (docs/generate.py) -->", f"<!-- end {name} -->"
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"the comments of {name!r} are missing; write {begin} and {end}")
    return f"{before}{begin}\n\n{content}\n\n{end}{after}"


def written(docs: Path = HERE) -> dict[Path, str]:
    """Every document with parts of ours, as it should stand."""
    texts: dict[Path, str] = {}
    for name, (file, make) in PARTS.items():
        path = docs / file
        texts[path] = renewed(texts.get(path) or path.read_text("utf-8"), name, make())
    return texts


def main() -> int:
    """0 done or up to date, 1 stale."""
    parser = argparse.ArgumentParser(prog="docs/generate.py", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, only say what is stale")
    checking = parser.parse_args().check
    stale = [path for path, text in written().items() if path.read_text("utf-8") != text]
    for path in stale:
        if not checking:
            path.write_text(written()[path], "utf-8")
        sys.stdout.write(
            f"{path.relative_to(ROOT)}: {'stale; run make generate' if checking else 'written'}\n"
        )
    return 1 if stale and checking else 0


if __name__ == "__main__":
    sys.exit(main())
