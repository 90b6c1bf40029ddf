"""What a link of an import finds: the simulator has no internet, only the documents it was given.

They come from a world's `documents`, from `Simulator.documents[url]` and from `PUT /_simulator/documents?url=…`.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from simulator.openapi_text import Rejected


def fetch(documents: Mapping[str, str], url: str) -> str:
    """The text behind a URL, or the refusal of an import whose link leads nowhere."""
    try:
        parts = urlsplit(url)
    except ValueError:  # such as http://[
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.netloc:  # reported: Azure/azure-cli#30465
        raise Rejected("'link' is not a valid absolute URI. Path: link.")
    found = documents.get(url)
    if found is None:  # a 400 at once, whose words nobody quoted: inferred
        raise Rejected(f"The document could not be retrieved from '{url}'. Path: link.")
    return found
