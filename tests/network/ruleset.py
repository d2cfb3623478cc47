"""What the router of a laboratory does to packets, written as one nftables ruleset.

Pure: `Line` says how the way to one host is, `ruleset` gives the text for `nft -f -`, which replaces all that
was before in one step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

STEPS = 10_000  # resolution of a loss: 0.01 %


@dataclass(frozen=True, slots=True)
class Line:
    """The way between one host and the router. `up` is away from the host.

    `reset` answers every packet of a TCP connection with RST, as a middlebox that has forgotten it.
    `only` names what the host may send to, as (protocol, port); None is everything. `hidden` puts the host
    behind a network address translation that chooses its ports at random and lets nobody in first.
    """

    loss_up: float = 0.0  # 0 to 1
    loss_down: float = 0.0
    cut: bool = False
    only: tuple[tuple[str, int], ...] | None = None
    hidden: bool = False
    reset: bool = False


def ruleset(lines: Mapping[str, Line]) -> str:
    """The router's whole behaviour; each host's name is its interface's name on the router."""
    forward = [rule for name, line in lines.items() for rule in _rules(name, line)]
    hide = [
        f'iifname "{name}" oifname != "{name}" masquerade fully-random'
        for name, line in lines.items()
        if line.hidden
    ]
    return "\n".join(
        (
            "flush ruleset",
            "table ip lab {",
            "  chain forward { type filter hook forward priority filter; policy accept;",
            *(f"    {rule}" for rule in forward),
            "  }",
            "  chain leave { type nat hook postrouting priority srcnat; policy accept;",
            *(f"    {rule}" for rule in hide),
            "  }",
            "}",
            "",
        )
    )


def leads_to(port: int, address: str) -> str:
    """A host's own rules: connections to this port of its loopback go to `address` instead."""
    return f"""\
table ip reach {{
  chain start {{ type nat hook output priority -100; policy accept;
    ip daddr 127.0.0.1 tcp dport {port} dnat to {address}:{port}
  }}
  chain leave {{ type nat hook postrouting priority srcnat; policy accept;
    ip daddr {address} tcp dport {port} masquerade
  }}
}}
"""


def _rules(name: str, line: Line) -> list[str]:
    """Loss comes first: a packet that a narrow firewall would let pass is lost like any other."""
    up, down = f'iifname "{name}"', f'oifname "{name}"'
    if line.cut:
        return [f"{up} drop", f"{down} drop"]
    if line.reset:
        return [f"{way} meta l4proto tcp reject with tcp reset" for way in (up, down)]
    rules = [
        f"{way} numgen random mod {STEPS} <= {round(loss * STEPS) - 1} drop"
        for way, loss in ((up, line.loss_up), (down, line.loss_down))
        if round(loss * STEPS) > 0
    ]
    if line.only is not None:
        opened = ", ".join(f"{protocol} . {port}" for protocol, port in line.only)
        rules.append(f"{up} meta l4proto . th dport != {{ {opened} }} drop" if opened else f"{up} drop")
    if line.only is not None or line.hidden:
        rules.append(f"{down} ct state new drop")
    return rules
