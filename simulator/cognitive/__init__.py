"""Which kinds of resource Cognitive Services has here."""

from simulator.cognitive import catalogue, deleted_accounts, polls
from simulator.cognitive.accounts import ACCOUNT
from simulator.cognitive.deployments import DEPLOYMENT
from simulator.cognitive.unmodelled import UNMODELLED

KINDS = [ACCOUNT, DEPLOYMENT, *UNMODELLED]
ROUTES = [*polls.ROUTES, *catalogue.ROUTES, *deleted_accounts.ROUTES]

__all__ = ["KINDS", "ROUTES"]
