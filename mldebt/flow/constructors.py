"""Making objects of repository classes: `__init__`, generated constructors, library bases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.flow.arguments import Arguments
from mldebt.flow.values import TOP, Class, Const, Function, Instance, Value, View, unwrap

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


def construct(run: Interpreter, cls: Class, arguments: Arguments) -> Value:
    """A new instance; its constructor runs on the arguments."""
    made = run.names.class_attribute(cls, "__new__")
    instance = Instance(run.world.heap.next_serial(), cls)
    run.world.made_classes.add(cls.serial)
    init = run.names.class_attribute(cls, "__init__")
    if isinstance(init, Function):
        run.call_function(init, arguments, instance)
        return instance
    if fields := _fields(run, cls):
        _fill(run, instance, fields, arguments)
        return instance
    bases = run.names.library_bases(cls)
    if any(base.startswith("enum.") for base in bases):
        for value in arguments.every():
            run.use(value, arguments.at, "chooses a member")
    if "enum.Enum" in bases or any(base.startswith("enum.") for base in bases):
        return run.choice(v for v in cls.attributes.values() if isinstance(v, Const)) if cls.attributes else TOP
    for value in arguments.every():
        run.escape(
            value, arguments.at, "goes to a constructor that is not in the repository" if bases or made else "is not taken by a constructor"
        )
    return instance


def _fields(run: Interpreter, cls: Class) -> dict[str, tuple[str, int]]:
    """The fields of a generated constructor, bases first; empty where nothing generates one."""
    lineage = run.names.lineage(cls)
    if not any(ancestor.schema for ancestor in lineage):
        return {}
    fields: dict[str, tuple[str, int]] = {}
    for ancestor in reversed(lineage):
        fields.update(ancestor.fields)
    return fields


def _fill(run: Interpreter, instance: Instance, fields: dict[str, tuple[str, int]], arguments: Arguments) -> None:
    state: dict[str, Value] = {}
    positional = list(arguments.positional)
    keywords = dict(arguments.keywords)
    for name, (annotation, _at) in fields.items():
        value = keywords.pop(name, None)
        if value is None and positional:
            value = positional.pop(0)
        if value is None:
            value = _default(run, instance.cls, name, arguments)
        state[name] = _converted(run, instance.cls, annotation, value, arguments)
    run.world.heap.write(instance, state)
    for extra in (*positional, *keywords.values()):
        run.escape(extra, arguments.at, "no field takes it")
    after = run.names.class_attribute(instance.cls, "__post_init__")
    if isinstance(after, Function):
        blank = Arguments(arguments.at, arguments.frame)
        run.call_function(after, blank, instance)


def _default(run: Interpreter, cls: Class, name: str, arguments: Arguments) -> Value:
    default = run.names.class_attribute(cls, name)
    if default is None:
        return arguments.others if arguments.others is not None else arguments.rest if arguments.rest is not None else TOP
    if isinstance(default, Const):
        default = Const(default.value)
    return run.choice((default, arguments.others)) if arguments.others is not None else default


def _converted(run: Interpreter, cls: Class, annotation: str, value: Value, arguments: Arguments) -> Value:
    """A section of settings becomes the nested class that the annotation names."""
    inner = unwrap(value)
    if not isinstance(inner, View) or not annotation.isidentifier():
        return value
    meaning = run.names.dotted(run.world.program.modules[cls.module], annotation)
    if not isinstance(meaning, Class):
        return value
    nested = Arguments(arguments.at, arguments.frame)
    known, rest, open_ = run.settings.entries(inner, arguments.at)
    for key, member in known.items():
        nested.name(str(key), member)
    if rest is not None or open_:
        nested.others = rest or TOP
    return construct(run, meaning, nested)
