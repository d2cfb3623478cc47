"""The counter: runs the machines of `hub.core` on what the store holds, and tells both sides.

One decision is one turn: read, decide, write (durably), then tell. Turns follow one another under one lock,
so that nothing is rung, answered or told twice; the table's indexes hold the same for several processes.
"""
