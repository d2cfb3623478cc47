"""What tests and the demonstration need to prove that pictures and sound really crossed: see each module."""

from __future__ import annotations

from hardware.cameras.counter import decode_counter, encode_counter

__all__ = ["decode_counter", "encode_counter"]
