"""Every mistake in the file is one sentence: which file, which line, what is wrong, how to mend it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config_file import parse
from reconciler.errors import ConfigError
from tests.builders import GATEWAY, S1
from tests.config_texts import MINIMAL, api, profile

EMPTY = "f.yaml is empty; a minimal file has owner, and gateways with an id and accounts"
LIST = "must be a list; write each entry on a line that starts with '- '"

NOT_A_FILE = {
    "an empty file": ("", EMPTY),
    "a blank file": (" \n\n", EMPTY),
    "only a comment": ("# to be written\n", EMPTY),
    "only an end": ("---\n", EMPTY),
    "a list": ("- a\n", "f.yaml must be a mapping with the keys owner and gateways, not a list"),
    "a word": ("hello\n", "f.yaml must be a mapping with the keys owner and gateways, not a single value"),
    "a file that is much too long": (
        "#" * 1_000_001,
        "f.yaml is larger than 1,000,000 characters; that is no configuration of ours",
    ),
    "an open bracket": (
        "owner: [a\n",
        "f.yaml line 2, column 1: not YAML: expected ',' or ']', but got '<stream end>'",
    ),
    "a tab": (
        "owner: a\n\tgateways: b\n",
        "f.yaml line 2, column 1: not YAML: found character '\\t' that cannot start any token",
    ),
    "two documents": (MINIMAL + "---\na: 1\n", "f.yaml line 6, column 1: not YAML: but found another document"),
    "an alias of nothing": ("owner: *x\n", "f.yaml line 1, column 8: not YAML: found undefined alias 'x'"),
    "half a character": (
        MINIMAL.replace("contoso\n", '"\\ud800"\n', 1),
        "f.yaml: an escape such as \\ud800 is half a character; write the character itself",
    ),
    "a key twice at the top": (
        MINIMAL + "owner: fabrikam\n",
        "f.yaml line 6, column 1: the key 'owner' stands twice; remove one of them",
    ),
    "a key twice inside": (
        MINIMAL + "safety:\n  prune: report\n  prune: delete\n",
        "f.yaml line 8, column 3: the key 'prune' stands twice; remove one of them",
    ),
}

UNKNOWN = {
    "at the top": (MINIMAL + "safty: {}\n", "f.yaml line 6: 'safty' is not a setting; did you mean 'safety'?"),
    "like nothing there is": (
        MINIMAL + "zzz: 1\n",
        "f.yaml line 6: 'zzz' is not a setting; there are: gateways, owner, profiles, safety",
    ),
    "in a gateway": (
        MINIMAL + "    profil: x\n",
        "f.yaml line 6: 'gateways[0].profil' is not a setting; did you mean 'profile'?",
    ),
    "in the allow-list": (
        MINIMAL + "        resourceGroup: [a]\n",
        "f.yaml line 6: 'gateways[0].accounts[0].resourceGroup' is not a setting; did you mean 'resourceGroups'?",
    ),
    "in another letter case": (
        MINIMAL + "    enableidentity: true\n",
        "f.yaml line 6: 'gateways[0].enableidentity' is not a setting; did you mean 'enableIdentity'?",
    ),
    "in a profile": (
        profile("tokenLimits: 1"),
        "f.yaml line 8: 'profiles.standard.tokenLimits' is not a setting; did you mean 'tokenLimit'?",
    ),
    "in a profile called like a setting": (
        MINIMAL + "profiles:\n  api:\n    tokenLimits: 1\n",
        "f.yaml line 8: 'profiles.api.tokenLimits' is not a setting; did you mean 'tokenLimit'?",
    ),
    "in an API": (
        api("pth: x"),
        "f.yaml line 9: 'profiles.standard.api.pth' is not a setting; did you mean 'path'?",
    ),
    "in a token limit": (
        profile("tokenLimit: {tokensPerMinute: 1, counter: x}"),
        "f.yaml line 8: 'profiles.standard.tokenLimit.counter' is not a setting; did you mean 'counterKey'?",
    ),
    "in token metrics": (
        profile("tokenMetrics: {dimension: [API ID]}"),
        "f.yaml line 8: 'profiles.standard.tokenMetrics.dimension' is not a setting; did you mean 'dimensions'?",
    ),
    "in safety": (
        MINIMAL + "safety:\n  prun: report\n",
        "f.yaml line 7: 'safety.prun' is not a setting; did you mean 'prune'?",
    ),
}

TYPES = {
    "yes is no boolean in YAML 1.2": (
        MINIMAL + "    enableIdentity: yes\n",
        "f.yaml line 6: 'gateways[0].enableIdentity' must be true or false, not \"yes\"",
    ),
    "a quoted number": (
        profile("tokenLimit: {tokensPerMinute: '100'}"),
        "f.yaml line 8: 'profiles.standard.tokenLimit.tokensPerMinute' must be a whole number, not \"100\"",
    ),
    "a number that is too small": (
        profile("tokenLimit: {tokensPerMinute: 0}"),
        "f.yaml line 8: 'profiles.standard.tokenLimit.tokensPerMinute' is 0: input should be greater than 0",
    ),
    "a number for a word": (
        MINIMAL.replace("owner: contoso", "owner: 12"),
        "f.yaml line 1: 'owner' must be text (in quotes), not 12",
    ),
    "a date for a word": (
        MINIMAL.replace("owner: contoso", "owner: 2026-01-01"),
        "f.yaml line 1: 'owner' must be text (in quotes), not \"2026-01-01\"",
    ),
    "a tag that YAML reads as a boolean": (
        MINIMAL + "        tags: {ai-gateway: true}\n",
        "f.yaml line 6: 'gateways[0].accounts[0].tags.ai-gateway' must be text (in quotes), not true",
    ),
    "tags as a list": (
        MINIMAL + "        tags: [ai-gateway]\n",
        "f.yaml line 6: 'gateways[0].accounts[0].tags' must be a mapping of settings to values",
    ),
    "one product without a list": (
        api("products: ai-platform"),
        f"f.yaml line 9: 'profiles.standard.api.products' {LIST}",
    ),
    "gateways without entries": ("owner: a\ngateways:\n", f"f.yaml line 2: 'gateways' {LIST}"),
    "a gateway without a list": (f"owner: a\ngateways:\n  id: {GATEWAY}\n", f"f.yaml line 2: 'gateways' {LIST}"),
    "a gateway that is only an id": (
        f"owner: a\ngateways:\n  - {GATEWAY}\n",
        "f.yaml line 3: 'gateways[0]' must be a mapping of settings to values",
    ),
    "a profile without settings": (
        MINIMAL + "profiles:\n  gold:\n",
        "f.yaml line 7: 'profiles.gold' must be a mapping of settings to values",
    ),
    "empty gateways": (
        "owner: a\ngateways: []\n",
        "f.yaml line 2: 'gateways' is an empty list; it needs at least one entry",
    ),
    "empty accounts": (
        f"owner: a\ngateways:\n  - id: {GATEWAY}\n    accounts: []\n",
        "f.yaml line 4: 'gateways[0].accounts' is an empty list; it needs at least one entry",
    ),
    "empty resource groups": (
        MINIMAL + "        resourceGroups: []\n",
        "f.yaml line 6: 'gateways[0].accounts[0].resourceGroups' is an empty list; it needs at least one entry",
    ),
    "an empty name": (
        api("name: ''"),
        "f.yaml line 9: 'profiles.standard.api.name' is empty; give it a value, or leave it out",
    ),
    "no owner": (MINIMAL.replace("owner: contoso\n", ""), "f.yaml: 'owner' is missing; add it"),
    "no gateways": ("owner: a\n", "f.yaml: 'gateways' is missing; add it"),
    "a gateway without accounts": (
        f"owner: a\ngateways:\n  - id: {GATEWAY}\n",
        "f.yaml line 3: 'gateways[0].accounts' is missing; add it",
    ),
    "a gateway without an id": (
        f"owner: a\ngateways:\n  - accounts:\n      - subscription: {S1}\n",
        "f.yaml line 3: 'gateways[0].id' is missing; add it",
    ),
    "a token limit without its number": (
        profile("tokenLimit: {}"),
        "f.yaml line 8: 'profiles.standard.tokenLimit.tokensPerMinute' is missing; add it",
    ),
    "a dimension there is not": (
        profile("tokenMetrics: {dimensions: [Api]}"),
        "f.yaml line 8: 'profiles.standard.tokenMetrics.dimensions[0]' must be 'API ID', 'Operation ID', "
        "'Product ID', 'User ID', 'Subscription ID', 'Location' or 'Gateway ID', not \"Api\"",
    ),
}

EVERY = {
    f"{group}: {name}": case
    for group, cases in {"the file": NOT_A_FILE, "an unknown setting": UNKNOWN, "a type": TYPES}.items()
    for name, case in cases.items()
}


@pytest.mark.parametrize(("text", "sentence"), EVERY.values(), ids=EVERY)
def test_a_mistake_is_exactly_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse(text, "f.yaml")
    assert str(refused.value) == sentence


def test_three_mistakes_are_three_sentences() -> None:
    with pytest.raises(ConfigError) as refused:
        parse("owner: a;b\ngateways: []\nfoo: 1\n", "folder/f.yaml")
    assert str(refused.value).splitlines() == [
        "folder/f.yaml line 1: owner: 'a;b' may hold only letters, digits, '.', '_' and '-', at most 63 of them",
        "folder/f.yaml line 2: 'gateways' is an empty list; it needs at least one entry",
        "folder/f.yaml line 3: 'foo' is not a setting; there are: gateways, owner, profiles, safety",
    ]


def test_a_wrong_entry_is_not_also_a_missing_one() -> None:
    with pytest.raises(ConfigError) as refused:
        parse(MINIMAL.replace(GATEWAY.text, "x"), "f.yaml")
    assert len(str(refused.value).splitlines()) == 1


def test_a_tag_of_yaml_makes_nothing_but_text() -> None:
    with pytest.raises(ConfigError, match="'owner' must be text"):
        parse(MINIMAL.replace("owner: contoso", "owner: !!python/object/apply:os.system [x]"), "f.yaml")


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_any_text_is_a_configuration_or_sentences_that_name_the_file(text: str) -> None:
    sentences = ["f.yaml"]
    try:
        parse(text, "f.yaml")
    except ConfigError as error:
        sentences = str(error).split("\n")
    assert all(re.match(r"f\.yaml\b", sentence) for sentence in sentences)
