"""Whether a service may read a secret of a key vault.

There is no key vault here: every secret exists, and one that the knob `key_vault_denies` matches may not be read.
"""

from fnmatch import fnmatch
from typing import Any

from simulator.clock import stamp
from simulator.cloud import Cloud
from simulator.errors import invalid

JSON = dict[str, Any]


def check_vault(cloud: Cloud, service: str, vault: JSON) -> None:
    """Refuse a reference that the service's identities cannot follow.

    The words for an unknown client id are Azure's (apiops #257); those for a service without identity and for a
    vault that denies are Azure's for the certificates of host names.
    """
    identity = cloud.need(service).body.get("identity") or {}
    secret, client = vault["secretIdentifier"], vault.get("identityClientId")
    if client is None:
        if "SystemAssigned" not in str(identity.get("type")):
            message = (
                "Managed Identity of Type: System Assigned which is required to access KeyVault "
                f"{secret} is not enabled on the API Management service."
            )
            raise invalid(("identityClientId", message))
        named, principal = "SystemAssigned", identity.get("principalId")
    else:
        assigned = (identity.get("userAssignedIdentities") or {}).values()
        found = next((each for each in assigned if str(each.get("clientId")).lower() == client.lower()), None)
        if found is None:
            message = (
                f"Can not find Managed Identity with provided IdentityClientId : {client}. "
                "For more information please see aka.ms/apimmsi."
            )
            raise invalid(("identityClientId", message))
        named, principal = "UserAssigned", found.get("principalId")
    denies = cloud.knobs.key_vault_denies
    if denies and fnmatch(secret.lower(), denies.lower()):
        message = (
            f"Failed to access KeyVault Secret {secret} using Managed Service Identity (http://aka.ms/apimmsi) of "
            f"Api Management service. Check if Managed Identity of Type: {named}, ClientId: {client} and ObjectId: "
            f"{principal} has GET permissions on secrets in the KeyVault Access Policies."
        )
        raise invalid(("secretIdentifier", message))


def read_vault(cloud: Cloud) -> JSON:
    """What a named value shows of its last reading of the vault (recording 46)."""
    return {"code": "Success", "timeStampUtc": stamp(cloud.clock.now())}
