"""The appliance program of a terminal: `core` decides, `agent` acts, `media` carries, `vision` measures, `ui` draws."""
