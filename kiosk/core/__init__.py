"""Pure decisions of a terminal. No asyncio, threads, sockets, clocks or Kivy; `now` is always an argument."""
