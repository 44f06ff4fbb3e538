"""Stores: attributes, items, members of containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.flow import global_flags, table_stores, tables
from mldebt.flow.events import CallFrame
from mldebt.flow.global_flags import Flags
from mldebt.flow.joins import join, join_all
from mldebt.flow.values import (
    Bound,
    Class,
    Const,
    Data,
    Frame,
    Function,
    Instance,
    Leaf,
    Mapping,
    Method,
    Module,
    Namespace,
    Object,
    Place,
    Sequence,
    Value,
    View,
    options_of,
)

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


def store_attribute(run: Interpreter, owner: Value, name: str, value: Value, at: Place, frame: CallFrame) -> None:
    heap = run.world.heap
    targets = options_of(owner)
    for target in targets:
        if isinstance(target, Flags):
            global_flags.store(run, target, name, value, at)
        elif isinstance(target, Instance | Namespace):
            setter = run.names.class_attribute(target.cls, name) if isinstance(target, Instance) else None
            if isinstance(setter, Function) and setter.kind == "property":
                run.escape(value, at, "goes through a property setter")
            state = dict(target.state)
            if isinstance(target, Namespace) and isinstance(before := state.get(name), Leaf) and not _holds(value, before.key):
                run.world.overwritten.setdefault(before.key, at)
            state[name] = value if len(targets) == 1 else join(state.get(name), value)
            heap.write(target, state)
        elif isinstance(target, Class):
            target.attributes[name] = join(target.attributes.get(name), value) if name in target.attributes else value
        elif isinstance(target, Module):
            run.escape(value, at, "is set on a module")
        elif isinstance(target, Frame):
            table_stores.store_attribute(run, target, name, value, at, frame)
        elif isinstance(target, Object):
            heap.write(target, {**target.state, name: value})
            run.escape(value, at, "is set on an object of a library")
        elif isinstance(target, View):
            run.settings.store(target, name, value, at)
        else:
            run.escape(value, at, "is set on something unknown")


def _holds(value: Value, key: int) -> bool:
    """Whether a value may still be the leaf itself."""
    return any(isinstance(option, Leaf) and option.key == key for option in options_of(value))


def store_item(run: Interpreter, owner: Value, key: Value, value: Value, at: Place, frame: CallFrame) -> None:
    targets = options_of(owner)
    for target in targets:
        if isinstance(target, Frame | Data):
            table_stores.store_column(run, target, key, value, at, frame)
        elif isinstance(target, Method):
            table_stores.store_indexer(run, target, key, value, at, frame)
        elif isinstance(target, Mapping):
            _store_entry(run, target, run.look_at(key, at, "is a key"), value, len(targets) == 1)
        elif isinstance(target, Sequence):
            _store_position(run, target, run.look_at(key, at, "is an index"), value)
        elif isinstance(target, View):
            run.settings.store(target, key, value, at)
        elif isinstance(target, Instance):
            setter = run.names.class_attribute(target.cls, "__setitem__")
            if isinstance(setter, Function):
                run.call_with(Bound(setter, target), (key, value), at, frame)
            else:
                run.escape(value, at, "is stored in an object")
        else:
            run.escape(value, at, "is stored in something unknown")
            run.escape(key, at, "is a key of something unknown")


def _store_entry(run: Interpreter, target: Mapping, key: Value, value: Value, strong: bool) -> None:
    known, element_, open_ = target.state
    if isinstance(key, Const) and key.value.__hash__:
        entries_ = dict(known)
        entries_[key.value] = value if strong else join(entries_.get(key.value), value)
        run.world.heap.write(target, (entries_, element_, open_))
        return
    run.world.heap.write(target, ({k: join(v, value) for k, v in known.items()}, join(element_, value), open_))


def _store_position(run: Interpreter, target: Sequence, key: Value, value: Value) -> None:
    items, element_, open_ = target.state
    if items is not None and isinstance(key, Const) and isinstance(key.value, int) and -len(items) <= key.value < len(items):
        changed = list(items)
        changed[key.value] = value
        run.world.heap.write(target, (tuple(changed), element_, open_))
        return
    run.world.heap.write(target, (None, join(join_all(items or ()), join(element_, value)), open_))


def append(run: Interpreter, target: Sequence, value: Value) -> None:
    items, element_, open_ = target.state
    if items is not None and len(items) < 24 and target.kind != "set":
        run.world.heap.write(target, ((*items, value), element_, open_))
        return
    joined = join(join_all(items or ()), join(element_, value)) if items else join(element_, value)
    run.world.heap.write(target, (None, joined, open_))


def delete_item(run: Interpreter, owner: Value, key: Value, at: Place, frame: CallFrame) -> None:
    for target in options_of(owner):
        if isinstance(target, Frame):
            tables.drop_columns(run, target, key, at, frame, in_place=True)
        elif isinstance(target, Mapping) and isinstance(key, Const):
            known, element_, open_ = target.state
            run.world.heap.write(target, ({k: v for k, v in known.items() if k != key.value}, element_, open_))
