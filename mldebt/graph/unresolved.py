"""Calls, paths and config loads that could not be followed, and what each of them costs: the values that go out of sight there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from mldebt.flow.values import Place
from mldebt.flow.world import World
from mldebt.graph.vocabulary import Unresolved

MOST_PLACES = 20


def unresolved(world: World) -> tuple[Unresolved, ...]:
    """By kind, callee and file, the most costly first."""
    leaves = [reason for number, reason in world.used_leaves.items() if world.leaves[number].kind != "group"]
    lost = Counter(place for place, why in (*world.used_because.values(), *leaves) if why != "is a path")
    groups: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for kind, name, place in _places(world):
        groups[kind, name].append(place)
    found = [
        Unresolved(
            kind,
            name,
            sum(lost[place] for place in places),
            len(places),
            tuple(sorted(world.location(place) for place in places)[:MOST_PLACES]),
        )
        for (kind, name), places in groups.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.values, -one.count, one.kind, one.name)))


def _places(world: World) -> Iterator[tuple[str, str, Place]]:
    for place, is_resolved in world.calls.items():
        if not is_resolved:
            yield "call", world.unresolved.get(place, ""), place
    for kind, places in (("path", world.paths), ("config load", world.config_loads)):
        for place, is_resolved in places.items():
            if not is_resolved:
                yield kind, world.program.modules[place[0]].path, place
