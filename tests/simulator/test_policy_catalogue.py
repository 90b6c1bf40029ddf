"""Every documented policy is known, and taken in the sections that its reference names, and in no other."""

import json
from pathlib import Path

import pytest

from simulator.policy.catalogue import policies
from simulator.policy.reader import read_policy
from simulator.policy.rules import Where, mistakes

# as each policy's reference shows it, shortest: its sections (IBOE), attributes, content
SAMPLES: dict[str, tuple[str, str, str]] = json.loads(
    Path(__file__).with_name("policy_samples.json").read_text("utf-8")
)
SECTIONS = {"I": "inbound", "B": "backend", "O": "outbound", "E": "on-error"}
SCOPES = {"cross-domain": "all", "quota": "product"}
UNDOCUMENTED = {  # only in the published schemas, or only inside others
    "authentication-token",
    "authentication-token-store",
    "block",
    "graphql-data-source",
    "invoke-request",
    "set-request-metric-dimension-value",
    "set-url",
}


def test_every_policy_of_the_catalogue_has_a_sample_here() -> None:
    assert set(policies()) - UNDOCUMENTED == set(SAMPLES)
    assert set(policies()) >= UNDOCUMENTED


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_policy_is_taken_in_its_sections_and_in_no_other(name: str) -> None:
    sections, attributes, content = SAMPLES[name]
    where = Where(SCOPES.get(name, "api"), "Developer")
    for letter, section in SECTIONS.items():
        text = f"<policies><{section}><{name} id='x' {attributes}>{content}</{name}></{section}></policies>"
        if name == "base":
            text = text.replace("id='x'", "")
        found = [each.message for each in mistakes(read_policy(text, raw=False), where)]
        refused = f"Error in element '{name}' on line 1, column {len(section) + 14}: "
        expected = [] if letter in sections else [f"{refused}Policy is not allowed in this section"]
        assert found == expected
