"""Microsoft's own clients, sync and async, drive every route that they know."""
