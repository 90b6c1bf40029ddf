"""Which api-versions of Cognitive Services there are.

2024-10-01           recordings 23 to 25
2025-06-01           desired-state 6.2: the oldest with all that is needed
2025-09-01           the published schema, and the Python SDK's default (arm-wire 12)
2025-12-01           the first that tells of paused deployments (desired-state 6.2)
2026-05-15-preview   what the Azure CLI uses (runtime 4)
"""

VERSIONS = ("2024-10-01", "2025-06-01", "2025-09-01", "2025-12-01", "2026-05-15-preview")
FIRST_WITH_PAUSE = "2025-12-01"
