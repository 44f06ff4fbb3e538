"""Why something counts as used: the trail of a silent answer."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.core import Location
from mldebt.flow.values import Place
from mldebt.flow.world import World

KINDS = {"option": "Option", "setting": "Setting", "parameter": "Parameter", "environment": "Environment variable"}


def reasons(world: World, name: str) -> Iterator[str]:
    """One line for each option, setting, parameter and column of this name, in the order of their places."""
    lines = [*_leaves(world, name), *_columns(world, name)]
    yield from (line for _, line in sorted(lines))
    if not lines:
        yield f"Nothing called '{name}' was met: no option, setting, parameter or column."


def _leaves(world: World, name: str) -> Iterator[tuple[Location, str]]:
    for number, leaf in enumerate(world.leaves):
        if name in (leaf.name, leaf.declared, leaf.name.rpartition(".")[2]):
            what = f"{_place(leaf.at)}: {KINDS.get(leaf.kind, leaf.kind)} '{leaf.declared or leaf.name}'"
            yield leaf.at, what + _because(world, world.used_leaves.get(number))


def _columns(world: World, name: str) -> Iterator[tuple[Location, str]]:
    for number, column in enumerate(world.columns):
        if column.name == name:
            at = world.location(column.at)
            made = "computed" if column.made else "read from a file"
            yield at, f"{_place(at)}: Column '{name}', {made}," + _because(world, world.used_because.get(number))


def _because(world: World, reason: tuple[Place, str] | None) -> str:
    if reason is None:
        return " is not used by itself"
    return f" {reason[1]} at {_place(world.location(reason[0]))}"


def _place(at: Location) -> str:
    cell = f"cell {at.cell}:" if at.cell is not None else ""
    return f"{at.path}:{cell}{at.line}:{at.column}"
