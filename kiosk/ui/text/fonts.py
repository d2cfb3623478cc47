"""Which fonts a text is set in. BIZ UDPGothic for the screen, Noto where it lacks a character."""

from __future__ import annotations

from typing import Final

_JAPANESE: Final = "BIZ UDPGothic, Noto Sans CJK JP, Noto Sans"
_CHINESE: Final = "Noto Sans CJK SC, Noto Sans"
_LATIN: Final = "Noto Sans, BIZ UDPGothic, Noto Sans CJK JP"
_LANGUAGES: Final = {
    "zh": (_CHINESE, "zh-cn"),
    "vi": (_LATIN, "vi"),
    "pt": (_LATIN, "pt"),
    "en": (_LATIN, "en"),
}


def stack(text: str, language: str) -> tuple[str, str]:
    """(families in order, language tag) for `text` shown in a screen of `language`.

    Vietnamese is set in one family even inside a Japanese screen: BIZ UDPGothic lacks its marks, and letters of
    two families in one word look broken.
    """
    if any("\u1e00" <= c <= "\u1eff" or c in "ăđơưĂĐƠƯ" for c in text):
        return _LATIN, "vi"
    return _LANGUAGES.get(language.split("-")[0], (_JAPANESE, "ja"))
