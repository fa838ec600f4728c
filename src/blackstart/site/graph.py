"""A graph as SVG, laid out in layers at build time: what depends stands above what it depends on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from statistics import fmean

_WIDTH, _HEIGHT, _GAP, _RISE = 190, 44, 26, 78
_MARGIN = 10
_LETTERS = 23  # of a label in one box
_SWEEPS = 4
_NAMED = 'role="group" aria-labelledby="bs-graph-title bs-graph-text"'


@dataclass(frozen=True, slots=True)
class Node:
    """`href` is where its box leads."""

    name: str
    label: str
    href: str


def graph(nodes: Sequence[Node], edges: Iterable[tuple[str, str]], title: str, description: str) -> str:
    """`edges` lead from what depends to what it depends on; the same input gives the same bytes."""
    known = {node.name for node in nodes}
    lines = sorted({(one, two) for one, two in edges if one in known and two in known and one != two})
    layers = _layers([node.name for node in nodes], lines)
    at = {name: (x, layer) for layer, row in enumerate(layers) for x, name in enumerate(row)}
    widest = max(map(len, layers), default=1)
    width = widest * (_WIDTH + _GAP) - _GAP + 2 * _MARGIN
    height = len(layers) * (_HEIGHT + _RISE) - _RISE + 2 * _MARGIN
    places = {name: _place(x, layer, len(layers[layer]), width) for name, (x, layer) in at.items()}
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return "\n".join(
        [
            f'<svg class="bs-graph" xmlns="http://www.w3.org/2000/svg" {size} {_NAMED}>',
            f'<title id="bs-graph-title">{escape(title)}</title><desc id="bs-graph-text">{escape(description)}</desc>',
            '<g fill="none" stroke="currentColor">',
            *(_line(places[one], places[two]) for one, two in lines),
            "</g>",
            *(_box(node, *places[node.name]) for node in nodes),
            "</svg>",
        ]
    )


def _place(x: int, layer: int, count: int, width: int) -> tuple[int, int]:
    row = count * (_WIDTH + _GAP) - _GAP
    return (width - row) // 2 + x * (_WIDTH + _GAP), _MARGIN + layer * (_HEIGHT + _RISE)


def _layers(names: Sequence[str], edges: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Each name below all that depend on it; an edge that closes a circle does not count."""
    below: dict[str, list[str]] = {name: [] for name in names}
    for one, two in edges:
        below[one].append(two)
    depth = _depths(names, below)
    layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=0) + 1)]
    for name in names:
        layers[depth[name]].append(name)
    return _untangled(layers, edges)


def _depths(names: Sequence[str], below: Mapping[str, list[str]]) -> dict[str, int]:
    """The length of the longest way down to each, found in the reverse of a depth-first order."""
    order: list[str] = []
    state: dict[str, int] = {}  # 1: on the way, 2: done
    kept: dict[str, list[str]] = {name: [] for name in names}
    for first in names:
        stack = [(first, iter(below[first]))] if first not in state else []
        state.setdefault(first, 1)
        while stack:
            name, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                state[name] = 2
                order.append(name)
                stack.pop()
            elif state.get(following) != 1:
                kept[name].append(following)
                if following not in state:
                    state[following] = 1
                    stack.append((following, iter(below[following])))
    depth = dict.fromkeys(names, 0)
    for name in reversed(order):
        for following in kept[name]:
            depth[following] = max(depth[following], depth[name] + 1)
    return depth


def _untangled(layers: list[list[str]], edges: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Each box near the middle of its neighbours, so that few lines cross."""
    near: dict[str, list[str]] = {}
    for one, two in edges:
        near.setdefault(one, []).append(two)
        near.setdefault(two, []).append(one)
    for _ in range(_SWEEPS):
        for row in layers:
            place = {name: x - len(other) / 2 for other in layers for x, name in enumerate(other)}
            middle = {name: fmean(place[one] for one in near.get(name, [name])) for name in row}
            row.sort(key=lambda name: (middle[name], name))
    return layers


def _line(start: tuple[int, int], end: tuple[int, int]) -> str:
    x, y = start[0] + _WIDTH // 2, start[1] + _HEIGHT
    to, at = end[0] + _WIDTH // 2, end[1]
    bend = _RISE // 2
    curve = f"M{x} {y}C{x} {y + bend} {to} {at - bend} {to} {at}"
    return f'<path d="{curve}"/><path d="M{to - 4} {at - 7}L{to} {at}L{to + 4} {at - 7}"/>'


def _box(node: Node, x: int, y: int) -> str:
    label = node.label if len(node.label) <= _LETTERS else f"{node.label[: _LETTERS - 1]}…"
    return (
        f'<a href="{escape(node.href)}"><title>{escape(node.label)}</title>'
        f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="6" fill="none" stroke="currentColor"/>'
        f'<text x="{x + _WIDTH // 2}" y="{y + _HEIGHT // 2 + 5}" text-anchor="middle" fill="currentColor"'
        f' font-size="14">{escape(label)}</text></a>'
    )
