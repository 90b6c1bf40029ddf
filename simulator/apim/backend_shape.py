"""Which bodies of a backend Azure accepts."""

from simulator.bodies import FLAG, TEXT, WHOLE, Fields, Items, Text, Whole, envelope

NEWER_TLS = ("serverCertificateThumbprints", "serverX509Names")
MANAGED_IDENTITY = Fields({"resource": Text(1, 300), "clientId": Text(1, 300)}, ("resource",))
_RULE = Fields(
    {
        "name": TEXT,
        "acceptRetryAfter": FLAG,
        "tripDuration": TEXT,
        "failureCondition": Fields(
            {
                "count": WHOLE,
                "percentage": WHOLE,
                "interval": TEXT,
                "errorReasons": Items(Text(most=200), most=10),
                "statusCodeRanges": Items(Fields({"min": Whole(200, 599), "max": Whole(200, 599)}), most=10),
            }
        ),
    }
)
_X509_NAME = Fields({"name": TEXT, "issuerCertificateThumbprint": TEXT})
_CLUSTER = Fields(
    {
        "clientCertificateId": TEXT,
        "clientCertificatethumbprint": TEXT,
        "managementEndpoints": Items(TEXT),
        "maxPartitionResolutionRetries": WHOLE,
        "serverCertificateThumbprints": Items(TEXT),
        "serverX509Names": Items(_X509_NAME),
    },
    ("managementEndpoints",),
)
SHAPE = envelope(
    Fields(
        {
            "circuitBreaker": Fields({"rules": Items(_RULE, most=15)}),
            "credentials": Fields(
                {
                    "authorization": Fields(
                        {"scheme": Text(1, 100), "parameter": Text(1, 300)}, ("scheme", "parameter")
                    ),
                    "certificate": Items(TEXT, most=32),
                    "certificateIds": Items(TEXT, most=32),
                    "header": Fields(others=Items(TEXT)),
                    "query": Fields(others=Items(TEXT)),
                    "managedIdentity": MANAGED_IDENTITY,  # not in the published schema (desired-state 4.2)
                }
            ),
            "description": Text(1, 2000),
            "pool": Fields(
                {
                    "services": Items(
                        Fields({"id": TEXT, "priority": Whole(0, 100), "weight": Whole(0, 100)}, ("id",)), least=1
                    )
                }
            ),
            "properties": Fields({"serviceFabricCluster": _CLUSTER}),
            "protocol": Text(choices=("http", "soap")),
            "proxy": Fields({"url": Text(1, 2000), "username": TEXT, "password": TEXT}, ("url",)),
            "resourceId": Text(1, 2000),
            "title": Text(1, 300),
            "tls": Fields(
                {
                    "serverCertificateThumbprints": Items(TEXT),  # since 2025-03-01-preview (recording 21)
                    "serverX509Names": Items(_X509_NAME),  # the same
                    "validateCertificateChain": FLAG,
                    "validateCertificateName": FLAG,
                }
            ),
            "type": Text(choices=("Single", "Pool")),
            "url": Text(1, 2000),
        }
    )
)
