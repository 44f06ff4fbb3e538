"""Which names a scope stores: one look at its statements before they are lowered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

import libcst

Names = dict[str, None]  # an ordered set


class Bindings:
    """The names that a body stores, in text order, and those it declares to live elsewhere."""

    __slots__ = ("globals", "names", "nonlocals", "walrus")

    def __init__(self, walrus: bool) -> None:
        self.names: Names = {}
        self.globals: set[str] = set()
        self.nonlocals: set[str] = set()
        self.walrus = walrus  # whether `:=` stands anywhere in the file


def stored_in(body: Iterable[Any], bindings: Bindings) -> None:
    """Collect what statements store; bodies of functions and classes are scopes of their own."""
    for statement in body:
        small = statement.__class__ in _LINES
        for part in statement.body if small else (statement,):
            handler = _STATEMENTS.get(part.__class__)
            if handler is not None:
                handler(part, bindings)
            if small and bindings.walrus:
                walruses(part, bindings.names)


def target_names(node: Any, names: Names) -> None:
    """Names in an assignment's target."""
    kind = node.__class__
    if kind is libcst.Name:
        names[node.value] = None
    elif kind is libcst.Tuple or kind is libcst.List:
        for element in node.elements:
            target_names(element.value, names)
    elif kind is libcst.StarredElement:
        target_names(node.value, names)


def walruses(node: Any, names: Names) -> None:
    """Names stored by `:=` below a node, in this scope (not in lambdas)."""
    for inner in _inside(node):
        if inner.__class__ is libcst.NamedExpr:
            target_names(inner.target, names)


def pattern_names(node: Any) -> Names:
    """Names that a `match` pattern captures."""
    names: Names = {}
    for inner in _inside(node):
        field = _CAPTURES.get(inner.__class__)
        if field is not None:
            captured = getattr(inner, field)
            if captured is not None:
                names[captured.value] = None
    return names


def declared_globals(body: Iterable[Any]) -> Names:
    """Names that any function in these statements declares `global`."""
    names: Names = {}
    stack = list(body)
    while stack:
        node = stack.pop()
        if node.__class__ is libcst.Global:
            names.update(dict.fromkeys(item.name.value for item in node.names))
        for field in _NESTING.get(node.__class__, ()):
            inner = getattr(node, field)
            if inner.__class__ is list or inner.__class__ is tuple:
                stack += inner
            else:
                stack.append(inner)
    return names


def _inside(node: Any) -> Iterator[Any]:
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        kind = current.__class__
        if kind in _CLOSED:
            continue
        for name in reversed(_fields(kind)):
            value = getattr(current, name)
            if value.__class__ is list or value.__class__ is tuple:
                stack += reversed(value)
            elif hasattr(value, "with_changes"):
                stack.append(value)


@cache
def _fields(kind: Any) -> tuple[str, ...]:
    """The fields of a node class that can hold meaning (no whitespace, brackets, commas)."""
    return tuple(name for name in getattr(kind, "__dataclass_fields__", ()) if not name.startswith(_PUNCTUATION))


_PUNCTUATION = (
    "whitespace", "lpar", "rpar", "lbra", "rbra", "comma", "semicolon", "leading", "trailing", "lines_after", "header", "footer", "indent",
    "equal", "colon", "first_colon", "second_colon", "operator", "newline", "dot", "star_",
)  # fmt: skip
_CLOSED = (libcst.FunctionDef, libcst.ClassDef, libcst.Lambda)
_CAPTURES: dict[type, str] = {libcst.MatchAs: "name", libcst.MatchStar: "name", libcst.MatchMapping: "rest"}
_NESTING: dict[type, tuple[str, ...]] = {
    libcst.SimpleStatementLine: ("body",),
    libcst.SimpleStatementSuite: ("body",),
    libcst.IndentedBlock: ("body",),
    libcst.FunctionDef: ("body",),
    libcst.ClassDef: ("body",),
    libcst.With: ("body",),
    libcst.Else: ("body",),
    libcst.Finally: ("body",),
    libcst.ExceptHandler: ("body",),
    libcst.ExceptStarHandler: ("body",),
    libcst.If: ("body", "orelse"),
    libcst.For: ("body", "orelse"),
    libcst.While: ("body", "orelse"),
    libcst.Try: ("body", "handlers", "orelse", "finalbody"),
    libcst.TryStar: ("body", "handlers", "orelse", "finalbody"),
    libcst.Match: ("cases",),
    libcst.MatchCase: ("body",),
}
_LINES = (libcst.SimpleStatementLine, libcst.SimpleStatementSuite)


def _block(suite: Any, bindings: Bindings) -> None:
    stored_in((suite,) if suite.__class__ is libcst.SimpleStatementSuite else suite.body, bindings)


def _assign(node: Any, bindings: Bindings) -> None:
    for target in node.targets:
        target_names(target.target, bindings.names)


def _one_target(node: Any, bindings: Bindings) -> None:
    target_names(node.target, bindings.names)


def _delete(node: Any, bindings: Bindings) -> None:
    target_names(node.target, bindings.names)


def _named(node: Any, bindings: Bindings) -> None:
    bindings.names[node.name.value] = None


def _definition(node: Any, bindings: Bindings) -> None:
    bindings.names[node.name.value] = None
    if bindings.walrus:
        outside = [decorator.decorator for decorator in node.decorators]
        if node.__class__ is libcst.FunctionDef:
            parameters = node.params
            every = (*parameters.posonly_params, *parameters.params, *parameters.kwonly_params)
            outside += [parameter.default for parameter in every if parameter.default is not None]
        else:
            outside += [argument.value for argument in (*node.bases, *node.keywords)]
        for part in outside:
            walruses(part, bindings.names)


def _import(node: Any, bindings: Bindings) -> None:
    for alias in node.names:
        name = alias.name if alias.asname is None else alias.asname.name
        while name.__class__ is libcst.Attribute:
            name = name.value
        bindings.names[name.value] = None


def _import_from(node: Any, bindings: Bindings) -> None:
    if node.names.__class__ is not libcst.ImportStar:
        for alias in node.names:
            bindings.names[(alias.name if alias.asname is None else alias.asname.name).value] = None


def _global(node: Any, bindings: Bindings) -> None:
    bindings.globals.update(item.name.value for item in node.names)


def _nonlocal(node: Any, bindings: Bindings) -> None:
    bindings.nonlocals.update(item.name.value for item in node.names)


def _if(node: Any, bindings: Bindings) -> None:
    while node is not None:
        if node.__class__ is libcst.If:
            _test(node.test, bindings)
        _block(node.body, bindings)
        node = node.orelse if node.__class__ is libcst.If else None


def _test(node: Any, bindings: Bindings) -> None:
    if bindings.walrus:
        walruses(node, bindings.names)


def _for(node: Any, bindings: Bindings) -> None:
    target_names(node.target, bindings.names)
    _test(node.iter, bindings)
    _block(node.body, bindings)
    if node.orelse is not None:
        _block(node.orelse.body, bindings)


def _while(node: Any, bindings: Bindings) -> None:
    _test(node.test, bindings)
    _block(node.body, bindings)
    if node.orelse is not None:
        _block(node.orelse.body, bindings)


def _with(node: Any, bindings: Bindings) -> None:
    for item in node.items:
        _test(item.item, bindings)
        if item.asname is not None:
            target_names(item.asname.name, bindings.names)
    _block(node.body, bindings)


def _try(node: Any, bindings: Bindings) -> None:
    _block(node.body, bindings)
    for handler in node.handlers:
        if handler.name is not None:
            target_names(handler.name.name, bindings.names)
        _block(handler.body, bindings)
    for part in (node.orelse, node.finalbody):
        if part is not None:
            _block(part.body, bindings)


def _match(node: Any, bindings: Bindings) -> None:
    _test(node.subject, bindings)
    for case in node.cases:
        bindings.names.update(pattern_names(case.pattern))
        if case.guard is not None:
            _test(case.guard, bindings)
        _block(case.body, bindings)


_STATEMENTS: dict[type, Callable[[Any, Bindings], None]] = {
    libcst.Assign: _assign,
    libcst.AnnAssign: _one_target,
    libcst.AugAssign: _one_target,
    libcst.Del: _delete,
    libcst.FunctionDef: _definition,
    libcst.ClassDef: _definition,
    libcst.TypeAlias: _named,
    libcst.Import: _import,
    libcst.ImportFrom: _import_from,
    libcst.LazyImport: _import,
    libcst.LazyImportFrom: _import_from,
    libcst.Global: _global,
    libcst.Nonlocal: _nonlocal,
    libcst.If: _if,
    libcst.For: _for,
    libcst.While: _while,
    libcst.With: _with,
    libcst.Try: _try,
    libcst.TryStar: _try,
    libcst.Match: _match,
}
