"""The asyncio process of a terminal: runs the core's machine, owns the link, the call and the devices."""
