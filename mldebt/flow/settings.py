"""Config files as values: views of trees, leaves, loads proven from code, Hydra's `main`, instantiation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mldebt.configs.composition import Origin
from mldebt.configs.tree import effective
from mldebt.configs.types import ConfigNode, ConfigPath, MappingNode, ScalarNode, SequenceNode
from mldebt.core import Location
from mldebt.declarations.types import HOLE
from mldebt.flow import asking, containers, environment, instantiation
from mldebt.flow.arguments import Arguments
from mldebt.flow.config_files import resolve
from mldebt.flow.dumping import dumped
from mldebt.flow.events import CallFrame
from mldebt.flow.events import Leaf as LeafInfo
from mldebt.flow.hydra_commands import primaries, started
from mldebt.flow.joins import join, join_all
from mldebt.flow.options import plain_text
from mldebt.flow.setting_sources import Key, SettingSources, directory_of
from mldebt.flow.values import (
    MAX_CHOICE,
    NONE,
    TOP,
    Choice,
    Const,
    Expression,
    Instance,
    Leaf,
    Mapping,
    Method,
    Namespace,
    Object,
    Place,
    Sequence,
    Value,
    View,
    options_of,
    unwritten,
)
from mldebt.libraries.types import Configures

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


METHODS = frozenset({"items", "keys", "values", "get", "pop", "copy", "update", "setdefault"})


class Settings:
    def __init__(self, run: Interpreter) -> None:
        self._run = run
        self.sources = SettingSources(run.world)
        self._effective: dict[int, tuple[ConfigNode, dict[str | int, ConfigNode]]] = {}
        self._escaped: set[Key] = set()
        self.fallback: Value | None = None  # of the key that is being asked for
        self._initialized: tuple[str | None, int] | None = None  # Hydra's config path, and the module that it is seen from

    # -- loads --------------------------------------------------------------------------------------------------------

    def load(self, verb: Configures, source: Value | None, at: Place) -> Value:
        """The view that a loader gives of the file it is handed: a handle, a read text, or (where the loader takes one) a path."""
        views: list[Value] = []
        for option in options_of(self._run.look_at(source, at, "is a path")) if source is not None else ():
            texts = self._path_of(option, verb)
            if not texts:
                self._run.escape(option, at, "is loaded")
                self.sources.unresolved[at] = str(verb.format or "")
                views.append(TOP)
            for text in texts:
                views.extend(self._views(text, at))
        self._run.world.config_loads[at] = self._run.world.config_loads.get(at, False) or any(isinstance(v, View) for v in views)
        return self._run.choice(views) if views else TOP

    def _path_of(self, option: Value, verb: Configures) -> list[str]:
        if isinstance(option, Object) and "path" in option.state:
            return [o.value for o in options_of(option.state["path"]) if isinstance(o, Const) and isinstance(o.value, str)]
        if isinstance(option, Const) and isinstance(option.value, str) and "\n" not in option.value and "{" not in option.value:
            return [option.value]
        return []

    def _views(self, text: str, at: Place) -> list[Value]:
        paths = resolve(self._run.world.repository.files, self._run.world.program.modules[at[0]].folder, text)
        self._run.world.paths[at] = bool(paths)
        if not paths and HOLE in text:
            self.sources.unresolved[at] = ""
        views: list[Value] = []
        for path in paths:
            self._run.world.config_loaded(path, at)
            number = self.sources.file(path, at)
            views.append(View(number, (), self.sources.composed[number].root) if number is not None else TOP)
        return views or [TOP]

    def hydra_main(self, config_path: str | None, config_name: str | None, module: int, at: Place, words: tuple[str, ...] = ()) -> Value:
        """The composed config that `@hydra.main` hands to its function."""
        if not config_name:
            return TOP
        world = self._run.world
        directory = directory_of(world.repository.files, world.program.modules[module].folder, config_path, config_name)
        number = self.sources.hydra(directory, config_name, words, at)
        world.config_loads[at] = number is not None
        if number is None:
            return TOP
        composed = self.sources.composed[number]
        for file in composed.files:
            world.config_loaded(file, at)
        return View(number, (), composed.root)

    def _started(self, config_path: str | None, config_name: str | None, at: Place) -> Value:
        """What `@hydra.main` may hand to its function: the config that the decorator names, and those that command lines choose instead."""
        world, module = self._run.world, self._run.world.program.modules[at[0]]
        found = primaries(world.repository.commands, module.path)
        asked, unsettled = started(found, config_path, config_name, lambda *of: directory_of(world.repository.files, module.folder, *of))
        self.sources.unsettled |= unsettled
        known = [view for path, name in asked if isinstance(view := self.hydra_main(path, name, at[0], at), View)]
        world.config_loads[at] = bool(known)
        return self._run.choice(known) if known else TOP

    # -- reading ------------------------------------------------------------------------------------------------------

    def child(self, view: View, key: str | int, at: Place) -> Value | None:
        """What stands under a key: a view, a leaf; None where nothing does."""
        node = self._below(view.node, key)
        if node is None:
            return None
        return self.value(view.source, (*view.path, key), node)

    def _below(self, node: ConfigNode, key: str | int) -> ConfigNode | None:
        if isinstance(node, MappingNode):
            return self._members(node).get(key)
        if isinstance(node, SequenceNode) and isinstance(key, int) and -len(node.items) <= key < len(node.items):
            return node.items[key]
        return None

    def _members(self, node: MappingNode) -> dict[str | int, ConfigNode]:
        """The values of a mapping by key, looked up once."""
        known = self._effective.get(id(node))
        if known is None:
            known = self._effective[id(node)] = (node, {key: entry.value for key, entry in effective(node).items()})
        return known[1]

    def value(self, source: int, path: ConfigPath, node: ConfigNode) -> Value:
        if not isinstance(node, ScalarNode):
            self.sources.handed.add((source, path))
            return View(source, path, node)
        value = node.value
        if isinstance(value, str) and "${" in value:
            resolved = self._interpolated(source, path)
            return Leaf(self.leaf(source, path, node), resolved)
        return Leaf(self.leaf(source, path, node), Const(value) if value != "???" else TOP)

    def _interpolated(self, source: int, path: ConfigPath) -> Value:
        from mldebt.configs.interpolation import resolve

        node = resolve(self.sources.composed[source].root, path)
        if isinstance(node, ScalarNode):
            return Const(node.value)
        return TOP if node is None else View(source, path, node)

    def leaf(self, source: int, path: ConfigPath, node: ConfigNode) -> int:
        number = self.sources.leaves.get((source, path))
        if number is None:
            number = self.sources.leaves[source, path] = self._new_leaf(source, path, node)
        return number

    def _new_leaf(self, source: int, path: ConfigPath, node: ConfigNode) -> int:
        origin = self.sources.composed[source].lookup(path) or Origin(self.sources.composed[source].files[0], node.at, node)
        file = origin.file or self.sources.composed[source].files[0]
        at = Location(file, origin.at.line, origin.at.column, origin.at.end_line, origin.at.end_column)
        name = ".".join(map(str, path))
        value = node.value if isinstance(node, ScalarNode) else None
        return self._run.world.leaf(LeafInfo("setting", name, file, at, name, frozenset({f"source:{source}"}), value))

    def attribute(self, view: View, name: str, at: Place, frame: CallFrame) -> Value:
        found = self.child(view, name, at)
        if found is None and name in METHODS:
            return Method(view, "view", name)
        asking.asked(self._run, view, name, at, frame, "attribute" if self.fallback is None else "optional", found is not None)
        return found if found is not None else TOP

    def item(self, view: View, key: Value, at: Place, frame: CallFrame) -> Value:
        found: list[Value] = []
        options = options_of(key)
        for option in options:
            child = self.child(view, option.value, at) if isinstance(option, Const) and isinstance(option.value, str | int) else None
            if isinstance(option, Const):
                asking.asked(self._run, view, option.value, at, frame, "item", child is not None)
            if child is not None:
                found.append(_listed(child) if len(options) > 1 else child)
            elif isinstance(option, Const):
                found.append(TOP)
            else:
                found.append(self._any_of(view, at))
        return self._run.choice(found)

    def _any_of(self, view: View, at: Place) -> Value:
        """What a computed key gives: one of the values, where they are few."""
        known = self.entries(view, at)[0]
        if len(known) >= MAX_CHOICE:
            self.escape(view, at, "is read by a computed key")
            return TOP
        return self._run.choice((*map(_listed, known.values()), TOP))

    def method(self, view: View, name: str, arguments: Arguments) -> Value:
        run = self._run
        heap = run.world.heap
        known, _rest, _open = self.entries(view, arguments.at)
        match name:
            case "get" | "pop" | "setdefault" if arguments.positional:
                return self._get(view, arguments)
            case "items":
                self.sources.name_all(view, known)
                return heap.list(tuple(heap.tuple((Const(key), _listed(value))) for key, value in known.items()))
            case "values":
                return heap.list(tuple(map(_listed, known.values())))
            case "keys":
                self.sources.name_all(view, known)
                return heap.list(tuple(map(Const, known)))
            case "copy":
                return heap.mapping(dict(known))
            case "update":
                self.sources.written.add((view.source, view.path))
                for value in arguments.every():
                    run.escape(value, arguments.at, "is merged into settings")
                return NONE
            case "append" | "extend" | "index" | "count" | "insert" | "sort":
                run.use(view, arguments.at, "is changed as a list")
                return TOP
        self.escape(view, arguments.at, f"has {name}() called on it")
        return TOP

    def _get(self, view: View, arguments: Arguments) -> Value:
        run = self._run
        asking.choose(run, view, arguments.positional[0], arguments.at)
        key = run.look_at(arguments.positional[0], arguments.at, "is a key")
        default = arguments.positional[1] if len(arguments.positional) > 1 else arguments.keywords.get("default_value", NONE)
        found: list[Value] = []
        self.fallback = default
        for option in options_of(key):
            if isinstance(option, Const) and isinstance(option.value, str | int):
                child = self.child(view, option.value, arguments.at) or self._deep(view, option.value, arguments.at)
                asking.asked(self._run, view, option.value, arguments.at, arguments.frame, "optional", child is not None)
                found.append(child if child is not None else default)
            else:
                found.append(self._any_of(view, arguments.at))
        self.fallback = None
        return run.choice(found)

    def _deep(self, view: View, key: str | int, at: Place) -> Value | None:
        if not isinstance(key, str) or "." not in key:
            return None
        value: Value | None = view
        for part in key.split("."):
            value = self.child(value, part, at) if isinstance(value, View) else None
        return value

    def entries(self, view: View, at: Place) -> tuple[dict[Any, Value], Value | None, bool]:
        if isinstance(view.node, MappingNode):
            keys: list[str | int] = list(self._members(view.node))
        elif isinstance(view.node, SequenceNode):
            keys = list(range(len(view.node.items)))
        else:
            keys = []
        return {key: child for key in keys if (child := self.child(view, key, at)) is not None}, None, False

    def element(self, view: View, at: Place) -> Value:
        known = self.entries(view, at)[0]
        if isinstance(view.node, MappingNode):
            self.sources.name_all(view, known)
            return self._run.choice(map(Const, known)) if known else TOP
        return join_all(list(known.values())) or TOP

    def texts(self, view: View, at: Place) -> list[str] | None:
        """The texts of a list of names, its leaves used; None where it holds anything else."""
        names: list[str] = []
        for value in self.entries(view, at)[0].values():
            shown = self._run.look_at(value, at, "names a column")
            if isinstance(shown, View):
                more = self.texts(shown, at)
                if more is None:
                    return None
                names.extend(more)
            elif isinstance(shown, Const) and isinstance(shown.value, str):
                names.append(shown.value)
            else:
                return None
        return names

    def store(self, view: View, key: object, value: Value, at: Place) -> None:
        known = key if isinstance(key, str) else plain_text(key) if isinstance(key, Value) else None
        self.sources.written.add((view.source, (*view.path, known) if known is not None else view.path))
        self._run.escape(value, at, "is written into settings")

    def escape(self, view: View, at: Place, why: str) -> None:
        """Everything below a view may be read."""
        for file in self.sources.composed[view.source].files:
            self._run.world.key_read(file, ".".join(map(str, view.path)), at, why, whole=True)
        if (view.source, view.path) in self._escaped:
            return
        self._escaped.add((view.source, view.path))
        for leaf in self.leaves_below(view):
            self._run.world.mark_leaf(leaf, at, why)

    def leaves_below(self, view: View) -> list[int]:
        found: list[int] = []
        pending: list[tuple[ConfigPath, ConfigNode]] = [(view.path, view.node)]
        while pending:
            path, node = pending.pop()
            if isinstance(node, ScalarNode):
                found.append(self.leaf(view.source, path, node))
            elif isinstance(node, SequenceNode):
                pending.extend(((*path, index), item) for index, item in enumerate(node.items))
            else:
                pending.extend(((*path, key), value) for key, value in self._members(node).items())
        return found

    # -- library roles ------------------------------------------------------------------------------------------------

    def apply(self, verb: Configures, receiver: Value | None, arguments: Arguments, name: str) -> Value:
        run, at = self._run, arguments.at
        source = arguments.get(verb.source) if verb.source is not None else receiver
        match verb.role:
            case "load":
                return self.load(verb, Const("params.yaml") if verb.format == "dvc" and not arguments.every() else source, at)
            case "create" | "container" | "structured":
                self.sources.structured = self.sources.structured or verb.name is not None
                return self.created(source, arguments)
            case "merge":
                values = [value for value, _ in arguments.many(verb.source)] if verb.source is not None else arguments.every()
                self._mixed([*values, *([receiver] if receiver is not None else [])])
                return run.choice(values) if values else TOP
            case "select":
                key = arguments.get(verb.key)
                return self._selected(source, key, arguments) if isinstance(source, View) and key is not None else TOP
            case "main":
                path, name_ = (_text(arguments.get(argument)) for argument in (verb.path, verb.name))
                return Expression("hydra", self._started(path, name_, at))
            case "compose":
                return self._composed(verb, arguments)
            case "environment":
                default = arguments.get(verb.default)
                environment.read(run, arguments.get(verb.key), False, at, arguments.frame)
                return join(unwritten(default), TOP) if default is not None else TOP
            case "keep":
                return containers.kept(run, receiver, str(verb.attribute), arguments)
            case "target" | "instantiate":
                return instantiation.apply(run, verb.role, source, arguments)
            case "dump":
                return dumped(self._run, arguments, name)
        self._mixed(arguments.every())
        for value in arguments.every():
            run.escape(value, at, f"is given to {name}")
        return TOP

    def _mixed(self, values: list[Value]) -> None:
        """Settings that are laid over each other may have what each of them lacks."""
        views = [option for value in values for option in options_of(value) if isinstance(option, View)]
        self.sources.written.update((view.source, view.path) for view in views)

    def _composed(self, verb: Configures, arguments: Arguments) -> Value:
        """Hydra's `initialize`, which says where, and `compose`, which then says what."""
        if verb.path is not None and verb.name is None:
            self._initialized = (_text(arguments.get(verb.path)), arguments.at[0])
            return TOP
        words = self._run.known_elements(arguments.get(verb.overrides), arguments.at) or () if verb.overrides is not None else ()
        texts = tuple(text for word in words if (text := _text(word)) is not None)
        path, module = self._initialized or (None, arguments.at[0])
        return self.hydra_main(path, _text(arguments.get(verb.name)), module, arguments.at, texts)

    def _selected(self, view: View, key: Value, arguments: Arguments) -> Value:
        inner = Arguments(arguments.at, arguments.frame)
        inner.add(key)
        return self._get(view, inner)

    def created(self, source: Value | None, arguments: Arguments) -> Value:
        """A container of settings, made of a mapping or of keywords."""
        run = self._run
        if source is None:
            state = {str(name): value for name, value in arguments.keywords.items()}
            for value in (arguments.rest, arguments.others):
                run.escape(value, arguments.at, "becomes settings")
            known = state and arguments.others is None and not arguments.unknown
            return Namespace(run.world.heap.next_serial(), state) if known else TOP
        inner = run.look_at(source, arguments.at, "becomes settings")
        if isinstance(inner, Mapping) and inner.state[1] is None:
            return Namespace(run.world.heap.next_serial(), {str(k): v for k, v in inner.state[0].items()})
        if isinstance(inner, Mapping | View | Namespace | Instance | Sequence | Choice):
            return inner
        run.escape(inner, arguments.at, "becomes settings")
        return TOP


def _listed(value: Value) -> Value:
    """A value as it is met by going through all of them."""
    return Leaf(value.key, value.value, True) if isinstance(value, Leaf) else value


def _text(value: Value | None) -> str | None:
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None
