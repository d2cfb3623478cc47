"""Contrast of two colours as WCAG 2.2 defines it; decides nothing else about looks."""

from __future__ import annotations

LEAST_CONTRAST = 7.0
"""What text needs (WCAG 2.2 AAA, 1.4.6); a municipality's colour below it is refused."""

WHITE = "#FFFFFF"


def contrast(one: str, other: str) -> float:
    """Ratio from 1.0 (the same) to 21.0 (black on white) of two colours written #RRGGBB."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
