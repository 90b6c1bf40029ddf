"""Which kinds of resource Cognitive Services has here."""

from simulator.cognitive import catalogue, deleted_accounts, polls
from simulator.cognitive.accounts import ACCOUNT
from simulator.cognitive.deployments import DEPLOYMENT

KINDS = [ACCOUNT, DEPLOYMENT]
ROUTES = [*polls.ROUTES, *catalogue.ROUTES, *deleted_accounts.ROUTES]

__all__ = ["KINDS", "ROUTES"]
