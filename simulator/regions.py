"""Which regions there are: short names, and the names that API Management and the providers list show."""

REGIONS = {
    "eastus": "East US", "eastus2": "East US 2", "westus": "West US", "westus2": "West US 2",
    "westus3": "West US 3", "centralus": "Central US", "northcentralus": "North Central US",
    "southcentralus": "South Central US", "northeurope": "North Europe", "westeurope": "West Europe",
    "uksouth": "UK South", "swedencentral": "Sweden Central", "francecentral": "France Central",
    "germanywestcentral": "Germany West Central", "switzerlandnorth": "Switzerland North",
    "norwayeast": "Norway East", "polandcentral": "Poland Central", "spaincentral": "Spain Central",
    "italynorth": "Italy North", "japaneast": "Japan East", "koreacentral": "Korea Central",
    "southeastasia": "Southeast Asia", "southindia": "South India", "australiaeast": "Australia East",
    "canadaeast": "Canada East", "canadacentral": "Canada Central", "brazilsouth": "Brazil South",
    "southafricanorth": "South Africa North", "uaenorth": "UAE North", "centraluseuap": "Central US EUAP",
}  # fmt: skip


def short(location: str) -> str:
    """A region as its short name."""
    return location.lower().replace(" ", "")


def display(location: str) -> str:
    """A region as API Management shows it (arm-wire 1.2)."""
    return REGIONS.get(short(location), location)
