"""Models whose predictions come back, through files and tables, as what they learn from (Sculley et al. 2015, feedback loops)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Location, Step
from mldebt.flow.events import Loaded
from mldebt.flow.paths import same_path
from mldebt.flow.values import Place
from mldebt.flow.world import World, numbers
from mldebt.graph.links import Link, Links
from mldebt.graph.reach import Reach
from mldebt.graph.trails import Trails, distinct

EXPLORATION = re.compile(r"propens|explor|holdout|hold_out|epsilon|bandit|is_random|randomi[sz]ed|logging_prob", re.IGNORECASE)
PROVEN = frozenset({"exact", "template", "prefix"})


@dataclass(frozen=True, slots=True)
class DirectLoop:
    """A model that learns from its own output. `role`: target | rows | feature; `eased`: exploration | people, "" for neither."""

    at: Location
    model: str
    asset: str
    role: str
    column: str
    writer: str
    eased: str
    evidence: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class HiddenLoop:
    """Models that learn from each other's output."""

    at: Location
    models: tuple[str, ...]
    count: int
    assets: tuple[str, ...]
    evidence: tuple[Step, ...]


class Feedback:
    def __init__(self, world: World, reach: Reach, links: Links, trails: Trails) -> None:
        self._world = world
        self._reach = reach
        self._links = links
        self._trails = trails

    # -- one model ----------------------------------------------------------------------------------------------------

    def direct(self) -> Iterator[DirectLoop]:
        """One for each model and file, at the fit, by place."""
        found: dict[tuple[int, str], DirectLoop] = {}
        for link in self._links.all:
            if link.upstream == link.learner and link.crossings and self._is_same_model(link):
                loop = self._loop(link)
                found.setdefault((link.learner, loop.asset), loop)
        yield from sorted(found.values(), key=lambda loop: (loop.at, loop.asset))

    def _loop(self, link: Link) -> DirectLoop:
        role = next((role for role in ("target", "rows", "feature") if role in link.roles), "feature")
        columns = self._links.columns(link)
        first = link.crossings[0]
        writer = self._world.program.modules[first.stored.at[0]].path
        name = link.made.frame.function.rpartition(".")[2] if link.made is not None else ""
        return DirectLoop(
            at=self._trails.location(link.fit.at),
            model=self._links.models.name(link.learner),
            asset=link.crossings[-1].asset,
            role=role,
            column=columns[0] if columns else "",
            writer=f"{name}()" if name else f"'{writer}'",
            eased="exploration" if self._explores(link) else "people" if self._is_labelled_by_people(link, role) else "",
            evidence=self._links.steps(link),
        )

    def _is_same_model(self, link: Link) -> bool:
        """Whether it is the trained model that predicts: in one program, or loaded there from where the training keeps it."""
        if link.made_root == link.root:
            return True
        group = self._links.models
        return any(
            own.at in {place for place, _ in loaded.sources} or same_path(own.path, loaded.path)
            for own in group.stored
            if link.learner in {group.of(number) for number in own.models}
            for loaded in self._loads_around(link.made_root)
        )

    def _loads_around(self, number: int) -> list[Loaded]:
        """The objects that a root loads, or the bodies of the modules that it runs in."""
        root = self._world.roots[number]
        modules = {root.module, *(module for module, _ in root.functions)}
        around = [root, *(other for other in self._world.roots if other.kind == "script" and other.module in modules)]
        return [event for other in around for event in other.events if isinstance(event, Loaded) and event.format == "object"]

    # -- what eases a loop --------------------------------------------------------------------------------------------

    def _explores(self, link: Link) -> bool:
        """Whether chance, logged or kept apart, has a say in what is shown or learned from."""
        lesson = link.lesson
        if any(EXPLORATION.search(name) for name in self._names_behind(lesson.weight)):
            return True
        random = self._world.traces.get("random", 0)
        elsewhere = {
            number for number in numbers(random) if self._world.columns[number].at[0] != link.fit.at[0] or link.made_root == link.root
        }
        carried = self._behind(lesson.features | lesson.target | lesson.weight)
        return any(carried >> number & 1 for number in elsewhere)

    def _behind(self, bits: int) -> int:
        """Columns and traces with all they are made of."""
        found, pending = 0, bits
        while pending:
            found |= pending
            deps = 0
            for number in numbers(pending):
                deps |= self._world.columns[number].deps
            pending = deps & ~found
        return found

    def _names_behind(self, bits: int) -> list[str]:
        return [self._world.columns[number].name for number in numbers(self._behind(bits))]

    def _is_labelled_by_people(self, link: Link, role: str) -> bool:
        """Whether the target was written by a form or annotation tool, not by the prediction."""
        if role == "target":
            return False
        lesson = link.lesson
        made = [self._world.columns[number] for number in numbers(lesson.target) if self._world.columns[number].made]
        return bool(made) and all(self._is_in_route(column.at, column.function) and not column.predictions for column in made)

    def _is_in_route(self, at: Place, function: str) -> bool:
        return any(root.kind == "route" and (at[0], function) in root.functions for root in self._world.roots)

    # -- several models -----------------------------------------------------------------------------------------------

    def is_inside(self, link: Link) -> bool:
        """Whether a link is part of a loop of several models."""
        return any(link.upstream in ring and link.learner in ring for ring in self._rings)

    @cached_property
    def _rings(self) -> tuple[frozenset[int], ...]:
        """Strongly connected components of two models or more, over links that cross a file."""
        import networkx

        drawn: networkx.DiGraph[int] = networkx.DiGraph()
        for link in self._crossing:
            drawn.add_edge(link.upstream, link.learner)
        return tuple(sorted((frozenset(ring) for ring in networkx.strongly_connected_components(drawn) if len(ring) > 1), key=sorted))

    @cached_property
    def _crossing(self) -> list[Link]:
        return [
            link
            for link in self._links.all
            if link.upstream != link.learner and link.crossings and link.roles != {"rows"} and {c.proof for c in link.crossings} <= PROVEN
        ]

    def hidden(self) -> Iterator[HiddenLoop]:
        """One for each ring of models, at the first fit in it."""
        for ring in self._rings:
            inside = [link for link in self._crossing if link.upstream in ring and link.learner in ring]
            one_each: dict[tuple[int, int], Link] = {}
            for link in inside:
                one_each.setdefault((link.upstream, link.learner), link)
            chosen = sorted(one_each.values(), key=lambda link: self._trails.location(link.fit.at))
            by_name: dict[str, int] = defaultdict(int)
            for model in sorted(ring):
                by_name[self._links.models.name(model)] += 1
            yield HiddenLoop(
                at=self._trails.location(chosen[0].fit.at),
                models=tuple(sorted(by_name)),
                count=len(ring),
                assets=tuple(sorted({c.asset for link in chosen for c in link.crossings})),
                evidence=distinct(step for link in chosen for step in self._links.steps(link)),
            )
