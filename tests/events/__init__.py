"""Which gateways an event wakes, and what is counted."""
