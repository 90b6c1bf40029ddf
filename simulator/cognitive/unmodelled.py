"""Which further kinds of resource Cognitive Services has, of which the simulator says that it does not model them.

Paths of azure-mgmt-cognitiveservices' operation groups; what is inside one of these goes with it.
"""

from simulator.by_name import known_by_name
from simulator.cognitive.versions import VERSIONS

_NAMESPACE = "Microsoft.CognitiveServices"
_OF_ACCOUNTS = (
    "capabilityHosts", "commitmentPlans", "connections", "defenderForAISettings", "deployments/skus",
    "encryptionScopes", "networkSecurityPerimeterConfigurations", "privateEndpointConnections",
    "privateLinkResources", "projects", "raiBlocklists", "raiPolicies", "raiTopics", "skus",
)  # fmt: skip
_AT_THE_TOP = (
    "calculateModelCapacity", "commitmentPlans", "locations/checkSkuAvailability", "locations/commitmentTiers",
    "locations/modelCapacities", "locations/raiContentFilters", "modelCapacities", "operations", "quotaTiers",
    "skus",
)  # fmt: skip
UNMODELLED = [
    known_by_name(f"{_NAMESPACE}/{type}", VERSIONS, f"'{type}' of Cognitive Services")
    for type in (*(f"accounts/{each}" for each in _OF_ACCOUNTS), *_AT_THE_TOP)
]
