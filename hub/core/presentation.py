"""Decides what stands on the terminal after a word of the operator.

Every word makes the next revision; the newest replaces all before it, so a lost message costs nothing. Knows
pages as values only: where they come from and who may use them is the caller's matter.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hub.core.call import NotNow
from protocol.desk_link import Caption, Freeze, HidePage, SetFocus, ShowPage
from protocol.values import Cameras, Focus, Page, Presentation

Word = ShowPage | HidePage | SetFocus | Caption | Freeze


def after(shown: Presentation, word: Word, pages: Mapping[str, Page]) -> Presentation:
    """The next revision. NotNow when the word fits nothing: no such page or sheet, no page to enlarge."""
    match word:
        case ShowPage():
            changed = _show(shown, word, pages)
        case HidePage():
            focus = Focus.OPERATOR if shown.focus is Focus.PAGE else shown.focus
            changed = msgspec.structs.replace(shown, page=None, sheet=0, focus=focus)
        case SetFocus():
            if word.focus is Focus.PAGE and shown.page is None:
                raise NotNow("no_page", "案内画面を表示していません。先に案内画面を選んでください。")
            changed = msgspec.structs.replace(shown, focus=word.focus)
        case Caption():
            changed = msgspec.structs.replace(shown, caption=word.text)
        case Freeze():
            others = tuple(camera for camera in shown.frozen if camera is not word.camera)
            changed = msgspec.structs.replace(shown, frozen=(*others, word.camera) if word.on else others)
    return msgspec.structs.replace(changed, revision=shown.revision + 1)


def with_cameras(shown: Presentation, cameras: Cameras) -> Presentation:
    """The next revision, with the cameras set so."""
    return msgspec.structs.replace(shown, cameras=cameras, revision=shown.revision + 1)


def _show(shown: Presentation, word: ShowPage, pages: Mapping[str, Page]) -> Presentation:
    page = pages.get(word.page)
    if page is None:
        raise NotNow("unknown_page", "この案内画面は、この自治体にはありません。")
    if word.sheet >= len(page.sheets):
        raise NotNow("unknown_sheet", f"この案内画面は{len(page.sheets)}枚までです。")
    return msgspec.structs.replace(shown, page=page, sheet=word.sheet, focus=Focus.PAGE)
