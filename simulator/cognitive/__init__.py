"""Which kinds of resource Cognitive Services has here."""

from simulator.cognitive.accounts import ACCOUNT, ROUTES
from simulator.cognitive.deployments import DEPLOYMENT

KINDS = [ACCOUNT, DEPLOYMENT]

__all__ = ["KINDS", "ROUTES"]
