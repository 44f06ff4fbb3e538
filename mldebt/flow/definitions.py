"""Functions, classes, imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.facts.types import Instruction, Op
from mldebt.flow.activation import Activation
from mldebt.flow.arguments import Arguments
from mldebt.flow.calls import call
from mldebt.flow.program import ModuleInfo
from mldebt.flow.values import TOP, Class, Const, Expression, Function, Library, Module, Value

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

NEUTRAL = frozenset(
    {
        "functools.wraps", "functools.lru_cache", "functools.cache", "functools.total_ordering", "contextlib.contextmanager",
        "abc.abstractmethod", "typing.overload", "typing.final", "typing.no_type_check", "contextlib.asynccontextmanager", "builtins.super",
    }
)  # fmt: skip
KINDS = {
    "builtins.property": "property", "functools.cached_property": "property", "builtins.staticmethod": "static",
    "builtins.classmethod": "class", "abc.abstractproperty": "property",
}  # fmt: skip


def function(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, at, register, child, defaults, decorators = instruction
    code = act.code.children[child]
    values = {index: run.literal(act, operand, at) for index, operand in defaults}
    outer = act if act.code.kind != "module" else None
    if act.code.kind == "class":
        outer = act.outer
    made = Function(code, act.module.number, outer, values, run.world.heap.next_serial())
    run.world.functions.append((made, None))
    result: Value = made
    for operand, place in reversed(decorators):
        result = _decorated(run, act, run.value(act, operand), made, result, place)
    act.registers[register] = result


def _decorated(run: Interpreter, act: Activation, decorator: Value, made: Function, result: Value, place: int) -> Value:
    name = decorator.name if isinstance(decorator, Library) else ""
    if name in KINDS:
        made.kind = KINDS[name]
        return result
    if name in NEUTRAL:
        return result
    if isinstance(decorator, Library) and name.rpartition(".")[2] in ("setter", "deleter", "getter"):
        return result
    arguments = Arguments(run.place(act, place), act.frame)
    arguments.add(result)
    if isinstance(decorator, Library) and run.world.knowledge.call(name) is None:
        made.hook = True
        run.escape(result, arguments.at, f"is decorated by {name}")
        return result
    if decorator is TOP:
        made.hook = True
        run.escape(result, arguments.at, "is decorated by something unknown")
        return result
    found = call(run, decorator, arguments)
    return found if found is not TOP else result


def class_(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, _at, register, child, bases, _keywords, decorators = instruction
    code = act.code.children[child]
    values = tuple(run.value(act, operand) for operand, _place, _star in bases)
    made = Class(code, act.module.number, values, run.world.heap.next_serial())
    run.world.classes.append(made)
    body = run.activation(code, act.module, act if act.code.kind != "module" else None, act.frame)
    act.registers[register] = made
    run.run_block(body, code.body)
    made.attributes = body.named()
    made.fields = run.take_fields(body)
    for member in made.attributes.values():
        if isinstance(member, Function):
            member.owner = made
    made.schema = any(run.world.knowledge.kind(base) == "schema" for base in run.names.library_bases(made))
    result: Value = made
    for operand, place in reversed(decorators):
        result = _decorated_class(run, act, run.value(act, operand), made, result, place)
    act.registers[register] = result


def _decorated_class(run: Interpreter, act: Activation, decorator: Value, made: Class, result: Value, place: int) -> Value:
    if isinstance(decorator, Library):
        name = run.world.knowledge.canonical(decorator.name)
        if run.world.knowledge.kind(name) == "schema":
            made.schema = True
            return result
        if name in NEUTRAL:
            return result
    if isinstance(decorator, Expression) and decorator.kind == "schema":
        made.schema = True
        return result
    arguments = Arguments(run.place(act, place), act.frame)
    arguments.add(result)
    found = call(run, decorator, arguments)
    if found is TOP:
        run.escape(made, arguments.at, "is decorated by something unknown")
    return found if found is not TOP else result


def annotate(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, at, name, annotation, _operand = instruction
    run.note_field(act, name, annotation, at)


def import_(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, _at, register, dotted, whole = instruction
    program = run.world.program
    module = program.find(dotted, act.module.folder)
    if module is not None:
        run.world.imported(act.module.number, module.number)
        if whole:
            act.registers[register] = Module(module.number)
            return
        top = program.at(module.parts[: len(module.parts) - dotted.count(".")]) if "." in dotted else module
        run.names.module(module.number) if module.number not in run.names.running else None
        act.registers[register] = Module(top.number) if top is not None else _folder(run, act.module, dotted)
        return
    name = dotted if whole else dotted.split(".")[0]
    act.registers[register] = Library(name)


def _folder(run: Interpreter, module: ModuleInfo, dotted: str) -> Value:
    """A package without `__init__`: a name whose attributes are looked up as modules."""
    return Library(dotted.split(".")[0])


def import_from(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, _at, register, level, dotted, name = instruction
    act.registers[register] = imported(run, act.module, level, dotted, name)


def imported(run: Interpreter, module: ModuleInfo, level: int, dotted: str, name: str) -> Value:
    program = run.world.program
    if level:
        parts = program.relative(module, level, dotted)
        source = program.at(parts)
        below = program.at((*parts, name))
    else:
        source = program.find(dotted, module.folder) if dotted else None
        below = program.find(f"{dotted}.{name}", module.folder) if dotted else None
    for other in (source, below):
        if other is not None:
            run.world.imported(module.number, other.number)
    if source is not None and source.number != module.number:
        found = run.names.module_attribute(source.number, name)
        if found is not None and not (found is TOP and below is not None):
            return found
    if below is not None:
        return Module(below.number)
    if source is not None or level:
        return TOP
    return run.names.library(f"{dotted}.{name}")


def import_star(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, _at, level, dotted = instruction
    program = run.world.program
    source = program.at(program.relative(act.module, level, dotted)) if level else program.find(dotted, act.module.folder)
    value: Value = Module(source.number) if source is not None else Library(dotted)
    run.names.stars.setdefault(act.module.number, []).append(value)
    if source is not None:
        run.world.imported(act.module.number, source.number)
    if source is not None and source.number not in run.names.running:
        run.names.module(source.number)
    for slot, name, depth, _register in act.code.free:
        if (depth == 0 and act.registers[slot] is None) or isinstance(act.registers[slot], Library | Const):
            found = run.names.of_stars(act.module.number, name)
            if found is not None:
                act.registers[slot] = found


HANDLERS = {
    Op.FUNCTION: function,
    Op.CLASS: class_,
    Op.ANNOTATE: annotate,
    Op.IMPORT: import_,
    Op.IMPORT_FROM: import_from,
    Op.IMPORT_STAR: import_star,
}
