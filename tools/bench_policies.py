"""How fast a policy is read and compared, and whether the time stays in step with the size, whatever the text."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from rich.table import Table

from reconciler.policy.document import PolicyUnreadable, compare, read

Answer = TypeVar("Answer")
_KIB = (64, 128, 256, 512)
_PROMISED, _TARGET = 256, 1.0  # KiB within seconds
_GROWTH = 3.0  # at most so much dearer may a KiB be in a text eight times as long; were it quadratic, 8
_NOISE = 0.05  # seconds: what takes less is not compared with anything
_ROOT, _END = "<policies><inbound>", "</inbound></policies>"
_VALUE, _VALUE_END = f'{_ROOT}<set-variable name="a" value="', f'" />{_END}'
_BODY, _BODY_END = f"{_ROOT}<set-body>", f"</set-body>{_END}"
_LIQUID = f'{_ROOT}<set-body template="liquid">'
_TERM = 'context.Variables.GetValueOrDefault<string>("k", "(") + $"{context.Api.Id} {{}}" /* " */ + @"\\" + '
_HEADER = '<set-header name="x" exists-action="skip"><value>@(context.Request.Url.Path + "/#")</value></set-header>'
# what stands before, what is repeated, what stands after; # is a number of its own for each
SHAPES = {
    "many elements": (_ROOT, _HEADER, _END),
    "one expression in an attribute": (f"{_VALUE}@(", _TERM, f"1){_VALUE_END}"),
    "one expression in a text": (f"{_BODY}@(", _TERM, f"1){_BODY_END}"),
    "one literal": (f'{_VALUE}@("', "a b ", f'"){_VALUE_END}'),
    "one text": (_BODY, "a &lt; b &#x41; ", _BODY_END),
    "a Liquid template": (_LIQUID, "{% if a < b %} @( ", _BODY_END),
    "strings within strings": (f"{_VALUE}@(1", ' + $"{$"{$"{1}"}"}"', f"){_VALUE_END}"),
    "strings within strings, open": (f"{_VALUE}@(", '$"{', _VALUE_END),
    "@( in an attribute": (_VALUE, "@(", _VALUE_END),
    "@( in a text": (_BODY, "@(", _BODY_END),
    "@( in many attributes": ("<policies><a", ' a#="@("', "/></policies>"),
    "@( in many elements": ("<policies>", '<v a="@("/>', "</policies>"),
    "@( in many texts": ("<policies>", "<v>@(</v>", "</policies>"),
    "@( and quotes": (_VALUE, '@("', _VALUE_END),
    "quotes": (f"{_VALUE}@(", '"', _VALUE_END),
    "apostrophes": (f"{_VALUE}@(", "'", _VALUE_END),
    "<": (_BODY, "<", _BODY_END),
    "&": (_BODY, "&", _BODY_END),
    "digits of an entity": (f"{_VALUE}@(&#", "1", _VALUE_END),
    "openings of comments": (_BODY, "<!-- <![CDATA[ ", _BODY_END),
    "openings of C# comments": (f"{_VALUE}@(", "/* ", _VALUE_END),
    "opening braces": (f"{_VALUE}@{{", "{{", _VALUE_END),
    "backslashes": (f'{_VALUE}@("', "\\", _VALUE_END),
    "elements in elements": ("", "<policies>", ""),
    "blanks": ("<policies", " ", ""),
}


@dataclass(frozen=True)
class Measured:
    """One shape of text: seconds by size in KiB, and whether it is a policy."""

    what: str
    seconds: dict[int, float]
    readable: bool

    @property
    def growth(self) -> float:
        """How much dearer a KiB of the largest text is than one of the smallest."""
        smallest, largest = _KIB[0], _KIB[-1]
        if self.seconds[largest] < _NOISE:
            return 1.0
        return self.seconds[largest] / largest / (self.seconds[smallest] / smallest)

    @property
    def met(self) -> bool:
        """Whether the promise is kept."""
        return self.seconds[_PROMISED] < _TARGET and self.growth < _GROWTH


def measure() -> list[Measured]:
    """Each shape at each size."""
    return [
        *(_reading(shape) for shape in SHAPES),
        _comparing("compare: one element more, in front", lambda parts: ["<base />", *parts]),
        _comparing("compare: in groups, every element changed", _changed, _grouped),
        _comparing("compare: every other element gone", lambda parts: parts[::2]),
        _comparing("compare: in the opposite order", lambda parts: parts[::-1]),
    ]


def text(shape: str, kib: int) -> str:
    """A text of that shape and size."""
    before, unit, after = SHAPES[shape]
    return before + "".join(_units(unit, kib)) + after


def _units(unit: str, kib: int) -> list[str]:
    return [
        unit.replace("/#", f"/{number}").replace(" a#", f" a{number}") for number in range(kib * 1024 // len(unit))
    ]


def _reading(shape: str) -> Measured:
    seconds, readable = {}, False
    for size in _KIB:
        policy = text(shape, size)
        seconds[size], readable = _best(lambda policy=policy: _readable(policy))  # type: ignore[misc]
    return Measured(shape, seconds, readable)


def _readable(policy: str) -> bool:
    try:
        read(policy)
    except PolicyUnreadable:
        return False
    return True


def _grouped(kib: int) -> list[str]:
    """Groups of 99 elements each, which is as many as are put side by side in all ways; 160 of them in 256 KiB."""
    elements = [f'<h n="{number}"/>' for number in range(kib * 1024 // 16)]
    return [f"<g>{''.join(elements[at : at + 99])}</g>" for at in range(0, len(elements), 99)]


def _changed(groups: list[str]) -> list[str]:
    return [group.replace('n="', 'n="0') for group in groups]


def _headers(kib: int) -> list[str]:
    return _units(_HEADER, kib)


def _comparing(
    what: str, change: Callable[[list[str]], list[str]], made: Callable[[int], list[str]] = _headers
) -> Measured:
    """Two documents that were read already."""
    seconds = {}
    for size in _KIB:
        parts = made(size)
        one, other = (read(_ROOT + "".join(each) + _END) for each in (parts, change(parts)))
        seconds[size], found = _best(lambda one=one, other=other: compare(one, other))  # type: ignore[misc]
        if not found:
            raise AssertionError(f"{what}: no difference was found")
    return Measured(what, seconds, readable=True)


def _best(work: Callable[[], Answer]) -> tuple[float, Answer]:
    """The best of three, in seconds of the processor, garbage collection off as in timeit; and the answer."""
    took = []
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            started = time.process_time()
            answer = work()
            took.append(time.process_time() - started)
    finally:
        gc.enable()
    return min(took), answer


def table(measured: list[Measured]) -> Table:
    """The numbers, this machine's and today's: seconds of the processor, not of the clock on the wall."""
    shown = Table("a policy of many", *(f"{size} KiB" for size in _KIB), "a KiB", "is read", "", box=None)
    for each in measured:
        numbers = [f"{each.seconds[size]:.3f} s" for size in _KIB]
        verdict = "kept" if each.met else "MISSED"
        shown.add_row(each.what, *numbers, f"x {each.growth:.1f}", "yes" if each.readable else "no", verdict)
    shown.caption = f"promised: {_PROMISED} KiB within {_TARGET:.0f} s, and a KiB at most x {_GROWTH} at 512 KiB"
    return shown
