"""Decides the steps against harassment of an operator: warn in calm words, call a supervisor, end.

Each step only after the one before it, so that nobody is cut off unwarned and no step is pressed twice. It
judges nobody's words: the operator presses. What the resident reads is the terminal's matter.
"""

from __future__ import annotations

from collections.abc import Mapping

from hub.core.call import NotNow
from protocol.values import Conduct, ConductStep

_C = Conduct
_S = ConductStep
TRANSITIONS: Mapping[tuple[Conduct, ConductStep], Conduct] = {
    (_C.FINE, _S.WARN): _C.WARNED,
    (_C.WARNED, _S.CALL_SUPERVISOR): _C.SUPERVISOR,
    (_C.WARNED, _S.WITHDRAW): _C.FINE,
    (_C.SUPERVISOR, _S.WITHDRAW): _C.FINE,
    (_C.WARNED, _S.END): _C.ENDED,
    (_C.SUPERVISOR, _S.END): _C.ENDED,
}
"""Everything that may be pressed, and where it leads."""


def after(now: Conduct, step: ConductStep) -> Conduct:
    """Where a step leads. NotNow('order') when another comes first."""
    if (now, step) not in TRANSITIONS:
        raise NotNow("order", "この順番では行えません。先に、お客様に注意の文を出してください。")
    return TRANSITIONS[now, step]
