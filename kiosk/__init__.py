"""A terminal's program: `core` decides, `agent` acts, `media` carries, `vision` measures, `ui` draws."""
