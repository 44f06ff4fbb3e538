"""Library calls and operators that make column expressions. What cannot be told reads any column."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from mldebt.declarations.types import HOLE
from mldebt.flow import tables
from mldebt.flow.arguments import Arguments
from mldebt.flow.events import CallFrame
from mldebt.flow.formula import EACH, Comparison, Formula, Part, folded
from mldebt.flow.joins import join_data, whole
from mldebt.flow.values import (
    TOP,
    Bound,
    Choice,
    Const,
    Data,
    Expression,
    Frame,
    Function,
    Leaf,
    Library,
    Mapping,
    Method,
    Object,
    Partial,
    Place,
    Sequence,
    Value,
    View,
    options_of,
)
from mldebt.libraries.types import Argument, CallModel, Expresses

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

IDENTIFIER = re.compile(r"`?[A-Za-z_][\w.]*`?")
ALIAS = re.compile(r"\sas\s+`?(\w+)`?\s*$", re.IGNORECASE)
CALLABLE = (Function, Bound, Partial)
OPERATOR = "__add__"
"""Operators of expressions work alike: this one stands for all of them in library files."""


def express(run: Interpreter, verb: Expresses, model: CallModel, receiver: Value | None, arguments: Arguments) -> Value:
    """The expression that a library call makes."""
    at, returns = arguments.at, model.returns
    type_name = receiver.type if isinstance(receiver, Formula) and returns in ("", "self") else returns
    match verb.role:
        case "columns":
            values = [pair for argument in verb.columns for pair in arguments.many(argument)]
            if not values:  # the first column, or the number of rows
                return any_expression(type_name, at)
            found = of_names(run, [value for value, _ in values], type_name, at)
            return summarised(_computed(run, [found], type_name, verb, at)) if verb.aggregates else found
        case "every":
            left_out = [value for argument in verb.without for value, _ in arguments.many(argument)]
            return _every(run, receiver, left_out, type_name, at)
        case "named":
            return _named(run, verb, receiver, type_name, arguments)
        case "sql":
            return of_sql(run, [value for argument in verb.columns for value, _ in arguments.many(argument)], type_name, at)
        case "function":
            function = arguments.get(verb.function)
            return Expression("column_function", (function, type_name) if isinstance(function, CALLABLE) else (None, type_name))
        case "piped":
            function = arguments.get(verb.function)
            return _piped(run, function if function is not None else TOP, receiver, arguments, verb.function)
    inputs = [receiver] if isinstance(receiver, Formula) else []
    return _computed(run, [*inputs, *_operands(run, verb, type_name, arguments)], type_name, verb, at)


def _piped(run: Interpreter, function: Value, receiver: Value | None, arguments: Arguments, own: Argument | None) -> Value:
    """`table.pipe(f, more)` is `f(table, more)`."""
    given = Arguments(arguments.at, arguments.frame)
    by_keyword = own is not None and own.name in arguments.keywords
    given.positional = [receiver if receiver is not None else TOP, *arguments.positional[0 if by_keyword else 1 :]]
    given.places = [arguments.at, *arguments.places[0 if by_keyword else 1 :]]
    given.keywords = {name: value for name, value in arguments.keywords.items() if own is None or name != own.name}
    given.keyword_places = arguments.keyword_places
    given.rest, given.others = arguments.rest, arguments.others
    return run.call_value(function, given)


def summarised(formula: Formula) -> Formula:
    return Formula(formula.type, formula.parts, formula.data, formula.mentions, formula.functions, formula.comparisons, True)


def applied_function(run: Interpreter, function: Value | None, type_name: str, arguments: Arguments) -> Value:
    """A function made for columns (a UDF) is called with expressions, or texts that name columns: rows of them go through it."""
    inputs = [_operand(run, value, type_name, place, True) for value, place in arguments.many(Argument("*"))]
    inputs.append(Formula(type_name, (), functions=(function,) if function is not None else ()))
    return _computed(run, inputs, type_name, Expresses("folded", named=False), arguments.at)


def of_names(run: Interpreter, values: Iterable[Value], type_name: str, at: Place) -> Formula:
    """The columns that some values name; a name nobody can tell may be any."""
    parts: list[Part] = []
    rest: list[Formula] = []
    for value in values:
        if _holds_formula(value):
            rest.append(_operand(run, value, type_name, at, True))
            continue
        names, unknown = tables.names_in(run, value, at)
        parts.extend(_of_name(name, place) for name, place in names)
        if unknown or not names:
            parts.append(Part(EACH, at, plain=True, every=True))
    made = Formula(type_name, tuple(dict.fromkeys(parts)))
    return _together([made, *rest], type_name, tuple(parts) + tuple(part for formula in rest for part in formula.parts)) if rest else made


def of_sql(run: Interpreter, values: Iterable[Value], type_name: str, at: Place) -> Formula:
    """What texts of SQL make of a table: a column by its name, all of them, or something of the columns that the text mentions."""
    parts: list[Part] = []
    mentions: list[str] = []
    for value in values:
        names, unknown = tables.names_in(run, value, at)
        for text, place in names:
            if text.strip() == "*" or IDENTIFIER.fullmatch(text.strip()):
                parts.append(_of_name(text.strip(" `"), place))
                continue
            named = ALIAS.search(text)
            parts.append(Part(named[1] if named is not None and HOLE not in text else "", place, whole=HOLE in text or "*" in text))
            mentions.append(text)
        if unknown:
            parts.extend((Part(EACH, at, plain=True, every=True), Part("", at, whole=True)))
    return Formula(type_name, tuple(parts), mentions=tuple(mentions))


def _of_name(name: str, at: Place) -> Part:
    if name == "*" or (name.startswith("^") and name.endswith("$")):
        return Part(EACH, at, plain=True, every=True)
    return Part(name.rpartition(".")[2] or name, at, (name,), plain=True)


def _every(run: Interpreter, receiver: Value | None, left_out: list[Value], type_name: str, at: Place) -> Formula:
    names: list[str] = []
    for value in left_out:
        found, unknown = tables.names_in(run, value, at)
        names.extend(name for name, _ in found if not unknown and HOLE not in name and not name.startswith("^"))
    if isinstance(receiver, Formula):
        return receiver.with_parts(tuple(replace(part, without=(*part.without, *names)) for part in receiver.parts))
    return Formula(type_name, (Part(EACH, at, plain=True, every=True, without=tuple(names)),))


def _named(run: Interpreter, verb: Expresses, receiver: Value | None, type_name: str, arguments: Arguments) -> Value:
    """`alias`, `name.prefix`, `name.suffix`; a name that nobody can tell is none."""
    at = arguments.place_of(verb.name or verb.prefix or verb.suffix)
    if not isinstance(receiver, Formula):
        return TOP
    formula = Formula(
        type_name, receiver.parts, receiver.data, receiver.mentions, receiver.functions, receiver.comparisons, receiver.aggregates
    )
    if verb.name is not None:
        given = arguments.get(verb.name)
        names, unknown = tables.names_in(run, given, at) if given is not None else ([], True)
        return formula.named(names[0][0] if len(names) == 1 and not unknown else "", at)
    before, after = _affix(run, arguments, verb.prefix), _affix(run, arguments, verb.suffix)
    return formula.with_parts(
        tuple(replace(part, name=f"{before}{part.name}{after}" if part.name and not part.every else "", at=at) for part in formula.parts)
    )


def _affix(run: Interpreter, arguments: Arguments, argument: Argument | None) -> str:
    value = arguments.get(argument)
    names, unknown = tables.names_in(run, value, arguments.at) if value is not None else ([], False)
    return names[0][0] if len(names) == 1 and not unknown else HOLE if unknown or names else ""


def _operands(run: Interpreter, verb: Expresses, type_name: str, arguments: Arguments) -> list[Formula]:
    """The arguments as expressions, in their order; texts are names of columns only where the verb says so."""
    covered = [pair for argument in verb.columns for pair in arguments.many(argument)]
    known = {id(value) for value, _ in covered}
    pairs = [*arguments.many(Argument("*")), *arguments.many(Argument("**"))]
    found = [_operand(run, value, type_name, place, id(value) in known) for value, place in pairs]
    if verb.role == "condition":  # when(city="Rome")
        found.extend(Formula(type_name, (_of_name(name, arguments.at),)) for name in arguments.keywords)
    return found


def _operand(run: Interpreter, value: Value, type_name: str, at: Place, names: bool) -> Formula:
    """A value as part of an expression."""
    if isinstance(value, Formula):
        return value
    if isinstance(value, Choice):
        parts = [_operand(run, option, type_name, at, names) for option in value.options]
        return _computed(run, parts, type_name, Expresses("folded"), at)
    if isinstance(value, Leaf):
        run.look_at(value, at, "is computed with")
        return _operand(run, value.value, type_name, at, names) if not isinstance(value.value, type(TOP)) else _constant(type_name, at)
    if isinstance(value, Data | Frame):
        data = value if isinstance(value, Data) else whole(value)
        return Formula(type_name, (Part("", at),), data)
    if isinstance(value, Const):
        return _of_constant(run, value, type_name, at, names)
    if isinstance(value, CALLABLE):
        return Formula(type_name, (), functions=(value,))
    if isinstance(value, Sequence | Mapping):
        return _of_container(run, value, type_name, at, names)
    if isinstance(value, View):
        return of_names(run, [value], type_name, at)
    if isinstance(value, Object | Library):
        return _constant(type_name, at)
    run.escape(value, at, "goes into a column expression")
    return Formula(type_name, (Part("", at, whole=True),))


def _of_constant(run: Interpreter, value: Const, type_name: str, at: Place, names: bool) -> Formula:
    if not isinstance(value.value, str):
        return _constant(type_name, at)
    if names:
        return of_names(run, [value], type_name, at)
    return Formula(type_name, (Part("", at),), mentions=(value.value,))


def _constant(type_name: str, at: Place) -> Formula:
    return Formula(type_name, (Part("", at),))


def _of_container(run: Interpreter, value: Sequence | Mapping, type_name: str, at: Place, names: bool) -> Formula:
    if isinstance(value, Sequence):
        items, element, open_ = value.state
        members = [*(items or ()), *([element] if element is not None else [])]
    else:
        known, element, open_ = value.state
        members = [*known.values(), *([element] if element is not None else [])]
    found = [_operand(run, member, type_name, at, names) for member in members]
    if open_:
        found.append(Formula(type_name, (Part("", at, whole=True),)))
    return _together(found, type_name, tuple(dict.fromkeys(part for formula in found for part in formula.parts)))


def _holds_formula(value: Value) -> bool:
    for option in options_of(value):
        if isinstance(option, Formula | Data | Frame):
            return True
        if isinstance(option, Sequence):
            members = (*(option.state[0] or ()), *([option.state[1]] if option.state[1] is not None else ()))
            if any(isinstance(inner, Formula | Data) for member in members for inner in options_of(member)):
                return True
    return False


def _computed(run: Interpreter, inputs: list[Formula], type_name: str, verb: Expresses, at: Place) -> Formula:
    """One expression made of others: each column of the first with all that the others read, or one column of all."""
    with_parts = [formula for formula in inputs if formula.parts]
    if not with_parts:
        return _together(inputs, type_name, (Part("", at),))
    first, others = with_parts[0], with_parts[1:]
    everything = tuple(part for formula in with_parts for part in formula.parts)
    if verb.role == "condition":
        return _together(inputs, type_name, (folded(everything, None, at),), verb.aggregates)
    rest = folded(tuple(part for formula in others for part in formula.parts), "", at)
    given = next((part.name for formula in with_parts for part in formula.parts if part.name is not None), "")
    if verb.role == "folded":
        name = given if verb.named and not everything[0].every else ""
        return _together(inputs, type_name, (folded(everything, name, at),), verb.aggregates)
    parts = tuple(
        Part(
            (given if part.name is None else part.name) if verb.named else "",
            at if part.plain else part.at,
            tuple(dict.fromkeys((*part.reads, *rest.reads))),
            every=part.every,
            whole=part.whole or rest.whole,
            without=part.without,
        )
        for part in first.parts
    )
    return _together(inputs, type_name, parts, verb.aggregates)


def _together(inputs: Iterable[Formula], type_name: str, parts: tuple[Part, ...], aggregates: bool = False) -> Formula:
    """What several expressions bring along, under new parts."""
    data: Data | None = None
    mentions: list[str] = []
    functions: list[Value] = []
    comparisons: list[Comparison] = []
    for formula in inputs:
        if formula.data is not None:
            data = formula.data if data is None else join_data(data, formula.data)
        mentions.extend(formula.mentions)
        functions.extend(formula.functions)
        comparisons.extend(formula.comparisons)
        aggregates = aggregates or formula.aggregates
    return Formula(
        type_name,
        parts,
        data,
        tuple(dict.fromkeys(mentions)),
        tuple(dict.fromkeys(functions)),
        tuple(dict.fromkeys(comparisons)),
        aggregates,
    )


# -- operators and attributes -----------------------------------------------------------------------------------------


def operated(run: Interpreter, values: tuple[Value, ...], at: Place) -> Formula | None:
    """An operator on values of which one is an expression; None where none is."""
    of = next((option for value in values for option in options_of(value) if isinstance(option, Formula)), None)
    if of is None:
        return None
    model = run.world.knowledge.method(of.type, OPERATOR)
    verb = next((verb for verb in model.verbs if isinstance(verb, Expresses)), None) if model is not None else None
    operands = [_operand(run, value, of.type, at, False) for value in values]
    if verb is not None and verb.role == "every":
        read = folded(tuple(part for formula in operands for part in formula.parts), EACH, at)
        return _together(operands, of.type, (replace(read, every=True),))
    return _computed(run, operands, of.type, verb or Expresses("computed", named=False), at)


def compared(run: Interpreter, ordering: bool, sides: tuple[Value, Value], at: Place, names: tuple[str, str]) -> Formula | None:
    """A comparison; with something fixed on one side it may become a decision."""
    found = operated(run, sides, at)
    if found is None or not ordering:
        return found
    comparisons = list(found.comparisons)
    for side, fixed, name in ((sides[0], sides[1], names[1]), (sides[1], sides[0], names[0])):
        inner = fixed.value if isinstance(fixed, Leaf) else fixed
        if isinstance(side, Formula) and isinstance(inner, Const) and isinstance(inner.value, int | float):
            comparisons.append(Comparison(side.parts, fixed, at, name))
    return found.with_parts(found.parts, tuple(comparisons))


def attribute(run: Interpreter, owner: Formula, name: str, at: Place, frame: CallFrame) -> Value:
    """A method, or a room of further methods (`.str`, `.dt`)."""
    model = run.world.knowledge.method(owner.type, name)
    if model is not None and model.property:
        return run.verbs.property(model, owner, at, frame)
    return Method(owner, owner.type, name)


def item(run: Interpreter, owner: Formula, key: Value, at: Place, frame: CallFrame) -> Value:
    """A field or an element of each value."""
    return operated(run, (owner, key), at) or TOP


def column_of_table(run: Interpreter, found: Value, name: str, at: Place) -> Value:
    """A column that was taken from a table, where the library's columns are expressions."""
    if not isinstance(found, Data) or not found.type or run.world.knowledge.kind(found.type) != "expression":
        return found
    if name == "*":
        return Formula(found.type, (_of_name(name, at),))
    return Formula(found.type, (Part(name, at, plain=True),), found)


def any_expression(type_name: str, at: Place) -> Formula:
    """An expression that somebody else made: it may read every column."""
    return Formula(type_name, (Part("", at, whole=True),))


def mentions_any(texts: tuple[str, ...], name: str) -> bool:
    """Whether one of the texts may name a column."""
    return HOLE in name or any(HOLE in text or re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for text in texts)
