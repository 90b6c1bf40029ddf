"""Worlds at random: what is there and configured (`scene`, `drawing`), how it is made, what should come of it.

`wanting` works the expectation out from what was drawn, by the contract alone; `seeing` says what is there in the
same words. Nothing of the reconciler decides what is expected.
"""
