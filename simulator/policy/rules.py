"""What API Management refuses in a policy document that can be read.

Every mistake is placed at a policy: the name of its element, line and column, and why (arm-wire 5.4). Children that
are no policies are answered for by the policy they are in, as reported for 'validate-jwt' and 'ip-filter'.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.policy.catalogue import SECTIONS, Content, Item, Policy, Shape, policies
from simulator.policy.content import refused
from simulator.policy.csharp import BadExpression, check_expression, is_expression
from simulator.policy.document import Element, PolicyDocument

_ALL = Content("all", tuple(Item(name, 0, 1) for name in SECTIONS.values()))
# reported for fragments and said there of global and product policies
_NOT_EVERYWHERE = ("llm-token-limit", "azure-openai-token-limit"), "remaining-quota-tokens-header-name"


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong, at an element."""

    element: Element
    reason: str

    @property
    def message(self) -> str:
        """In Azure's pattern (arm-wire 5.4)."""
        place = f"on line {self.element.line}, column {self.element.column}"
        return f"Error in element '{self.element.name}' {place}: {self.reason}"


@dataclass(frozen=True)
class Where:
    """Where a document is put."""

    scope: str  # all, product, api, operation; fragment
    tier: str  # the service's SKU


def mistakes(document: PolicyDocument, where: Where) -> Iterator[Mistake]:
    """Everything that is wrong with a policy or a fragment by itself."""
    root = document.root
    expected = "fragment" if where.scope == "fragment" else "policies"
    if where.scope == "fragment":
        if root.name == expected:
            yield from _several(root, "", where)
        else:
            yield Mistake(root, f"The '{root.name}' element is not declared.")
        return
    sections = list(root.elements())
    unknown = [each for each in sections if each.name not in SECTIONS.values()]
    # a document whose root is a section or a policy is refused child by child (azure-docs #111058)
    yield from (Mistake(each, "Policy section is not allowed in the specified scope") for each in unknown)
    if root.name != expected and not unknown:
        yield Mistake(root, f"The '{root.name}' element is not declared.")
    if root.name != expected or unknown:
        return
    wrong = refused(root, _ALL) or _undeclared(root, Shape())
    if wrong:
        yield Mistake(root, wrong)
    for section in sections:
        yield from _section(section, where)


def policy_at(path: tuple[Element, ...]) -> Element:
    """The policy that answers for the last element of a path."""
    return next((each for each in reversed(path) if each.name in policies()), path[-1])


def _section(section: Element, where: Where) -> Iterator[Mistake]:
    wrong = _undeclared(section, Shape())
    if wrong:
        yield Mistake(section, wrong)
    if section.name == "backend" and len(list(section.elements())) > 1:  # reported
        yield Mistake(section, "backend section allows only one policy to be specified")
    seen: set[str] = set()
    for element in section.elements():
        policy = policies().get(element.name)
        if policy is not None and policy.once and element.name in seen:  # the rule is documented, its words are not
            yield Mistake(element, f"The policy '{element.name}' can be used only once in a section")
        seen.add(element.name)
    yield from _several(section, section.name, where)


def _several(holder: Element, section: str, where: Where) -> Iterator[Mistake]:
    """The policies in a section, in a fragment, or in a policy that holds others."""
    if holder.text.strip():
        yield Mistake(holder, f"The element '{holder.name}' cannot contain text.")
    for element in holder.elements():
        policy = policies().get(element.name)
        reason = _misplaced(policy, element.name, section, where)
        if reason:
            yield Mistake(element, reason)
        elif policy is not None:
            yield from _policy(element, policy, section, where)


def _misplaced(policy: Policy | None, name: str, section: str, where: Where) -> str | None:
    if policy is None:
        return f"The '{name}' element is not declared."
    if where.scope == "fragment" and name in {"base", "include-fragment"}:  # desired-state 3: no nesting
        return "Policy is not allowed in the specified scope"
    if section and section not in policy.sections:  # a fragment goes anywhere
        return "Policy is not allowed in this section"
    if where.scope not in {*policy.scopes, "fragment"}:
        return "Policy is not allowed in the specified scope"
    if where.tier in policy.not_in:  # reported for rate-limit-by-key
        return f"Policy is not allowed in '{where.tier}' sku"
    return None


def _policy(element: Element, policy: Policy, section: str, where: Where) -> Iterator[Mistake]:
    """A policy by itself: the first thing that is wrong with it; and the policies inside it."""
    inside: list[Element] = []  # what holds policies of its own
    nested: list[Element] = []  # policies that this one is made of
    wrong = _looks(element, policy.shape, policy, inside, nested) or _attributes_together(element, policy, where)
    if wrong:
        yield Mistake(element, wrong)
    for holder in inside:
        yield from _several(holder, section, where)
    for part in nested:
        yield from _policy(part, policies()[part.name], section, where)


def _looks(
    element: Element, shape: Shape, policy: Policy, inside: list[Element], nested: list[Element]
) -> str | None:
    """What is wrong with an element or with what is below it and no policy."""
    wrong = _undeclared(element, shape, "id" if element.name == policy.name else "") or _expressions(element)
    if wrong:
        return wrong
    if shape.content.kind == "policies":
        inside.append(element)
        return None
    if shape.content.kind == "any":
        return _expressions_below(element)
    wrong = refused(element, shape.content)
    if wrong:
        return wrong
    for child in element.elements():
        known = policy.inner.get(child.name)
        if known is None and child.name in policies():
            nested.append(child)
        else:
            text = Shape(content=Content("text"))
            wrong = wrong or _looks(child, known or text, policy, inside, nested)
    return wrong


def _undeclared(element: Element, shape: Shape, also: str = "") -> str | None:
    """Attributes that are not there or not so."""
    given = dict(element.attributes)
    for name, value in element.attributes:
        known = shape.attributes.get(name)
        if name.startswith("xmlns") or name == also:
            continue
        if known is None:
            return f"The '{name}' attribute is not declared."
        wrong = known.type.refuses(value)
        if wrong:
            return f"The '{name}' attribute is invalid - {wrong}"
    for name, attribute in shape.attributes.items():
        if attribute.required and name not in given:
            return f"The required attribute '{name}' is missing."
    return None


def _expressions(element: Element) -> str | None:
    """Expressions that are none, in the words of the compiler (arm-wire 14)."""
    values = [value for _, value in element.attributes]
    if element.get("template") != "liquid":
        values += element.runs_of_text()
    for value in values:
        if is_expression(value):
            try:
                check_expression(value)
            except BadExpression as mistake:
                return str(mistake)
    return None


def _expressions_below(element: Element) -> str | None:
    """The same for content that is anything, unless it is a template of Liquid's."""
    if element.get("template") == "liquid":
        return None
    wrong = None
    for child in element.elements():
        wrong = wrong or _expressions(child) or _expressions_below(child)
    return wrong


def _attributes_together(element: Element, policy: Policy, where: Where) -> str | None:
    """What the reference says of attributes together; the words are inferred."""
    given = {name for name, _ in element.attributes}
    names, one = " or ".join(policy.exactly_one or policy.one_of), len(given & set(policy.exactly_one))
    if (policy.exactly_one and not one) or (policy.one_of and not given & set(policy.one_of)):
        return f"One of the attributes {names} must be specified."
    if one > 1:
        return f"Only one of the attributes {names} can be specified."
    if policy.together and policy.together[0] in given and policy.together[1] not in given:
        return f"The required attribute '{policy.together[1]}' is missing."
    policy_names, attribute = _NOT_EVERYWHERE
    if policy.name in policy_names and attribute in given and where.scope in {"all", "product", "fragment"}:
        return f"The '{attribute}' attribute is unavailable for websocket APIs and global/product policies."
    return None
