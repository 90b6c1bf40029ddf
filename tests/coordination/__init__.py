"""How wakes become runs: that none is lost, and that nothing runs twice at once."""
