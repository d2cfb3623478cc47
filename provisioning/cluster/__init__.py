"""Two hubs on this machine with all that they share: PostgreSQL, a message server, a proxy before them."""
