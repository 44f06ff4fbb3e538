"""Flags that every configuration, command and caller sets to one value, and the branch that therefore never runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.configs.types import ConfigPath, MappingNode, ScalarNode
from mldebt.core import Location, Step
from mldebt.declarations.types import Command
from mldebt.flow.events import Branched, Leaf, Moved
from mldebt.flow.follow import Followed
from mldebt.flow.options import given_value
from mldebt.flow.setting_sources import Choosing
from mldebt.flow.values import Place
from mldebt.graph.operational import is_operational
from mldebt.graph.published import Published
from mldebt.graph.reach import Reach
from mldebt.graph.surroundings import Surroundings
from mldebt.graph.trails import Trails, distinct
from mldebt.libraries.types import Fits

STALE_DAYS = 90
LEARNERS = frozenset({"model", "layer", "loss", "transformer", "pipeline", "search"})


@dataclass(frozen=True, slots=True)
class DeadBranch:
    """A flag with one value everywhere, and what it keeps from running."""

    symbol: str
    value: object
    at: Location
    defined_at: Location | None
    where: str  # "every configuration", "every command", "every call"
    lines: int
    key: str
    age_days: int | None
    evidence: tuple[Step, ...]


class Flags:
    def __init__(self, followed: Followed, reach: Reach, trails: Trails, around: Surroundings, published: Published) -> None:
        self._world = followed.world
        self._settings = followed.interpreter.settings
        self._names = followed.interpreter.names
        self._words = followed.interpreter.options.words
        self._reach = reach
        self._trails = trails
        self._around = around
        self._published = published

    def dead_branches(self) -> Iterator[DeadBranch]:
        """One for each flag, at its first branch, by place."""
        by_flag: dict[str, list[DeadBranch]] = defaultdict(list)
        for place, events in sorted(self._branches().items()):
            found = self._judge(place, events)
            if found is not None:
                by_flag[found.key].append(found)
        for branches in by_flag.values():
            yield branches[0] if len(branches) == 1 else _merged(branches)

    def _branches(self) -> dict[Place, list[Branched]]:
        """Conditions on exactly one leaf, outside tests, by place."""
        found: dict[Place, list[Branched]] = defaultdict(list)
        for number, root in enumerate(self._world.roots):
            if "test" in self._reach.colours[number]:
                continue
            for event in root.events:
                if isinstance(event, Branched) and self._world.program.modules[event.at[0]].role == "source":
                    found[event.at].append(event)
        return found

    @cached_property
    def _unset(self) -> frozenset[Place]:
        """Conditions that code outside tests reaches with a value that no setting gave, as after `flag = True`."""
        return frozenset(place for root, place in self._world.unset if root >= 0 and "test" not in self._reach.colours[root])

    def _judge(self, place: Place, events: list[Branched]) -> DeadBranch | None:
        leaves = frozenset().union(*(event.leaves for event in events))
        taken = {event.taken for event in events}
        known = {(self._world.leaves[n].kind, self._world.leaves[n].name, self._world.leaves[n].value) for n in leaves}
        if len(known) != 1 or len(taken) != 1 or None in taken or place in self._unset or self._is_for_others(place, events, leaves):
            return None
        number = min(leaves)
        leaf = self._world.leaves[number]
        event = events[0]
        dead_size, span = (event.else_size, event.else_span) if event.taken else (event.then_size, event.then_span)
        span = span if span[1] >= 0 else event.then_span
        if dead_size == 0 or self._is_operational(leaf) or not isinstance(leaf.value, bool):
            return None
        where = self._single_valued(leaf, number)
        if not where or (leaf.kind == "parameter" and self._is_given_out_of_sight(leaf, (place[0], *span))):
            return None
        return self._dead(place, event, leaf, span, where)

    @staticmethod
    def _is_operational(leaf: Leaf) -> bool:
        """Whether the name or the help of a flag says that people switch it while they work."""
        return "operational" in leaf.traits or is_operational(leaf.name.rpartition(".")[2])

    def _is_for_others(self, place: Place, events: list[Branched], leaves: frozenset[int]) -> bool:
        """Whether a branch on a parameter may be reached with other values: by callers we cannot see, through another function's parameter that
        the value goes into, or from the next cell of a notebook."""
        if not any(self._world.leaves[number].kind == "parameter" for number in leaves):
            return False
        holders = {(event.frame.module, event.frame.function) for event in events}
        if holders & self._handed_away or self._world.program.modules[place[0]].is_notebook:
            return True
        values = {("bool", self._world.leaves[number].value) for number in leaves}
        return any(self._world.parameters.get(key) != values for number in leaves for key in self._passed_on[number] if key[:2] in holders)

    @cached_property
    def _passed_on(self) -> dict[int, set[tuple[int, str, str]]]:
        """The parameters that leaves were handed to."""
        found: dict[int, set[tuple[int, str, str]]] = defaultdict(set)
        for root in self._world.roots:
            for event in root.events:
                if isinstance(event, Moved):
                    found[event.leaf].add((event.module, event.function, event.parameter))
        return found

    def _dead(self, place: Place, event: Branched, leaf: Leaf, span: tuple[int, int], where: str) -> DeadBranch | None:
        at = self._trails.location(place)
        age = self._age(leaf.at)
        if any(days is not None and days < STALE_DAYS for days in (age, self._age(at))):
            return None
        first, last = (self._trails.location((place[0], token)) for token in span)
        return DeadBranch(
            symbol=leaf.name,
            value=leaf.value,
            at=at,
            defined_at=leaf.at,
            where=where,
            lines=max(last.line - first.line + 1, 1),
            key=_key(leaf),
            age_days=age,
            evidence=distinct(
                [
                    Step(leaf.at, f"'{leaf.name}' is {leaf.value} here, as in {where}"),
                    *self._trails.calls(event.frame),
                    Step(at, f"'{leaf.name}' decides here"),
                    Step(first, "this never runs"),
                ]
            ),
        )

    def _age(self, at: Location) -> int | None:
        """Days since the flag was last set, if the history is long enough to tell."""
        history = self._around.history()
        return self._around.ages(at) if history is not None and history >= STALE_DAYS else None

    # -- values -------------------------------------------------------------------------------------------------------

    def _single_valued(self, leaf: Leaf, number: int) -> str:
        """Where the flag has one value everywhere: the words for it, else ""."""
        if self._is_documented(leaf):
            return ""
        match leaf.kind:
            case "setting":
                return "every configuration" if self._is_set_alike(leaf) and not self._is_overridden(leaf) else ""
            case "option":
                return self._option_words(leaf, number)
            case "parameter":
                return "every call" if self._parameter_is_default(leaf) else ""
        return ""

    def _is_set_alike(self, leaf: Leaf) -> bool:
        """Whether no config sets the key to something else: no variant, and where the path may come from outside no other file of that format."""
        if any(value != leaf.value for _file, value in self.by_file(leaf)):
            return False
        if self._choosing(leaf) is not None:
            return True
        path: ConfigPath = tuple(leaf.name.split("."))
        return all(value == leaf.value for file in self._by_format[_format(leaf.owner)] for value in self._values_in(file, path))

    def by_file(self, leaf: Leaf) -> Iterator[tuple[str, object]]:
        """The values of a key over all variants: Hydra's config directory, else the files beside the one that was loaded and those of its name
        in the folders beside."""
        path: ConfigPath = tuple(leaf.name.split("."))
        choosing = self._choosing(leaf)
        if choosing is not None:
            yield from ((file, value) for value, file, _at in choosing.configs.values_of(path))
            return
        yield leaf.owner, leaf.value
        for file in self._by_format[_format(leaf.owner)]:
            if file != leaf.owner and _is_beside(leaf.owner, file):
                yield from ((file, value) for value in self._values_in(file, path))

    def _choosing(self, leaf: Leaf) -> Choosing | None:
        """The composition that a setting comes from, None for a file that was loaded as it is."""
        source = next((int(trait.removeprefix("source:")) for trait in leaf.traits if trait.startswith("source:")), -1)
        return self._settings.sources.variants.get(source)

    @cached_property
    def _by_format(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for file in sorted(self._around.files):
            found[_format(file)].append(file)
        return found

    def _values_in(self, file: str, path: ConfigPath) -> Iterator[object]:
        node = _node(self._world.repository.config(file), path)
        if isinstance(node, ScalarNode):
            yield node.value

    def _is_overridden(self, leaf: Leaf) -> bool:
        """Whether a command of the repository sets the key (`a.b=true`, `--set-param a.b=true`)."""
        short = leaf.name + "="
        return any(word.lstrip("+~").startswith(short) for command in self._world.repository.commands for word in command.arguments) or any(
            f"{leaf.name}=" in command for stage in self._around.stages for command in stage.commands
        )

    def given(self, number: int, command: Command) -> object:
        """What a command line makes of an option."""
        value = given_value(command.arguments, *self._words[number]) if number in self._words else None
        return self._world.leaves[number].value if value is None else value

    def _option_words(self, leaf: Leaf, number: int) -> str:
        commands = [
            c for c in self._world.repository.commands if c.module == leaf.owner and c.source in ("stage", "make", "shell", "docker")
        ]
        words, action = self._words.get(number, ((), ""))
        if not commands or not words:
            return ""
        given = {given_value(c.arguments, words, action) for c in self._world.repository.commands if c.module == leaf.owner}
        return "every command" if given <= {None, leaf.value} else ""

    def _parameter_is_default(self, leaf: Leaf) -> bool:
        """Whether all callers are known, none sets the parameter, and nobody outside can."""
        name = leaf.name.rpartition(".")[2]
        module = self._world.program.by_path[leaf.owner]
        values = self._world.parameters.get((module.number, leaf.declared.rpartition(".")[0], name))
        if values is None or values != {("bool", leaf.value)} or (module.number, leaf.declared.rpartition(".")[0]) in self._constructors:
            return False
        if (module.number, leaf.declared.rpartition(".")[0]) in self._handed_away or self._is_used_in_a_copy(leaf, module.number, name):
            return False
        private = any(part.startswith("_") and not part.startswith("__") for part in leaf.declared.split("."))
        return private or not self._published.holds(module)

    @cached_property
    def _constructors(self) -> frozenset[tuple[int, str]]:
        """Constructors of layers, models and estimators: what they take is the interface of something to be used again, and often a library's own."""
        return frozenset(
            (cls.module, f"{cls.code.qualname}.__init__")
            for cls in self._world.classes
            if any(self._learns(base) for base in self._names.library_bases(cls))
        )

    def _learns(self, base: str) -> bool:
        knowledge = self._world.knowledge
        fit = knowledge.method(base, "fit")
        return knowledge.kind(base) in LEARNERS or (fit is not None and any(isinstance(verb, Fits) for verb in fit.verbs))

    def _is_given_out_of_sight(self, leaf: Leaf, dead: tuple[int, int, int]) -> bool:
        """Whether a call that was not followed gives an argument of this name: nobody knows which function it means. `dead` is the branch itself."""
        name = leaf.name.rpartition(".")[2]
        for module in self._world.program.modules:
            for token in module.keywords.get(name, ()) if module.role == "source" else ():
                inside = module.number == dead[0] and dead[1] <= token <= dead[2]
                if not inside and (module.number, token) not in self._world.calls:
                    return True
        return False

    def _is_used_in_a_copy(self, leaf: Leaf, module: int, name: str) -> bool:
        """Whether a copy of the function in another file gets another value: the helper was taken along as a whole."""
        qualname = leaf.declared.rpartition(".")[0]
        copies = self._namesakes.get((qualname, name), {})
        own = self._outlines(module, qualname)
        return any(
            (values is None or (values and values != {("bool", leaf.value)})) and not own.isdisjoint(self._outlines(other, qualname))
            for other, values in copies.items()
            if other != module
        )

    @cached_property
    def _namesakes(self) -> dict[tuple[str, str], dict[int, set[object] | None]]:
        """What callers give the parameters of functions, by (function, parameter) and module."""
        found: dict[tuple[str, str], dict[int, set[object] | None]] = defaultdict(dict)
        for (module, qualname, parameter), values in self._world.parameters.items():
            found[qualname, parameter][module] = values
        return found

    def _outlines(self, module: int, qualname: str) -> frozenset[tuple[object, ...]]:
        """Parameters and length of the functions of a name."""
        codes = self._world.program.modules[module].codes(qualname)
        return frozenset((code.size, *(parameter.name for parameter in code.parameters)) for code in codes)

    @cached_property
    def _handed_away(self) -> frozenset[tuple[int, str]]:
        """Functions that code we cannot see may call; a private method is not called from outside because its object is there."""
        return frozenset(
            (function.module, function.code.qualname)
            for function, receiver in self._world.escaped_functions.values()
            if receiver is None or not function.code.name.startswith("_")
        )

    def _is_named_in_texts(self, path: str, name: str) -> bool:
        """Whether a message of the module tells people to set it."""
        constants = self._world.program.by_path[path].facts.constants
        return any(isinstance(text, str) and f"{name}=" in text for text in constants)

    def _is_documented(self, leaf: Leaf) -> bool:
        """Whether people are told to set it: `--flag` or `key=` in the documentation."""
        short = leaf.name.rpartition(".")[2]
        text = self._around.documentation
        if leaf.kind == "parameter" and self._is_named_in_texts(leaf.owner, short):
            return True
        return (
            f"{leaf.name}=" in text
            or (leaf.kind == "option" and leaf.declared in text)
            or f"{short}=" in text
            or f"{short}: {str(not leaf.value).lower()}" in text
        )


def _key(leaf: Leaf) -> str:
    """What tells one flag from another of its name: its script, or the function that declares it."""
    match leaf.kind:
        case "option":
            return f"option:{leaf.name}:{leaf.owner}"
        case "parameter":
            return f"parameter:{leaf.declared}:{leaf.owner}"
    return f"{leaf.kind}:{leaf.name}"


def _merged(branches: list[DeadBranch]) -> DeadBranch:
    """One finding for all branches of a flag; the others are evidence."""
    first = branches[0]
    steps = [step for branch in branches for step in branch.evidence]
    return DeadBranch(
        first.symbol,
        first.value,
        first.at,
        first.defined_at,
        first.where,
        sum(b.lines for b in branches),
        first.key,
        first.age_days,
        distinct(steps),
    )


def _format(file: str) -> str:
    suffix = file.rpartition(".")[2]
    return "yaml" if suffix == "yml" else suffix


def _is_beside(loaded: str, file: str) -> bool:
    """Whether a file is in the folder of another, or has its name in a folder beside that."""
    folder, _, name = loaded.rpartition("/")
    other, _, other_name = file.rpartition("/")
    return folder == other or (name == other_name and bool(folder and other) and folder.rpartition("/")[0] == other.rpartition("/")[0])


def _node(tree: object, path: ConfigPath) -> object:
    node = getattr(tree, "root", None)
    for part in path:
        entry = node.entry(part) if isinstance(node, MappingNode) else None
        if entry is None:
            return None
        node = entry.value
    return node
