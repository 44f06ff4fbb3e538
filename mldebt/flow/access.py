"""Attributes and items of every kind of value: loads, stores, deletions, elements, unpacking."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mldebt.flow import asking, column_names, containers, environment, expressing, global_flags, records, tables, traces
from mldebt.flow.events import CallFrame, Iterated
from mldebt.flow.formula import Formula
from mldebt.flow.joins import choice_of, join, join_all
from mldebt.flow.values import (
    TOP,
    Bound,
    Choice,
    Class,
    Const,
    Data,
    Frame,
    Function,
    Grouped,
    Instance,
    Leaf,
    Library,
    Mapping,
    Method,
    Module,
    Namespace,
    Object,
    Parser,
    Place,
    Sequence,
    SliceValue,
    Super,
    Top,
    Value,
    View,
    options_of,
)
from mldebt.libraries.types import DeclaresOption

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

MAPPING_METHODS = frozenset({"get", "items", "keys", "values", "update", "pop", "setdefault", "copy", "clear", "popitem"})
SEQUENCE_METHODS = frozenset(
    {
        "append",
        "extend",
        "insert",
        "remove",
        "pop",
        "index",
        "count",
        "sort",
        "reverse",
        "copy",
        "add",
        "update",
        "discard",
        "clear",
        "union",
    }
)


def load_attribute(run: Interpreter, owner: Value, name: str, at: Place, frame: CallFrame) -> Value:
    """`owner.name`, over all the values the owner may be."""
    return _ATTRIBUTES.get(type(owner), _of_nothing)(run, owner, name, at, frame)


def _of_nothing(run: Interpreter, owner: Value, name: str, at: Place, frame: CallFrame) -> Value:
    return TOP


def _of_choice(run: Interpreter, owner: Choice, name: str, at: Place, frame: CallFrame) -> Value:
    return run.choice(load_attribute(run, option, name, at, frame) for option in owner.options)


def _of_leaf(run: Interpreter, owner: Leaf, name: str, at: Place, frame: CallFrame) -> Value:
    return load_attribute(run, run.leaf_inside(owner, at), name, at, frame)


def _of_instance(run: Interpreter, owner: Instance, name: str, at: Place, frame: CallFrame) -> Value:
    found = run.names.instance_attribute(owner, name)
    return found if found is not None else _missing_on_instance(run, owner, name, at)


def _of_options(run: Interpreter, owner: Namespace, name: str, at: Place, frame: CallFrame) -> Value:
    found = owner.state.get(name)
    if found is None and name == "__dict__":
        return run.world.heap.mapping(dict(owner.state), None)
    if found is None and name in MAPPING_METHODS:
        return Method(run.world.heap.mapping(dict(owner.state), None), "builtins.dict", name)
    return found if found is not None else TOP


def _of_view(run: Interpreter, owner: View, name: str, at: Place, frame: CallFrame) -> Value:
    return run.settings.attribute(owner, name, at, frame)


def _of_record(run: Interpreter, owner: Value, name: str, at: Place, frame: CallFrame) -> Value:
    if isinstance(owner, Sequence) and column_names.is_property(run, owner, name):
        return owner
    return Method(owner, records.type_of(owner), name)


def _of_constant(run: Interpreter, owner: Const, name: str, at: Place, frame: CallFrame) -> Value:
    return run.files.text_attribute(owner, name) if isinstance(owner.value, str) else TOP


def _missing_on_instance(run: Interpreter, owner: Instance, name: str, at: Place) -> Value:
    """A name nobody set: `__getattr__` may give anything; else a library base may have it."""
    getter = run.names.class_attribute(owner.cls, "__getattr__")
    if getter is not None:
        run.escape(owner, at, "has computed attributes")
        return TOP
    if name == "__dict__":
        return run.world.heap.mapping(dict(owner.state), None)
    if name == "__class__":
        return owner.cls
    bases = run.names.library_bases(owner.cls)
    return Method(owner, bases[0], name) if bases and bases[0] != "?" else TOP


def _of_namespace(run: Interpreter, owner: Module | Class | Library, name: str, at: Place, frame: CallFrame) -> Value:
    found = run.names.attribute(owner, name)
    if found is None and isinstance(owner, Class):
        if name == "__name__":
            return Const(owner.code.name)
        bases = run.names.library_bases(owner)
        if bases and bases[0] != "?":
            return Library(f"{bases[0]}.{name}")
    if isinstance(found, Function) and isinstance(owner, Class) and found.kind == "class":
        return Bound(found, owner)
    return found if found is not None else TOP


def _of_super(run: Interpreter, owner: Super, name: str, at: Place, frame: CallFrame) -> Value:
    for base in owner.cls.bases:
        if isinstance(base, Class):
            found = run.names.class_attribute(base, name)
            if isinstance(found, Function):
                return Bound(found, owner.receiver) if found.kind != "static" else found
            if found is not None:
                return found
        elif isinstance(base, Library):
            return Method(owner.receiver, run.world.knowledge.canonical(base.name), name)
    return Method(owner.receiver, "builtins.object", name)


def _of_object(run: Interpreter, owner: Object, name: str, at: Place, frame: CallFrame) -> Value:
    if name in owner.state:
        return owner.state[name]
    model = run.world.knowledge.method(owner.type, name)
    if model is not None and model.property:
        return run.verbs.property(model, owner, at, frame)
    return Method(owner, owner.type, name)


def _of_table(run: Interpreter, owner: Frame, name: str, at: Place, frame: CallFrame) -> Value:
    return expressing.column_of_table(run, tables.attribute(run, owner, name, at, frame), name, at)


def _table_item(run: Interpreter, owner: Frame, key: Value, at: Place, frame: CallFrame) -> Value:
    name = key.value if isinstance(key, Const) and isinstance(key.value, str) else ""
    return expressing.column_of_table(run, tables.load_item(run, owner, key, at, frame), name, at)


_ATTRIBUTES: dict[type, Callable[[Interpreter, Any, str, Place, CallFrame], Value]] = {
    Choice: _of_choice,
    Leaf: _of_leaf,
    Instance: _of_instance,
    Module: _of_namespace,
    Class: _of_namespace,
    Library: _of_namespace,
    Namespace: _of_options,
    global_flags.Flags: global_flags.attribute,
    View: _of_view,
    Super: _of_super,
    Frame: _of_table,
    Data: tables.attribute,
    Grouped: tables.attribute,
    Formula: expressing.attribute,
    Object: _of_object,
    Mapping: _of_record,
    Sequence: _of_record,
    Parser: _of_record,
    Const: _of_constant,
    Top: lambda run, owner, name, at, frame: Method(owner, "", name),
}


def load_item(run: Interpreter, owner: Value, key: Value, at: Place, frame: CallFrame) -> Value:
    """`owner[key]`; a leaf as key is used."""
    kind = type(owner)
    if kind is Choice:
        return run.choice(load_item(run, option, key, at, frame) for option in owner.options)  # type: ignore[attr-defined]  # by its type
    if kind is Leaf:
        return load_item(run, run.leaf_inside(owner, at), key, at, frame)
    whole = _TABLE_ITEMS.get(kind)
    if whole is not None:
        return whole(run, owner, key, at, frame)
    if kind is View:
        asking.choose(run, owner, key, at)  # type: ignore[arg-type]  # by its type
    key = run.look_at(key, at, "is a key")
    found = _ITEMS[kind](run, owner, key, at, frame) if kind in _ITEMS else None
    if found is None:
        run.escape(key, at, "is a key of something unknown")
    return found if found is not None else TOP


def _instance_item(run: Interpreter, owner: Instance, key: Value, at: Place, frame: CallFrame) -> Value | None:
    getter = run.names.class_attribute(owner.cls, "__getitem__")
    return run.call_with(Bound(getter, owner), (key,), at, frame) if isinstance(getter, Function) else None


def _constant_item(run: Interpreter, owner: Const, key: Value, at: Place, frame: CallFrame) -> Value | None:
    return run.files.text_item(owner, key) if isinstance(owner.value, str) else None


_TABLE_ITEMS: dict[type, Callable[[Interpreter, Any, Value, Place, CallFrame], Value]] = {
    Frame: _table_item,
    Data: tables.load_item,
    Grouped: tables.load_item,
    Formula: expressing.item,
    Method: tables.indexer,
    global_flags.Flags: global_flags.item,
}


def _mapping_item(run: Interpreter, owner: Mapping, key: Value, at: Place, frame: CallFrame) -> Value:
    known, element, open_ = owner.state
    found: list[Value] = []
    for option in options_of(key):
        if isinstance(option, Const) and option.value.__hash__ and option.value in known:
            found.append(known[option.value])
        elif isinstance(option, Const):
            found.append(element if element is not None else TOP)
        else:
            run.escape(option, at, "is a key")
            everything = join_all([*known.values(), *([element] if element is not None else [])])
            found.append(join(everything, TOP) if open_ and everything is not None else everything or TOP)
    return run.choice(found)


def _sequence_item(run: Interpreter, owner: Sequence, key: Value, at: Place, frame: CallFrame) -> Value:
    items = owner.items
    if isinstance(key, SliceValue):
        return _sliced(run, owner, key)
    found = []
    for option in options_of(key):
        if items is not None and isinstance(option, Const) and isinstance(option.value, int) and -len(items) <= option.value < len(items):
            found.append(items[option.value])
        else:
            found.append(element(run, owner, at))
    return run.choice(found)


def _sliced(run: Interpreter, owner: Sequence, key: SliceValue) -> Value:
    bounds = [p.value if isinstance(p, Const) and isinstance(p.value, int | None) else ... for p in (v or Const(None) for v in key.parts)]
    known = [b for b in bounds if b is not ...]
    if owner.items is None or len(known) < len(bounds) or known[2:] == [0]:
        fixed = column_names.held(owner) and isinstance(bounds[1], int) and bounds[1] >= 0
        return run.world.heap.list(*((None, TOP) if fixed else owner.state[:2]), owner.kind, owner.state[2])
    first, last, step = (*known, None, None, None)[:3]
    return run.world.heap.list(owner.items[first:last:step], owner.state[1], owner.kind, owner.state[2])


def _object_item(run: Interpreter, owner: Object, key: Value, at: Place, frame: CallFrame) -> Value:
    name = f"[{key.value}]" if isinstance(key, Const) else None
    if name is not None and name in owner.state:
        return owner.state[name]
    if "[]" in owner.state:
        return owner.state["[]"]
    model = run.world.knowledge.method(owner.type, "__getitem__")
    if model is not None:
        environment.read_item(run, model, key, at, frame)
        return run.verbs.property(model, owner, at, None)
    run.escape(key, at, "is a key of an object of a library")
    return TOP


def of_library(run: Interpreter, owner: Library) -> Value:
    """The words of the command line where a library name means them, else the name itself."""
    model = run.world.knowledge.call(run.world.knowledge.canonical(owner.name))
    if model is not None and any(isinstance(verb, DeclaresOption) and verb.role == "words" for verb in model.verbs):
        return run.options.command_words()
    return owner


def _library_item(run: Interpreter, owner: Library, key: Value, at: Place, frame: CallFrame) -> Value:
    known = of_library(run, owner)
    if known is not owner:
        return load_item(run, known, key, at, frame)
    environment.read_item(run, run.world.knowledge.call(run.world.knowledge.canonical(owner.name)), key, at, frame)
    run.escape(key, at, "is a key of an object of a library")
    return owner


_ITEMS: dict[type, Callable[[Interpreter, Any, Value, Place, CallFrame], Value | None]] = {
    View: lambda run, owner, key, at, frame: run.settings.item(owner, key, at, frame),
    Mapping: _mapping_item,
    Namespace: lambda run, owner, key, at, frame: containers.namespace_item(run, owner, key),
    Sequence: _sequence_item,
    Object: _object_item,
    Instance: _instance_item,
    Const: _constant_item,
    Library: _library_item,
}


def element(run: Interpreter, value: Value, at: Place) -> Value:
    """What a loop over the value gives, joined."""
    if isinstance(value, Choice):
        return run.choice(element(run, option, at) for option in value.options)
    if isinstance(value, Leaf):
        return element(run, run.leaf_inside(value, at), at)
    if isinstance(value, Sequence):
        items, rest, open_ = value.state
        joined = join_all([*(items or ()), *([rest] if rest is not None else [])])
        return TOP if joined is None else column_names.own(join(joined, TOP) if open_ else joined)
    if isinstance(value, Mapping):
        run.settings.sources.name_members(value.state[0].values())
        return choice_of(tuple(Const(key) for key in value.state[0])) if value.state[0] and not value.state[2] else TOP
    if isinstance(value, View):
        return run.settings.element(value, at)
    if isinstance(value, Data):
        return value
    if isinstance(value, Frame):
        return tables.names_of(run, value, at) if _is_table(run, value) else traces.vague(run, tables.copy(run, value))
    if isinstance(value, Grouped):
        return run.world.heap.tuple((TOP, tables.group_frame(run, value)))
    if isinstance(value, Instance):
        return _iterated(run, value, at)
    if isinstance(value, Object):
        return _element_of_object(run, value, at)
    if isinstance(value, Const):
        return TOP
    run.escape(value, at, "is iterated in a way we cannot follow")
    return TOP


def _element_of_object(run: Interpreter, value: Object, at: Place) -> Value:
    world = run.world
    if world.knowledge.kind(value.type) == "dataset":
        world.emit(Iterated("iterated", at, CallFrame(None, at, at[0], ""), world.stamp(), world.guards, value.site))
    if "[]" in value.state:
        return value.state["[]"]
    model = run.world.knowledge.method(value.type, "__iter__")
    given = run.verbs.property(model, value, at, None) if model is not None else TOP
    return element(run, given, at) if isinstance(given, Sequence) else TOP


def _is_table(run: Interpreter, value: Frame) -> bool:
    """A cursor is none: it gives rows, not names."""
    return run.world.knowledge.kind(value.type) in ("frame", "")


def _iterated(run: Interpreter, value: Instance, at: Place) -> Value:
    for name in ("__iter__", "__getitem__"):
        method = run.names.class_attribute(value.cls, name)
        if isinstance(method, Function) and value.cls.serial not in run.iterating:
            frame = CallFrame(None, at, at[0], "")
            given = run.call_with(Bound(method, value), () if name == "__iter__" else (TOP,), at, frame)
            if name == "__getitem__":
                return given
            run.iterating.add(value.cls.serial)
            found = element(run, given, at)
            run.iterating.discard(value.cls.serial)
            return found
    run.escape(value, at, "is iterated in a way we cannot follow")
    return TOP


def entries(run: Interpreter, value: Value, at: Place) -> tuple[dict[Any, Value], Value | None, bool]:
    """Known entries, joined others, open: what `**value` or `dict(value)` brings."""
    if isinstance(value, Leaf):
        return entries(run, run.leaf_inside(value, at), at)
    if isinstance(value, Mapping):
        return value.state
    if isinstance(value, Namespace):
        return dict(value.state), None, False
    if isinstance(value, View):
        return run.settings.entries(value, at)
    if isinstance(value, Choice):
        parts = [entries(run, option, at) for option in value.options]
        known: dict[Any, Value] = {}
        for part in parts:
            for key, member in part[0].items():
                known[key] = join(known.get(key), member)
        return known, join_all([p[1] for p in parts if p[1] is not None]), any(p[2] for p in parts)
    if isinstance(value, Const) and value.value is None:
        return {}, None, False
    run.escape(value, at, "is unpacked in a way we cannot follow")
    return {}, TOP, True
