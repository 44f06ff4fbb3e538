"""Methods of the language's own containers and texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mldebt.flow import access, column_names, containers, stores
from mldebt.flow.arguments import Arguments
from mldebt.flow.joins import join, join_all
from mldebt.flow.values import MAX_CHOICE, NONE, TOP, Const, Leaf, Mapping, Parser, Sequence, Value, options_of, unwritten

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


MAX_LISTED = 12


def type_of(value: Value) -> str:
    if isinstance(value, Mapping):
        return "builtins.dict"
    if isinstance(value, Sequence):
        return f"builtins.{value.kind}"
    if isinstance(value, Parser):
        return "argparse.ArgumentParser"
    return ""


def mapping_method(run: Interpreter, owner: Mapping, name: str, arguments: Arguments) -> Value:
    heap = run.world.heap
    known, element, open_ = owner.state
    match name:
        case "get" | "pop" | "setdefault" if arguments.positional:
            return _got(run, owner, name, arguments)
        case "items":
            run.settings.sources.name_members(known.values())
            known = listed(run, known, arguments)
            if len(known) > MAX_CHOICE:
                members = join_all([*known.values(), *([element] if element is not None else [])])
                return heap.list(None, heap.tuple((TOP, members or TOP)), open_=open_)
            pairs = [heap.tuple((Const(key), value)) for key, value in known.items()]
            if element is None and not open_:
                return heap.list(tuple(pairs))
            rest = heap.tuple((TOP, element if element is not None else TOP))
            return heap.list(None, join_all([*pairs, rest]))
        case "values":
            known = listed(run, known, arguments)
            if element is None and not open_:
                return heap.list(tuple(known.values()))
            return heap.list(None, join_all([*known.values(), element or TOP]), open_=open_)
        case "keys":
            run.settings.sources.name_members(known.values())
            return heap.list(tuple(map(Const, known))) if element is None and not open_ else heap.list(None, TOP)
        case "copy":
            return heap.mapping(dict(known), element, open_)
        case "update":
            return _updated(run, owner, arguments)
        case "clear":
            heap.write(owner, ({}, None, open_))
            return NONE
    return _unknown(run, owner, arguments)


def listed(run: Interpreter, known: dict[Any, Value], arguments: Arguments) -> dict[Any, Value]:
    """The entries as a loop over all of them meets them; many leaves stand together for each other."""
    leaves = tuple(value.key for value in known.values() if isinstance(value, Leaf))
    if len(leaves) <= MAX_LISTED:
        return {key: Leaf(value.key, value.value, True) if isinstance(value, Leaf) else value for key, value in known.items()}
    group = run.world.group(leaves, arguments.at)
    return {key: Leaf(group, TOP, True) if isinstance(value, Leaf) else value for key, value in known.items()}


def _got(run: Interpreter, owner: Mapping, name: str, arguments: Arguments) -> Value:
    key = run.look_at(arguments.positional[0], arguments.at, "is a key")
    default = arguments.positional[1] if len(arguments.positional) > 1 else arguments.keywords.get("default", NONE)
    default = Const(default.value) if isinstance(default, Const) else default
    known, element, open_ = owner.state
    if isinstance(key, Const) and key.value.__hash__ and key.value in known:
        found = known[key.value]
        if name == "pop":
            run.world.heap.write(owner, ({k: v for k, v in known.items() if k != key.value}, element, open_))
        return found
    if name == "setdefault" and not isinstance(key, Const):
        run.world.heap.write(owner, (known, join(element, default), open_))
        return access.load_item(run, owner, key, arguments.at, arguments.frame)  # type: ignore[arg-type]  # calls have a frame
    if name == "setdefault":
        stores.store_item(run, owner, key, default, arguments.at, arguments.frame)  # type: ignore[arg-type]  # calls have a frame
        return default
    if isinstance(key, Const) and element is None and not open_:
        return default
    return run.choice((access.load_item(run, owner, key, arguments.at, arguments.frame), default))  # type: ignore[arg-type]


def _updated(run: Interpreter, owner: Mapping, arguments: Arguments) -> Value:
    known, element, open_ = owner.state
    entries = dict(known)
    for value in arguments.positional:
        more, rest, more_open = access.entries(run, value, arguments.at)
        if rest is not None or more_open:
            entries = {key: unwritten(entry) for key, entry in entries.items()}
        containers.lay_over(entries, more)
        element = join(element, rest) if rest is not None else element
        open_ = open_ or more_open
    entries.update(arguments.keywords)
    run.world.heap.write(owner, (entries, element, open_))
    return NONE


def sequence_method(run: Interpreter, owner: Sequence, name: str, arguments: Arguments) -> Value:
    heap = run.world.heap
    items, element, open_ = owner.state
    first = arguments.positional[0] if arguments.positional else TOP
    match name:
        case "append" | "add":
            stores.append(run, owner, first)
            return NONE
        case "insert":
            joined = join_all([*(items or ()), *arguments.positional[1:]])
            heap.write(owner, (None, join(joined, element) if element is not None else joined, open_))
            return NONE
        case "extend" | "update" | "union":
            return _extended(run, owner, name, arguments)
        case "pop":
            return items[-1] if items and not arguments.positional and element is None else access.element(run, owner, arguments.at)
        case "copy":
            return heap.list(items, element, owner.kind, open_)
        case "remove" | "discard":
            return _removed(run, owner, first)
        case "sort" | "reverse":
            heap.write(owner, (None, join_all([*(items or ()), *([element] if element is not None else [])]), open_))
            return NONE
        case "index" | "count":
            return TOP
        case "clear":
            heap.write(owner, ((), None, open_))
            return NONE
    return column_names.method(run, owner, name, arguments) if column_names.held(owner) else _unknown(run, owner, arguments)


def _extended(run: Interpreter, owner: Sequence, name: str, arguments: Arguments) -> Value:
    target = owner if name != "union" else run.world.heap.list(*owner.state[:2], owner.kind, owner.state[2])
    for value in arguments.positional:
        if isinstance(value, Sequence) and value.items is not None and not value.state[2]:
            for item in value.items:
                stores.append(run, target, item)
        else:
            items, element, open_ = target.state
            more = access.element(run, value, arguments.at)
            run.world.heap.write(target, (None, join_all([*(items or ()), *([element] if element is not None else []), more]), open_))
    return NONE if name != "union" else target


def _removed(run: Interpreter, owner: Sequence, gone: Value) -> Value:
    items, element, open_ = owner.state
    if items is not None and isinstance(gone, Const):
        kept = list(items)
        for index, item in enumerate(kept):
            if isinstance(item, Const) and item.value == gone.value:
                del kept[index]
                break
        run.world.heap.write(owner, (tuple(kept), element, open_))
    column_names.remove(run, owner, gone)
    return NONE


def _unknown(run: Interpreter, owner: Value, arguments: Arguments) -> Value:
    for value in arguments.every():
        run.escape(value, arguments.at, "goes into a container in a way we cannot follow")
    return TOP


def is_text(value: Value) -> bool:
    return all(isinstance(option, Const) and isinstance(option.value, str) for option in options_of(value))
