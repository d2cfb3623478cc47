"""What must hold of every screen, as a list of complaints; an empty list is a good screen."""

from __future__ import annotations

from typing import Any

from kiosk.ui.geometry import Box
from kiosk.ui.layer import Shown
from kiosk.ui.tokens import Form, contrast, metrics

_CHROME = ("head/", "simulated", "volume/", "leave", "staff", "text_size", "language", "dialog/unit")
_TECHNICIAN = ("code",)
_PRIMARY = ("title", "instruction", "start", "telephone", "dialog/title", "waited", "count")
_ON_PICTURES = ("caption", "notice", "held/text")


def complaints(stage: Any, size: tuple[int, int]) -> list[str]:
    """Everything that is wrong with what `stage` shows."""
    texts = stage.texts()
    return [
        *_sizes(stage, texts, size),
        *_places(texts, size),
        *_overlaps(texts),
        *_targets(stage, size),
        *_pictures(stage, texts),
    ]


def _sizes(stage: Any, texts: list[Shown], size: tuple[int, int]) -> list[str]:
    m = metrics(*size, stage.view.text_size)
    found = []
    for text in texts:
        if text.name in _TECHNICIAN:
            continue
        explained = stage.view.photo is not None and stage.view.photo.still and text.name == "instruction"
        least = (
            m.chrome if explained or text.name.startswith(_CHROME) or _aside(m.form, text.name) else m.least
        )
        if text.block.size < least:
            found.append(f"{text.name}: {text.block.size} px, at least {least}")
        if not text.block.fits:
            found.append(f"{text.name}: does not fit into {text.box}")
        if contrast(text.colour, text.on) < 7:
            found.append(f"{text.name}: contrast {contrast(text.colour, text.on):.1f}")
    return found


def _aside(form: Form, name: str) -> bool:
    """On the 7 inch panel lists and labels may stay at 'normal'."""
    return form is Form.SMALL and name not in _PRIMARY


def _places(texts: list[Shown], size: tuple[int, int]) -> list[str]:
    window = Box(0, 0, *size)
    return [f"{t.name}: {t.ink} leaves its box {t.box}" for t in texts if not t.box.holds(t.ink, 1)] + [
        f"{t.name}: {t.ink} leaves the screen" for t in texts if not window.holds(t.ink)
    ]


def _overlaps(texts: list[Shown]) -> list[str]:
    found = []
    for i, one in enumerate(texts):
        for other in texts[i + 1 :]:
            a, b = (t.ink.inset(2, round(t.block.size * 0.12)) for t in (one, other))
            if a.touches(b):
                found.append(f"{one.name} lies on {other.name}")
    return found


def _targets(stage: Any, size: tuple[int, int]) -> list[str]:
    m = metrics(*size)
    window = Box(0, 0, *size)
    targets = stage.targets()
    found = []
    for i, target in enumerate(targets):
        if min(target.box.w, target.box.h) < m.target:
            found.append(f"{target.tid}: {target.box.w}x{target.box.h} px, at least {m.target}")
        if not window.holds(target.box):
            found.append(f"{target.tid}: leaves the screen")
        found += [f"{target.tid} lies on {o.tid}" for o in targets[i + 1 :] if target.box.touches(o.box)]
    return found


def _pictures(stage: Any, texts: list[Shown]) -> list[str]:
    pictures = {
        name: box
        for layer in stage.layers()
        for name, box in layer.boxes.items()
        if name.startswith("picture:")
    }
    found = [
        f"{t.name} lies on {name}"
        for t in texts
        for name, box in pictures.items()
        if t.name not in _ON_PICTURES and t.ink.touches(box)
    ]
    names = sorted(pictures)
    for i, one in enumerate(names):
        found += [f"{one} lies on {two}" for two in names[i + 1 :] if pictures[one].touches(pictures[two])]
        if min(pictures[one].w, pictures[one].h) < 60:
            found.append(f"{one}: only {pictures[one].w}x{pictures[one].h}")
    return found
