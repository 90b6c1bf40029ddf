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
    "eastus2euap": "East US 2 EUAP", "westcentralus": "West Central US", "mexicocentral": "Mexico Central",
    "brazilsoutheast": "Brazil Southeast", "chilecentral": "Chile Central", "ukwest": "UK West",
    "francesouth": "France South", "germanynorth": "Germany North", "norwaywest": "Norway West",
    "switzerlandwest": "Switzerland West", "swedensouth": "Sweden South", "austriaeast": "Austria East",
    "belgiumcentral": "Belgium Central", "denmarkeast": "Denmark East", "japanwest": "Japan West",
    "koreasouth": "Korea South", "eastasia": "East Asia", "centralindia": "Central India",
    "westindia": "West India", "jioindiawest": "Jio India West", "jioindiacentral": "Jio India Central",
    "indonesiacentral": "Indonesia Central", "malaysiawest": "Malaysia West",
    "australiasoutheast": "Australia Southeast", "australiacentral": "Australia Central",
    "australiacentral2": "Australia Central 2", "newzealandnorth": "New Zealand North",
    "southafricawest": "South Africa West", "uaecentral": "UAE Central", "qatarcentral": "Qatar Central",
    "israelcentral": "Israel Central",
}  # fmt: skip


def short(location: str) -> str:
    """A region as its short name."""
    return location.lower().replace(" ", "")


def is_region(location: str) -> bool:
    """Whether there is such a region, by either name."""
    return short(location) in REGIONS


def display(location: str) -> str:
    """A region as API Management shows it (arm-wire 1.2)."""
    return REGIONS.get(short(location), location)
