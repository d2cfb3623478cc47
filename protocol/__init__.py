"""The language that kiosk, hub and desk speak: messages, envelope, codec, versions, and the two loaders.

Imports nothing else of ours, opens no socket and reads no clock. Who wants to know what may be said
on a link reads `kiosk_link` and `desk_link`; how it is written on the wire is in `envelope`.
"""
