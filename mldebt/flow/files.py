"""Files and tables: paths as texts, what a root writes is a snapshot that readers get in the next round."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mldebt.declarations.types import HOLE
from mldebt.flow import access, arithmetic
from mldebt.flow.arguments import Arguments
from mldebt.flow.events import CallFrame, Loaded, Stored
from mldebt.flow.joins import join
from mldebt.flow.paths import FIXED_CHARACTERS, TABLE, normal, same_path
from mldebt.flow.values import (
    FALSE,
    TOP,
    TRUE,
    Cell,
    Choice,
    Const,
    Data,
    Frame,
    Instance,
    Mapping,
    Object,
    Place,
    Sequence,
    Top,
    Value,
    options_of,
)
from mldebt.flow.world import Snapshot

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

KEEPS_TEXT = frozenset(
    {
        "strip",
        "lstrip",
        "rstrip",
        "lower",
        "upper",
        "title",
        "capitalize",
        "encode",
        "decode",
        "expanduser",
        "resolve",
        "absolute",
        "as_posix",
    }
)


class Files:
    def __init__(self, run: Interpreter) -> None:
        self._run = run

    # -- texts --------------------------------------------------------------------------------------------------------

    def text_attribute(self, owner: Const, name: str) -> Value:
        model = self._run.world.knowledge.method("pathlib.Path", name)
        if model is not None and model.property:
            return self._run.verbs.property(model, owner, self._run.here, None)
        from mldebt.flow.values import Method

        return Method(owner, "pathlib.Path", name)

    def text_item(self, owner: Const, key: Value) -> Value:
        return Const(HOLE) if key is not owner else TOP

    def text_method(self, owner: Const, name: str, arguments: Arguments) -> Value:
        """Methods of texts and paths (a path is its text)."""
        run = self._run
        text: str = owner.value
        if name in KEEPS_TEXT:
            changed = (
                getattr(text, name)() if name in ("strip", "lower", "upper", "lstrip", "rstrip") and not arguments.positional else text
            )
            return Const(changed, None, owner.written)
        values = [run.look_at(value, arguments.at, "goes into a text") for value in arguments.positional]
        match name:
            case "format" | "format_map":
                return self._formatted(owner, values, arguments)
            case "join" if len(values) == 1:
                return self._joined(text, values[0], arguments)
            case "replace" if len(values) >= 2 and all(isinstance(v, Const) and isinstance(v.value, str) for v in values[:2]):
                old, new = (v.value for v in values[:2] if isinstance(v, Const))
                return Const(text.replace(old, new)) if old and len(text) < arithmetic.MAX_TEXT else TOP
            case "split" | "rsplit" | "splitlines" | "partition" | "rpartition":
                return run.world.heap.list(None, Const(HOLE))
            case "startswith" | "endswith" if len(values) == 1 and (known := _known_texts(text, values[0])) is not None:
                return TRUE if (text.startswith if name == "startswith" else text.endswith)(known) else FALSE
            case "startswith" | "endswith" | "isdigit" | "count" | "find" | "index":
                return TOP
        model = run.world.knowledge.method("pathlib.Path", name)
        if model is not None:
            return run.verbs.call(model, owner, arguments, f"pathlib.Path.{name}")
        for value in arguments.every():
            run.use(value, arguments.at, "goes into a text")
        return Const(HOLE)

    def _formatted(self, template: Const, values: list[Value], arguments: Arguments) -> Value:
        run = self._run
        pieces = re.split(r"\{([^{}]*)\}", template.value)
        parts: list[Value] = [Const(pieces[0], None, template.written)]
        position = 0
        for index in range(1, len(pieces), 2):
            name = pieces[index].split(":")[0].split("!")[0]
            value = arguments.keywords.get(name)
            if name == "" or name.isdigit():
                number = int(name) if name else position
                position += 1
                value = values[number] if number < len(values) else None
            parts.append(value if value is not None else Const(HOLE))
            parts.append(Const(pieces[index + 1]))
        return arithmetic.text_of_parts(run, parts, arguments.at)

    def _joined(self, text: str, value: Value, arguments: Arguments) -> Value:
        run = self._run
        known = run.known_elements(value, arguments.at)
        if known is None or len(known) > 16:
            element, keys = arithmetic.unlisted(access.element(run, value, arguments.at))
            run.use(element, arguments.at, "goes into a text")
            return arithmetic.relisted(Const(HOLE), keys)
        parts: list[Value] = []
        for index, member in enumerate(known):
            parts.extend([Const(text)] if index else [])
            parts.append(member)
        return arithmetic.text_of_parts(run, parts, arguments.at)

    # -- paths --------------------------------------------------------------------------------------------------------

    def converted(self, to: str, values: list[Value], arguments: Arguments) -> Value | None:
        """What a path function makes of texts; None where `to` is no path conversion."""
        run = self._run
        looked = [run.look_at(value, arguments.at, "is a path") for value in values]
        if to == "joined_path":
            joined = arithmetic.path_joined(run, looked)
            return joined if joined is not None else TOP
        if to not in ("path", "parent", "name", "stem", "suffix", "absolute", "with_name", "text") or not looked:
            return None
        if to == "text" and isinstance(looked[0], Mapping):
            return None
        if to == "path" and len(looked) > 1:
            return arithmetic.path_joined(run, looked) or TOP
        found: list[Value] = []
        for option in options_of(looked[0]):
            if isinstance(option, Object) and "path" in option.state:
                found.append(option.state["path"])
            elif isinstance(option, Const) and isinstance(option.value, str):
                found.append(Const(_part(to, option.value), None, option.written if to not in ("name", "stem", "suffix") else None))
            else:
                found.append(option if isinstance(option, Data) else TOP)
        return run.choice(found)

    def texts(self, path: Value | None, at: Place) -> list[str]:
        """The normalised path texts a value may be; unknown ones are left out."""
        if path is None:
            return []
        found: list[str] = []
        for option in options_of(self._run.look_at(path, at, "is a path")):
            if isinstance(option, Object) and "path" in option.state:
                found.extend(self.texts(option.state["path"], at))
            elif isinstance(option, Const) and isinstance(option.value, str):
                found.append(normal(option.value))
        self._run.world.paths[at] = any(len(text.replace(HOLE, "")) >= FIXED_CHARACTERS for text in found)
        return list(dict.fromkeys(found))

    # -- stored values ------------------------------------------------------------------------------------------------

    def write(self, path: Value | None, value: Value, format_: str, at: Place, frame: CallFrame) -> None:
        """A value goes to a path: an event, a snapshot for the next round; where the path is unknown it leaves our sight."""
        run = self._run
        world = run.world
        texts = self.texts(path, at)
        held = Held()
        held.collect(run, value)
        joinable = [text for text in texts if len(text.replace(HOLE, "").replace("/", "")) >= FIXED_CHARACTERS]
        for text in texts or [HOLE]:
            world.emit(
                Stored(
                    "stored",
                    at,
                    frame,
                    world.stamp(),
                    world.guards,
                    text,
                    format_,
                    held.bits,
                    held.predictions,
                    frozenset(held.models),
                    held.columns,
                )
            )
        for text in joinable:
            world.keep(Snapshot(text, _frozen(run, value), at, run.root_number, frame, held.bits, held.tracked))
        if not joinable or any("://" in text for text in texts):
            run.escape(value, at, "is written where nobody here can be seen reading it")
        else:
            world.deferred.append((tuple(joinable), value, at))

    def read(self, path: Value | None, format_: str, at: Place, frame: CallFrame, key: str = "") -> Value | None:
        """What the previous round stored at the paths; None where nothing matches. Always an event."""
        run = self._run
        world = run.world
        texts = self.texts(path, at) if not key else [key]
        found: Value | None = None
        for text in texts or [HOLE]:
            sources: list[tuple[Place, str]] = []
            world.readers.setdefault(run.root_number, set()).add(text)
            for snapshot, proof in self._matches(text):
                found = join(found, run.thawed(snapshot.value))
                sources.append((snapshot.at, proof))
                world.read_paths.add(snapshot.path)
            world.emit(Loaded("loaded", at, frame, world.stamp(), world.guards, text, format_, tuple(sorted(set(sources)))))
        return found

    def _matches(self, text: str) -> Iterator[tuple[Snapshot, str]]:
        world = self._run.world
        for path, snapshots in sorted(world.previous.items()):
            proof = same_path(path, text)
            if proof:
                for snapshot in snapshots:
                    if snapshot.root != self._run.root_number or not text.startswith(TABLE):
                        yield snapshot, proof
        for path, snapshots in sorted(world.stored.items()) if text.startswith(TABLE) else ():
            proof = same_path(path, text)
            for snapshot in snapshots if proof else ():
                if snapshot.root == self._run.root_number:
                    yield snapshot, proof  # a table is there as soon as it is written


def _known_texts(text: str, value: Value) -> tuple[str, ...] | None:
    """The texts to compare a text with, where all is known."""
    items = (value.items or ()) if isinstance(value, Sequence) and not value.state[2] else (value,)
    texts = tuple(item.value for item in items if isinstance(item, Const) and isinstance(item.value, str) and HOLE not in item.value)
    return texts if texts and len(texts) == len(items) and HOLE not in text else None


class Held:
    """What a stored value holds: columns, predictions, models."""

    def __init__(self) -> None:
        self.bits = 0
        self.predictions: frozenset[int] = frozenset()
        self.models: set[int] = set()
        self.columns: tuple[str, ...] = ()
        self.tracked = False

    def collect(self, run: Interpreter, value: Value, depth: int = 4) -> None:
        kind = type(value)
        if kind is Const or kind is Top:
            return
        self.tracked = self.tracked or depth == 0 or not (kind is Choice or kind is Sequence or kind is Mapping)
        if isinstance(value, Data):
            self.bits |= value.bits
            self.predictions |= value.predictions | run.world.predictions_in(value.bits)
        elif isinstance(value, Frame):
            bits = value.state.all_bits()
            self.bits |= bits
            self.predictions |= run.world.predictions_in(bits)
            self.columns = tuple(sorted(value.state.columns))
        elif isinstance(value, Choice) and depth:
            for option in value.options:
                self.collect(run, option, depth - 1)
        elif isinstance(value, Sequence | Mapping | Instance | Object) and depth:
            self._collect_cell(run, value, depth)

    def _collect_cell(self, run: Interpreter, value: Cell, depth: int) -> None:
        from mldebt.flow.escape import members

        if isinstance(value, Object) and isinstance(number := value.state.get("#model"), Const):
            self.models.add(number.value)
        held = list(value.state.values()) if isinstance(value, Object | Instance) else members(value)
        if isinstance(value, Instance):
            number_of = run.verbs.model_of(value, create=False)
            self.models.update({number_of} if number_of >= 0 else ())
        for member in held:
            self.collect(run, member, depth - 1)


def _frozen(run: Interpreter, value: Value) -> Value:
    """A table is kept as it is now; other values are shared."""
    if isinstance(value, Frame):
        return Frame(
            run.world.heap.next_serial(),
            value.type,
            value.state.changed(dict(value.state.columns)),
        )
    return value


def _part(to: str, text: str) -> str:
    match to:
        case "parent":
            return posixpath.dirname(text.rstrip("/"))
        case "name":
            return posixpath.basename(text.rstrip("/"))
        case "stem":
            return posixpath.basename(text.rstrip("/")).rpartition(".")[0] or posixpath.basename(text)
        case "suffix":
            return posixpath.splitext(text)[1]
        case "with_name":
            return posixpath.join(posixpath.dirname(text), HOLE)
    return text
