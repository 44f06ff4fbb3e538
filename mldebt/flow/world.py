"""What one scan knows while it interprets: tables of leaves, columns, models; uses; the events of the present root."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from mldebt.configs.types import ConfigTree
from mldebt.core import Location
from mldebt.declarations.types import Command, Stage
from mldebt.flow.events import CallFrame, Column, Event, Leaf, ModelSite, Prediction, Root, chain_of
from mldebt.flow.heap import Heap
from mldebt.flow.origin import RowTable
from mldebt.flow.program import Program
from mldebt.flow.query_text import Query, Statement
from mldebt.flow.setting_events import Configured, KeyRead
from mldebt.flow.values import Class, Function, Instance, Place, Value
from mldebt.libraries.load import Knowledge


def no_scripts() -> tuple[Statement, ...]:
    """No query files lie in the repository."""
    return ()


def no_text(path: str) -> str | None:
    """No query file can be read."""
    return None


def no_header(path: str, separator: str) -> tuple[str, ...] | None:
    """No table lies in the repository."""
    return None


@dataclass(frozen=True, slots=True)
class Repository:
    """All that flow starts from."""

    program: Program
    knowledge: Knowledge
    config: Callable[[str], ConfigTree | None]  # a config file by its path, None where there is none or it cannot be read
    files: frozenset[str]  # every file of the workspace
    stages: tuple[Stage, ...] = ()
    commands: tuple[Command, ...] = ()
    header: Callable[[str, str], tuple[str, ...] | None] = no_header  # the column names of a text table by its path and separator
    query: Callable[[str], str | None] = no_text  # the text of a query file by its path
    scripts: Callable[[], tuple[Statement, ...]] = no_scripts  # what all query files say


@dataclass(slots=True)
class Snapshot:
    """What was written to a path: the value whole, by whom."""

    path: str
    value: Value
    at: Place
    root: int
    frame: CallFrame
    bits: int = 0
    tracked: bool = True  # it holds something that readers must follow: columns, models, settings, objects


class World:
    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.program = repository.program
        self.knowledge = repository.knowledge
        self.heap = Heap()
        self.leaves: list[Leaf] = []
        self._leaf_numbers: dict[tuple[str, str, str], int] = {}
        self.used_leaves: dict[int, tuple[Place, str]] = {}
        self.overwritten: dict[int, Place] = {}  # options whose attribute got another value, and where
        self.groups: dict[int, tuple[int, ...]] = {}  # a leaf that stands for many, met together
        self.columns: list[Column] = []
        self._column_numbers: dict[tuple[Place, str, bool], int] = {}
        self.forms: dict[
            int, tuple[tuple[Any, ...] | None, tuple[tuple[Place, bool], ...]]
        ] = {}  # of columns: form, and under which guards
        self.used = 0
        self.used_because: dict[int, tuple[Place, str]] = {}
        self.written = 0
        self.models: list[ModelSite] = []
        self._model_numbers: dict[tuple[Place, tuple[Place, ...]], int] = {}
        self.predictions: list[Prediction] = []
        self._prediction_numbers: dict[tuple[Place, int], int] = {}
        self.decisions: list[Place] = []
        self.decided: dict[int, frozenset[int]] = {}  # the predictions that a decision compares
        self.varying: set[tuple[Place, CallFrame]] = set()  # comparisons of predictions with what is not fixed, in some pass of a loop
        self.unset: dict[
            tuple[int, Place], bool | None
        ] = {}  # conditions that a root reached with a value that no setting gave, and how they came out
        self.settled: dict[Place, bool | None] = {}  # conditions that no setting is in: how they came out, None where not always one way
        self._decision_numbers: dict[Place, int] = {}
        self.roots: list[Root] = []
        self.root = Root("import", 0, "", (0, 0))
        self.sequence = 0
        self.guards: tuple[tuple[Place, bool], ...] = ()
        self.handlers = 0  # of errors, that wait around what runs
        self.rows = RowTable()
        self.loops: tuple[Place, ...] = ()
        self.traces: dict[str, int] = {}  # the bits of the traces of each role
        self.bundles: set[frozenset[int]] = set()  # models that are parts of one
        self.loaded_from: dict[Place, set[str]] = {}  # the paths of objects that come from outside, by the place that loads them
        self.adopted_from: dict[int, set[str]] = {}  # the paths that models took their state from
        self._start_tables()

    def _start_tables(self) -> None:
        """What is learned while the roots run."""
        self.calls: dict[Place, bool] = {}
        self.paths: dict[Place, bool] = {}
        self.config_loads: dict[Place, bool] = {}
        self.config_files: dict[str, set[Place]] = {}
        self.imports: dict[int, set[int]] = {}  # the modules that a module imports
        self.escaped_functions: dict[int, tuple[Function, Value | None]] = {}
        self.unresolved: dict[Place, str] = {}
        self.handled: dict[Place, bool] = {}  # places that touch rows: whether they only convert or move them
        self.loads: set[Place] = set()  # reads and loads that give what they read
        self.glances: dict[Place, str] = {}  # calls that only print what they get ("shown"), or give some rows or the shape of it ("peek")
        self.interpreted: set[tuple[int, str]] = set()
        self.parameters: dict[tuple[int, str, str], set[object] | None] = {}
        self.stored: dict[str, list[Snapshot]] = {}
        self.snapshots: list[Snapshot] = []  # all there ever were, in order
        self.previous: dict[str, list[Snapshot]] = {}
        self.readers: dict[int, set[str]] = {}
        self.instances: dict[int, Instance] = {}
        self.classes: list[Class] = []
        self.functions: list[tuple[Function, Class | None]] = []
        self.commands: list[Function] = []
        self.registered_commands: set[int] = set()
        self.command_line: Command | None = None
        self.sources: list[tuple[str, Place]] = []
        self._source_numbers: dict[Place, int] = {}
        self.coded: dict[int, int] = {}  # by column: the marks of codes among its values
        self.deferred: list[tuple[tuple[str, ...], Value, Place]] = []
        self.read_paths: set[str] = set()
        self.made_classes: set[int] = set()
        self.abandoned: list[Root] = []  # roots that could not be followed to the end
        self.given_away: set[int] = set()  # models that a call nobody can follow got
        self.closures: dict[tuple[int, str], set[int]] = {}  # functions that closed over a call's values and left our sight
        self.unseen_queries: set[Place] = set()  # queries that may read any table
        self.answered_queries: set[Query] = set()  # by a call that we follow
        self.headed: set[str] = set()  # path texts whose files were read by their header line

    def keep(self, snapshot: Snapshot) -> None:
        """What a root writes at a place replaces what it wrote there before."""
        known = self.stored.setdefault(snapshot.path, [])
        known[:] = [other for other in known if other.at != snapshot.at or other.root != snapshot.root]
        known.append(snapshot)
        self.snapshots.append(snapshot)

    def leaf(self, leaf: Leaf) -> int:
        """The number of a leaf; equal (kind, owner, name, place) is one leaf."""
        key = (leaf.kind, leaf.owner, f"{leaf.name}@{leaf.at.line}:{leaf.at.column}:{leaf.at.cell}")
        number = self._leaf_numbers.get(key)
        if number is None:
            number = self._leaf_numbers[key] = len(self.leaves)
            self.leaves.append(leaf)
        return number

    def column(
        self, name: str, at: Place, deps: int, made: bool, frame: CallFrame, predictions: frozenset[int] = frozenset(), same_row: int = 0
    ) -> int:
        """The bit of the column that a place makes; the same place makes one column, whoever calls."""
        key = (at, name, made)
        number = self._column_numbers.get(key)
        if number is None:
            number = self._column_numbers[key] = len(self.columns)
            self.columns.append(
                Column(name, at, deps & ~(1 << number), made, frame.function, predictions, frame, same_row & ~(1 << number))
            )
            return 1 << number
        known = self.columns[number]
        deps &= ~(1 << number)
        if deps & ~known.deps or predictions - known.predictions:
            self.columns[number] = replace(known, deps=known.deps | deps, predictions=known.predictions | predictions)
        return 1 << number

    def trace(self, role: str, name: str, at: Place, frame: CallFrame, prediction: int = -1, before: int = 0) -> int:
        """A bit that travels with columns, to say what a value, or the choice of rows, goes back to; `before` are the traces it follows."""
        key = (at, f"{role} {prediction} {name}", False)
        number = self._column_numbers.get(key)
        if number is None:
            number = self._column_numbers[key] = len(self.columns)
            predictions = frozenset({prediction} if prediction >= 0 else ())
            self.columns.append(Column(name, at, before & ~(1 << number), False, frame.function, predictions, frame, 0, role))
            self.traces[role] = self.traces.get(role, 0) | 1 << number
        return 1 << number

    def marks(self) -> int:
        """The bits of all traces: they travel with columns and are none."""
        found = 0
        for bits in self.traces.values():
            found |= bits
        return found

    def source(self, at: Place) -> int:
        """The number of a place that reads a table."""
        number = self._source_numbers.get(at)
        if number is None:
            number = self._source_numbers[at] = len(self.sources)
            self.sources.append(("", at))
        return number

    def model(self, at: Place, type_name: str, name: str, frame: CallFrame | None = None) -> int:
        """The number of the model that a place makes; a function that makes models makes another one for each way to call it."""
        chain = chain_of(frame)
        number = self._model_numbers.get((at, chain))
        if number is None:
            number = self._model_numbers[at, chain] = len(self.models)
            self.models.append(ModelSite(at, type_name, name, self.loops, chain))
        return number

    def prediction(self, model: int, kind: str, at: Place, frame: CallFrame) -> int:
        number = self._prediction_numbers.get((at, model))
        if number is None:
            number = self._prediction_numbers[at, model] = len(self.predictions)
            self.predictions.append(Prediction(model, kind, at, frame))
        return number

    def decision(self, at: Place) -> int:
        number = self._decision_numbers.get(at)
        if number is None:
            number = self._decision_numbers[at] = len(self.decisions)
            self.decisions.append(at)
        return number

    def predictions_in(self, bits: int, role: str = "value") -> frozenset[int]:
        """The predictions that values of these columns are made of (or, by `rows`, that chose the rows)."""
        traces = bits & self.traces.get(role, 0)
        if not traces:
            return frozenset()
        return frozenset().union(*(self.columns[number].predictions for number in numbers(traces)))

    def use_bits(self, bits: int, at: Place, why: str) -> None:
        new = bits & ~self.used
        if new:
            self.used |= new
            for number in numbers(new):
                self.used_because[number] = (at, why)

    def use_leaf(self, key: int, at: Place, why: str) -> None:
        leaf = self.leaves[key]
        if leaf.kind == "setting":
            self.key_read(leaf.owner, leaf.name, at, why)
        self.mark_leaf(key, at, why)

    def mark_leaf(self, key: int, at: Place, why: str) -> None:
        """The leaf is used, without a word to the root."""
        if key not in self.used_leaves:
            self.used_leaves[key] = (at, why)
            for member in self.groups.get(key, ()):
                self.use_leaf(member, at, why)

    def key_read(self, path: str, name: str, at: Place, why: str, whole: bool = False) -> None:
        """A root looks at a setting, or at all below it; said once in a row."""
        last = self.root.events[-1] if self.root.events else None
        if not (isinstance(last, KeyRead) and (last.path, last.name, last.at, last.why) == (path, name, at, why)):
            self.emit(KeyRead("key read", at, CallFrame(None, at, at[0], ""), self.stamp(), self.guards, path, name, whole, why))

    def imported(self, module: int, other: int) -> None:
        self.imports.setdefault(module, set()).add(other)

    def config_loaded(self, path: str, at: Place) -> None:
        self.config_files.setdefault(path, set()).add(at)
        self.emit(Configured("configured", at, CallFrame(None, at, at[0], ""), self.stamp(), self.guards, path))

    def group(self, leaves: tuple[int, ...], at: Place) -> int:
        """One leaf that stands for many: using it uses them all."""
        place = self.location(at)
        number = self.leaf(Leaf("group", " ".join(map(str, leaves)), place.path, place))
        self.groups[number] = leaves
        return number

    def reaches_unset(self, root: int, at: Place, truth: bool | None) -> None:
        """A root reached a condition with a value that no setting gave."""
        self.unset[root, at] = truth if self.unset.get((root, at), truth) is truth else None
        self.settles(at, truth)

    def settles(self, at: Place, truth: bool | None) -> None:
        """A condition came out one way, or may come out both."""
        self.settled[at] = truth if self.settled.get(at, truth) is truth else None

    def glanced(self, at: Place, how: str) -> None:
        """A call at a place only looks; what does more another time does more ("")."""
        self.glances[at] = how if self.glances.get(at, how) == how else ""

    def emit(self, event: Event) -> None:
        self.root.events.append(event)

    def stamp(self) -> int:
        self.sequence += 1
        return self.sequence

    def location(self, place: Place) -> Location:
        return self.program.location(place)


def numbers(bits: int) -> Iterable[int]:
    """The positions of the ones."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
