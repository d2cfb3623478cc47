"""What every screen is: entered, updated in place, left."""

from __future__ import annotations

from kiosk.ui.geometry import Box
from kiosk.ui.layer import Context, Layer
from kiosk.ui.text.block import Style
from kiosk.ui.tokens import Form, Metrics


class ScreenPart:
    """Subclasses write `draw`. Widgets are kept alive in `layer` from one update to the next."""

    def __init__(self) -> None:
        self.layer = Layer()

    def enter(self) -> None:
        """The screen will be shown."""

    def leave(self) -> None:
        """Another screen will be shown; what this one said is wiped."""
        if self.layer.context is not None:
            self.layer.clear()

    def update(self, context: Context, area: Box) -> None:
        """Shows the View in `area`."""
        self.layer.begin(context)
        self.draw(context, area)
        self.layer.end()

    def draw(self, context: Context, area: Box) -> None:
        """Says everything on the sheet."""
        raise NotImplementedError


def reading(metrics: Metrics, size: int, **changes: object) -> Style:
    """A style for text that must be read: never below the least of the text size."""
    return Style(size, metrics.least, **changes)  # type: ignore[arg-type]  # fields of Style


def aside(metrics: Metrics, size: int, **changes: object) -> Style:
    """A style for labels and lists: on the 7 inch panel they may stay at 'normal' in 'large'."""
    least = metrics.chrome if metrics.form is Form.SMALL else metrics.least
    return Style(max(size, least), least, **changes)  # type: ignore[arg-type]  # fields of Style
