"""Config files as values: views of trees, leaves, loads proven from code, Hydra's `main`, instantiation."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from mldebt.configs.composition import Composed, Layer, Origin, combine
from mldebt.configs.hydra import HydraConfigs
from mldebt.configs.tree import effective
from mldebt.configs.types import ConfigNode, ConfigPath, MappingNode, ScalarNode, SequenceNode
from mldebt.core import Location
from mldebt.flow import environment, instantiation
from mldebt.flow.arguments import Arguments
from mldebt.flow.config_files import resolve
from mldebt.flow.dumping import dumped
from mldebt.flow.events import CallFrame
from mldebt.flow.events import Leaf as LeafInfo
from mldebt.flow.joins import join, join_all
from mldebt.flow.values import (
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
)
from mldebt.libraries.types import Configures

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


class Settings:
    def __init__(self, run: Interpreter) -> None:
        self._run = run
        self.sources: list[Composed] = []
        self._by_file: dict[str, int] = {}
        self._hydra: dict[str, HydraConfigs] = {}
        self._composed: dict[tuple[str, str], int] = {}
        self._leaves: dict[tuple[int, ConfigPath], int] = {}
        self._effective: dict[int, tuple[ConfigNode, dict[str | int, ConfigNode]]] = {}
        self._escaped: set[tuple[int, ConfigPath]] = set()
        self.variants: dict[int, tuple[HydraConfigs, str]] = {}

    # -- sources ------------------------------------------------------------------------------------------------------

    def file(self, path: str) -> int | None:
        """The source number of one config file, None where it is no readable mapping or list."""
        if path in self._by_file:
            return self._by_file[path] if self._by_file[path] >= 0 else None
        tree = self._run.world.repository.config(path)
        self._by_file[path] = -1
        if tree is None or tree.root is None or isinstance(tree.root, ScalarNode):
            return None
        if isinstance(tree.root, SequenceNode):
            composed = Composed(MappingNode((), tree.root.at), (path,))
        else:
            composed = (
                combine([Layer(path, (), tree.root)])
                if tree.format == "omegaconf"
                else Composed(tree.root, (path,), sources=_Everywhere(path))
            )
        self._by_file[path] = len(self.sources)
        self.sources.append(composed)
        return self._by_file[path]

    # -- loads --------------------------------------------------------------------------------------------------------

    def load(self, verb: Configures, source: Value | None, at: Place) -> Value:
        """The view that a loader gives of the file it is handed: a handle, a read text, or (where the loader takes one) a path."""
        views: list[Value] = []
        for option in options_of(self._run.look_at(source, at, "is a path")) if source is not None else ():
            texts = self._path_of(option, verb)
            if not texts:
                self._run.escape(option, at, "is loaded")
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
        views: list[Value] = []
        for path in paths:
            self._run.world.config_loaded(path, at)
            number = self.file(path)
            views.append(View(number, (), self.sources[number].root) if number is not None else TOP)
        return views or [TOP]

    def hydra_main(self, config_path: str | None, config_name: str | None, module: int, at: Place) -> Value:
        """The composed config that `@hydra.main` hands to its function."""
        if not config_name:
            return TOP
        folder = "/".join(self._run.world.program.modules[module].folder)
        directory = posixpath.normpath(posixpath.join(folder, config_path or "."))
        directory = "" if directory == "." else directory
        key = (directory, config_name)
        if key not in self._composed:
            configs = self._configs_in(directory)
            composed = configs.compose(config_name)
            if not composed.files:
                self._composed[key] = -1
            else:
                self._composed[key] = len(self.sources)
                self.variants[len(self.sources)] = (configs, config_name)
                self.sources.append(composed)
        number = self._composed[key]
        self._run.world.config_loads[at] = number >= 0
        if number < 0:
            return TOP
        for file in self.sources[number].files:
            self._run.world.config_loaded(file, at)
        return View(number, (), self.sources[number].root)

    def _configs_in(self, directory: str) -> HydraConfigs:
        if directory not in self._hydra:
            world = self._run.world
            prefix = f"{directory}/" if directory else ""
            trees, unreadable = {}, []
            for path in sorted(world.repository.files):
                if path.startswith(prefix) and path.endswith((".yaml", ".yml")):
                    tree = world.repository.config(path)
                    if tree is not None:
                        trees[path] = tree
                    else:
                        unreadable.append(path)
            self._hydra[directory] = HydraConfigs(trees, directory, unreadable)
        return self._hydra[directory]

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
            return View(source, path, node)
        value = node.value
        if isinstance(value, str) and "${" in value:
            resolved = self._interpolated(source, path)
            return Leaf(self.leaf(source, path, node), resolved)
        return Leaf(self.leaf(source, path, node), Const(value) if value != "???" else TOP)

    def _interpolated(self, source: int, path: ConfigPath) -> Value:
        from mldebt.configs.interpolation import resolve

        node = resolve(self.sources[source].root, path)
        if isinstance(node, ScalarNode):
            return Const(node.value)
        return TOP if node is None else View(source, path, node)

    def leaf(self, source: int, path: ConfigPath, node: ConfigNode) -> int:
        number = self._leaves.get((source, path))
        if number is None:
            number = self._leaves[source, path] = self._new_leaf(source, path, node)
        return number

    def _new_leaf(self, source: int, path: ConfigPath, node: ConfigNode) -> int:
        origin = self.sources[source].lookup(path) or Origin(self.sources[source].files[0], node.at, node)
        file = origin.file or self.sources[source].files[0]
        at = Location(file, origin.at.line, origin.at.column, origin.at.end_line, origin.at.end_column)
        name = ".".join(map(str, path))
        value = node.value if isinstance(node, ScalarNode) else None
        return self._run.world.leaf(LeafInfo("setting", name, file, at, name, frozenset({f"source:{source}"}), value))

    def attribute(self, view: View, name: str, at: Place, frame: CallFrame) -> Value:
        found = self.child(view, name, at)
        if found is not None:
            return found
        if name in ("items", "keys", "values", "get", "pop", "copy", "update", "setdefault"):
            return Method(view, "view", name)
        return TOP

    def item(self, view: View, key: Value, at: Place, frame: CallFrame) -> Value:
        found: list[Value] = []
        for option in options_of(key):
            child = self.child(view, option.value, at) if isinstance(option, Const) and isinstance(option.value, str | int) else None
            if child is not None:
                found.append(child)
            elif isinstance(option, Const):
                found.append(TOP)
            else:
                self.escape(view, at, "is read by a computed key")
                found.append(TOP)
        return self._run.choice(found)

    def method(self, view: View, name: str, arguments: Arguments) -> Value:
        run = self._run
        heap = run.world.heap
        known, _rest, _open = self.entries(view, arguments.at)
        match name:
            case "get" | "pop" | "setdefault" if arguments.positional:
                return self._get(view, arguments)
            case "items":
                return heap.list(tuple(heap.tuple((Const(key), value)) for key, value in known.items()))
            case "values":
                return heap.list(tuple(known.values()))
            case "keys":
                return heap.list(tuple(map(Const, known)))
            case "copy":
                return heap.mapping(dict(known))
            case "update":
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
        key = run.look_at(arguments.positional[0], arguments.at, "is a key")
        default = arguments.positional[1] if len(arguments.positional) > 1 else arguments.keywords.get("default_value", NONE)
        found: list[Value] = []
        for option in options_of(key):
            if isinstance(option, Const) and isinstance(option.value, str | int):
                child = self.child(view, option.value, arguments.at) or self._deep(view, option.value, arguments.at)
                found.append(child if child is not None else default)
            else:
                self.escape(view, arguments.at, "is read by a computed key")
                found.append(TOP)
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
        self._run.escape(value, at, "is written into settings")

    def escape(self, view: View, at: Place, why: str) -> None:
        """Everything below a view may be read."""
        for file in self.sources[view.source].files:
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
                return self.created(source, arguments)
            case "merge":
                values = [value for value, _ in arguments.many(verb.source)] if verb.source is not None else arguments.every()
                return run.choice(values) if values else TOP
            case "select":
                key = arguments.get(verb.key)
                return self._selected(source, key, arguments) if isinstance(source, View) and key is not None else TOP
            case "main":
                path, name_ = (_text(arguments.get(argument)) for argument in (verb.path, verb.name))
                return Expression("hydra", self.hydra_main(path, name_, at[0], at))
            case "compose":
                return self.hydra_main(None, _text(arguments.get(verb.name)), at[0], at)
            case "environment":
                default = arguments.get(verb.default)
                environment.read(run, arguments.get(verb.key), False, at, arguments.frame)
                return join(default, TOP) if default is not None else TOP
            case "instantiate":
                return instantiation.instantiate(run, source, arguments)
            case "dump":
                return dumped(self._run, arguments, name)
        for value in arguments.every():
            run.escape(value, at, f"is given to {name}")
        return TOP

    def _selected(self, view: View, key: Value, arguments: Arguments) -> Value:
        inner = Arguments(arguments.at, arguments.frame)
        inner.add(key)
        return self._get(view, inner)

    def created(self, source: Value | None, arguments: Arguments) -> Value:
        if source is None:
            return TOP
        inner = self._run.look_at(source, arguments.at, "becomes settings")
        if isinstance(inner, Mapping):
            return (
                Namespace(self._run.world.heap.next_serial(), {str(k): v for k, v in inner.state[0].items()})
                if inner.state[1] is None
                else inner
            )
        return inner if isinstance(inner, View | Namespace | Instance | Sequence | Choice) else TOP


def _text(value: Value | None) -> str | None:
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None


class _Everywhere(dict[ConfigPath, str]):
    """All paths of a tree belong to one file."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self._file = file

    def __contains__(self, path: object) -> bool:
        return True

    def __getitem__(self, path: ConfigPath) -> str:
        return self._file
