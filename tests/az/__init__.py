"""The Azure CLI, unmodified, against the simulator; run by `make test-az` only."""
