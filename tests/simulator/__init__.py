"""The simulator's own rules."""
