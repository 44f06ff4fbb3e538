"""Source text to instructions, construct by construct."""

from __future__ import annotations

import pytest

from mldebt.facts.read import file_facts
from mldebt.facts.types import Block, Code, FileFacts, Op


def read(source: str) -> FileFacts:
    facts = file_facts(source.encode(), "python")
    assert isinstance(facts, FileFacts), facts
    return facts


def body(source: str) -> Block:
    return read(source).code.body


def child(source: str, *indices: int) -> Code:
    code = read(source).code
    for index in indices or (0,):
        code = code.children[index]
    return code


def test_an_empty_file_has_an_empty_module() -> None:
    facts = read("")
    assert (facts.code.body, facts.code.kind, facts.ncloc, facts.constants) == ((), "module", 0, ())
    assert facts.place(0) == (1, 1, 1, 1, None)


def test_names_stored_are_the_first_registers_and_others_are_free() -> None:
    code = read("x = y\nz = x\n").code
    assert code.names == ("x", "z")
    assert code.free == ((2, "y", 0, -1),)
    assert code.body == ((Op.MOVE, 0, 0, 2), (Op.MOVE, 2, 1, 0))


def test_attribute_call_and_method() -> None:
    facts = read("a.b\nf(1, *a, k=2, **d)\na.m('s')\n")
    assert facts.code.body == (
        (Op.ATTRIBUTE, 1, 1, 0, "b"),
        (Op.CALL, 2, 4, 2, ((-1, 3, 0), (0, 4, 1)), (("k", -2, 5), (None, 3, 7))),
        (Op.DISCARD, 2, 4),
        (Op.METHOD, 9, 5, 0, "m", ((-3, 10, 0),), ()),
        (Op.DISCARD, 9, 5),
    )
    assert facts.constants == (1, 2, "s")


def test_a_call_of_a_call_is_placed_on_the_last_name() -> None:
    assert body("f.g()()\n") == ((Op.METHOD, 1, 1, 0, "g", (), ()), (Op.CALL, 1, 2, 1, (), ()), (Op.DISCARD, 1, 2))


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("1", 1), ("-1", -1), ("-0.5", -0.5), ("0x10", 16), ("1_000", 1000), ("True", True), ("None", None), ("'a' 'b'", "ab"), ("b'a' b'b'", b"ab"),
        (r"'\n'", "\n"), (r"r'\n'", r"\n"), ("rb'a'", b"a"), ("'''a\nb'''", "a\nb"), ("...", ("...",)), ("2j", ("2j",)),
        ("9" * 30, ("9" * 30,)), (r"'\ud800'", (r"'\ud800'",)), ("1.", 1.0), ("1e3", 1000.0), ("u'a'", "a"), ("0", 0),
    ],
)  # fmt: skip
def test_literals_are_constants(literal: str, value: object) -> None:
    facts = read(f"x = {literal}\n")
    constant = facts.constants[-facts.code.body[-1][3] - 1]
    assert (constant, type(constant)) == (value, type(value))


def test_equal_constants_of_different_types_are_kept_apart() -> None:
    assert read("x = 1, 1.0, True, 0.0, -0.0, 1\n").constants == (1, 1.0, True, 0.0, -0.0)


def test_displays_and_unpacking() -> None:
    assert body("x = (a, *b)\n") == ((Op.TUPLE, 1, 3, ((1, 1, 0), (2, 2, 1))), (Op.MOVE, 0, 0, 3))
    assert body("x = {'k': a, **b}\n") == ((Op.DICT, 1, 3, ((-1, 1, 1), (None, 2, 3))), (Op.MOVE, 0, 0, 3))
    assert body("a, (b, *c) = v\n") == (
        (Op.UNPACK, 0, 3, (4, 5), -1),
        (Op.MOVE, 0, 0, 4),
        (Op.UNPACK, 1, 5, (6, 7), 1),
        (Op.MOVE, 1, 1, 6),
        (Op.MOVE, 2, 2, 7),
    )
    assert body("x = []\n") == ((Op.LIST, 0, 1, ()), (Op.MOVE, 0, 0, 1))
    assert body("x = {a}\n") == ((Op.SET, 1, 2, ((1, 1, 0),)), (Op.MOVE, 0, 0, 2))


def test_items_and_slices() -> None:
    assert body("a['k']\n") == ((Op.ITEM, 1, 1, 0, -1),)
    assert body("a[1:, b]\n") == (
        (Op.SLICE, 1, 1, -1, None, None),
        (Op.TUPLE, 1, 3, ((1, 1, 0), (2, 2, 0))),
        (Op.ITEM, 1, 4, 0, 3),
    )  # fmt: skip


def test_stores_come_after_the_value_in_order() -> None:
    assert body("a.b = c[d] = f()\n") == (
        (Op.CALL, 4, 4, 3, (), ()),
        (Op.SET_ATTRIBUTE, 1, 0, "b", 4),
        (Op.SET_ITEM, 3, 1, 2, 4),
    )
    assert body("a[f()] = g()\n")[0] == (Op.CALL, 2, 4, 3, (), ())


def test_augmented_assignment_loads_once() -> None:
    assert body("x += 1\n") == ((Op.BINARY, 0, 1, "+=", 0, -1), (Op.MOVE, 0, 0, 1))
    assert body("a.b -= 1\n") == ((Op.ATTRIBUTE, 1, 1, 0, "b"), (Op.BINARY, 1, 2, "-=", 1, -1), (Op.SET_ATTRIBUTE, 1, 0, "b", 2))
    assert body("a['k'] //= 2\n") == ((Op.ITEM, 1, 1, 0, -1), (Op.BINARY, 1, 2, "//=", 1, -2), (Op.SET_ITEM, 1, 0, -1, 2))


def test_operators() -> None:
    assert body("a + b\n") == ((Op.BINARY, 0, 2, "+", 0, 1),)
    assert body("not a\n") == ((Op.UNARY, 0, 1, "not", 0),)
    assert body("a < b not in c\n") == (
        (Op.COMPARE, 0, 2, "<", 0, 1, 0, 1),
        (Op.COMPARE, 1, 4, "not in", 1, 3, 1, 2),
        (Op.BINARY, 0, 5, "and", 2, 4),
    )
    assert body("a and b.c\n") == ((Op.BOOLEAN, 0, 3, "and", 0, ((Op.ATTRIBUTE, 2, 2, 1, "c"),), 2),)
    assert body("a.x if b else c.y\n") == (
        (Op.CHOOSE, 0, 5, 2, ((Op.ATTRIBUTE, 1, 1, 0, "x"),), 1, ((Op.ATTRIBUTE, 5, 4, 3, "y"),), 4),
    )  # fmt: skip


def test_f_strings() -> None:
    facts = read("x = f'a{b.c}d' 'e'\n")
    assert facts.code.body == ((Op.ATTRIBUTE, 1, 2, 1, "c"), (Op.TEXT, 1, 3, (-1, 2, -2, -3)), (Op.MOVE, 0, 0, 3))
    assert facts.constants == ("a", "d", "e")
    assert body("f'{a!r:>{w}}'\n") == (
        (Op.UNARY, 0, 1, "!r", 0),
        (Op.TEXT, 0, 3, (-1, 2)),
        (Op.BINARY, 0, 4, "format", 1, 3),
        (Op.TEXT, 0, 5, (4,)),
    )
    spec = read("x = f'{n:02d}'\n")
    assert (spec.code.body[0], spec.constants) == ((Op.BINARY, 1, 2, "format", 1, -1), ("02d",))
    assert read("x = f'{{a}}{b}'\n").constants == ("{a}",)
    assert read(r"x = f'a\n{b}'" + "\n").constants == ("a\n",)


def test_a_nested_f_string_with_the_same_quotes_keeps_places() -> None:
    facts = read('x = f"{a["k"]}"; y = z\n')
    assert facts.code.body[-1][0] == Op.MOVE
    assert facts.place(facts.code.body[-1][1]) == (1, 18, 1, 19, None)
    assert facts.place(1) == (1, 5, 1, 16, None)


def test_comprehension_is_a_loop_with_registers_of_its_own() -> None:
    assert read("x = [a.b for a in c if a]\n").code.names == ("x",)
    assert body("x = [a.b for a in c if a]\n") == (
        (Op.LIST, 1, 1, ()),
        (Op.FOR, 3, 5, 4, ((Op.MOVE, 4, 2, 5), (Op.IF, 6, 2, ((Op.ATTRIBUTE, 2, 3, 2, "b"), (Op.APPEND, 1, 1, 3)), ())), ()),
        (Op.MOVE, 0, 0, 1),
    )
    assert body("{k: v for k, v in d}\n") == (
        (Op.DICT, 0, 0, ()),
        (
            Op.FOR, 2, 4, 3,
            ((Op.UNPACK, 3, 4, (5, 6), -1), (Op.MOVE, 3, 1, 5), (Op.MOVE, 4, 2, 6), (Op.SET_KEY, 0, 0, 1, 2)), (),
        ),
    )  # fmt: skip


def test_the_first_iterable_sees_the_names_outside() -> None:
    code = child("def f(x):\n    return [x for x in x for y in x]\n")
    outer = code.body[1]
    inner = outer[4][1]
    assert outer[3] == 0, "the parameter"
    assert inner[3] == outer[4][0][2], "the target"


def test_a_lambda_captures_the_target_of_a_comprehension() -> None:
    source = "def f():\n    return [lambda: i for i in range(3)]\n"
    function, inner = child(source), child(source, 0, 0)
    target = function.body[2][4][0][2]
    assert inner.free == ((0, "i", 1, target),)
    assert child("x = [lambda: i for i in y]\n").free == ((0, "i", 1, 2),)


def test_functions_have_parameters_defaults_and_decorators() -> None:
    facts = read("@d.e(1)\ndef f(a, /, b: int = 2, *c, k: 'T' = a, **r) -> x: pass\n")
    code = facts.code.children[0]
    assert [(p.name, p.kind, p.annotation, p.has_default) for p in code.parameters] == [
        ("a", 0, "", False), ("b", 1, "int", True), ("c", 2, "", False), ("k", 3, "'T'", True), ("r", 4, "", False),
    ]  # fmt: skip
    assert code.names == ("a", "b", "c", "k", "r")
    assert facts.code.body[-1] == (Op.FUNCTION, 4, 0, 0, ((1, -2), (3, 3)), ((2, 0),))
    assert (code.name, code.qualname, code.kind, code.at, code.flags) == ("f", "f", "function", 4, 0)


def test_lambda_is_a_function_that_returns() -> None:
    assert body("g = lambda a, b=c: a\n") == ((Op.FUNCTION, 1, 2, 0, ((1, 1),), ()), (Op.MOVE, 0, 0, 2))
    code = child("g = lambda a, b=c: a\n")
    assert (code.kind, code.name, code.body) == ("lambda", "<lambda>", ((Op.RETURN, 5, 0),))


def test_closures_skip_classes() -> None:
    source = "def f(a):\n    b = 1\n    class C:\n        b = a\n        def m(self):\n            return a, b, g\n"
    inner = child(source, 0, 0, 0)
    assert inner.qualname == "f.<locals>.C.m"
    assert inner.free == ((1, "a", 1, 0), (2, "b", 1, 1), (3, "g", 0, -1))
    assert child(source, 0, 0).free == ((2, "a", 1, 0),)


def test_a_class_reads_its_names_only_after_storing_them() -> None:
    code = child("class A:\n    x = x\n    y = x\n")
    assert code.names == ("x", "y")
    assert code.free == ((2, "x", 0, -1),)
    assert code.body == ((Op.MOVE, 2, 0, 2), (Op.MOVE, 4, 1, 0))


def test_global_and_nonlocal() -> None:
    source = "def f():\n    global G\n    G = 1\n    n = 2\n    def g():\n        nonlocal n\n        n += 1\n"
    facts = read(source)
    assert facts.code.names == ("f", "G")
    outer, inner = facts.code.children[0], facts.code.children[0].children[0]
    assert outer.names == ("n", "g")
    assert outer.free == ((2, "G", 0, -1),)
    assert outer.body[:2] == ((Op.MOVE, 4, 2, -1), (Op.STORE_GLOBAL, 4, "G", -1))
    assert inner.free == ((0, "n", 1, 0),)
    assert inner.body == ((Op.BINARY, 12, 1, "+=", 0, -1), (Op.MOVE, 12, 0, 1), (Op.STORE_OUTER, 12, 1, 0, 1))


def test_walrus_binds_in_the_function() -> None:
    code = child("def f(a):\n    if (n := len(a)) > 1: pass\n    return [(m := i) for i in a]\n")
    assert code.names == ("a", "n", "m")
    assert (Op.MOVE, 4, 1, 4) in code.body


def test_classes() -> None:
    facts = read("@d\nclass A(B, *C, metaclass=M):\n    'doc'\n    x: int = 1\n    y: list[str]\n")
    assert facts.code.body[-1] == (Op.CLASS, 2, 0, 0, ((2, 3, 0), (3, 4, 1)), (("metaclass", 4, 5),), ((1, 0),))
    code = facts.code.children[0]
    assert code.body == ((Op.MOVE, 8, 0, -1), (Op.ANNOTATE, 8, "x", "int", -1), (Op.ANNOTATE, 11, "y", "list[str]", None))
    assert (code.statements, code.size, code.names) == (2, 3, ("x", "y"))


def test_if_elif_else() -> None:
    assert body("if a: x\nelif b: f()\nelse: pass\n") == (
        (Op.IF, 0, 0, (), ((Op.IF, 3, 2, ((Op.CALL, 5, 4, 3, (), ()), (Op.DISCARD, 5, 4)), ()),)),
    )  # fmt: skip


def test_loops() -> None:
    assert body("for a.b in c:\n    break\nelse:\n    continue\n") == (
        (Op.FOR, 0, 2, 1, ((Op.SET_ATTRIBUTE, 2, 0, "b", 2), (Op.BREAK, 4)), ((Op.CONTINUE, 5),)),
    )  # fmt: skip
    assert body("while a.b: pass\n") == ((Op.WHILE, 0, ((Op.ATTRIBUTE, 2, 1, 0, "b"),), 1, (), ()),)


def test_try_and_raise() -> None:
    assert body("try: f()\nexcept a.E as e: raise\nexcept: raise X from e\nelse: 1\nfinally: g()\n") == (
        (
            Op.TRY, 0,
            ((Op.CALL, 1, 2, 1, (), ()), (Op.DISCARD, 1, 2)),
            ((((Op.ATTRIBUTE, 3, 4, 3, "E"),), 4, 0, ((Op.RAISE, 5, None),)), ((), None, -1, ((Op.RAISE, 6, 5),))),
            (),
            ((Op.CALL, 11, 7, 6, (), ()), (Op.DISCARD, 11, 7)),
        ),
    )  # fmt: skip
    assert body("try: pass\nexcept* E as e: pass\n")[0][3] == (((), 1, 0, ()),)


def test_with_items_nest() -> None:
    assert body("with a as x, b.c: pass\n") == (
        (Op.WITH, 0, 2, 1, ((Op.MOVE, 2, 0, 2), (Op.ATTRIBUTE, 4, 4, 3, "c"), (Op.WITH, 3, 5, 4, ()))),
    )  # fmt: skip


def test_match() -> None:
    source = "match a:\n  case 1 | 'b' as v: pass\n  case {'k': w, **r} if w: pass\n  case C(x=[y, *_]): pass\n  case m.K | None: pass\n  case z: pass\n"
    facts = read(source)
    assert facts.code.names == ("v", "r", "w", "y", "z")
    assert facts.constants == (1, "b", "k", None)
    (load, match) = facts.code.body
    assert load[0] == Op.ATTRIBUTE and load[-1] == "K"
    assert match[:3] == (Op.MATCH, 0, 5)
    assert match[3] == (
        ((-1, -2), (0,), (), None, (), 0),
        (None, (1, 2), (), 2, (), 0),
        (None, (3,), (), None, (), 0),
        ((load[2], -4), (), (), None, (), 0),
        (None, (4,), (), None, (), 1),
    )


def test_imports() -> None:
    assert body("import a.b, c.d as e\nfrom ..p.q import r as s, t\nfrom . import u\nfrom v import *\n") == (
        (Op.IMPORT, 1, 0, "a.b", 0),
        (Op.IMPORT, 3, 1, "c.d", 1),
        (Op.IMPORT_FROM, 10, 2, 2, "p.q", "r"),
        (Op.IMPORT_FROM, 12, 3, 2, "p.q", "t"),
        (Op.IMPORT_FROM, 15, 4, 1, "", "u"),
        (Op.IMPORT_STAR, 18, 0, "v"),
    )


def test_small_statements() -> None:
    assert body("del a, b.c, d[0]\n") == ((Op.DELETE_NAME, 1, 0), (Op.DELETE_ATTRIBUTE, 3, 1, "c"), (Op.DELETE_ITEM, 5, 2, -1))
    assert body("assert a, 'm'\n") == ((Op.ASSERT, 0, 0, -1),)
    assert body("'doc'\n1\n...\nx\n") == ()
    assert body("await f()\n") == ((Op.CALL, 0, 1, 0, (), ()), (Op.DISCARD, 0, 1))


def test_generators_and_coroutines() -> None:
    code = child("async def f():\n    x = yield 1\n    await g(x)\n    return (yield)\n")
    assert code.flags == 3
    assert code.body[0] == (Op.YIELD, 3, 1, -1)
    assert child("def f():\n    yield from g\n").body == ((Op.YIELD_FROM, 2, 1, 0),)


def test_type_parameters_and_aliases() -> None:
    facts = read("def f[T: int, *U, **P](x: T) -> T: return x\nclass C[T = str](B[T]): pass\ntype X[T] = list[T]\ny = X\n")
    assert facts.code.names == ("f", "C", "X", "y")
    assert facts.place(facts.code.body[-1][1]) == (4, 1, 4, 2, None)


def test_exported_names() -> None:
    assert read("__all__ = ['a', 'b']\n__all__ += ('c',)\n").exported == ("a", "b", "c")
    assert read("__all__ = make()\n").exported is None
    assert read("def f():\n    __all__ = ['a']\n").exported is None


def test_lines_and_counts() -> None:
    source = 'def f():\n    """Doc\n    more."""\n    # note\n    x = (\n        1\n    )\n\n    return [\n    ]\n\n@d\nclass A:\n    ...\ny = []\n'
    facts = read(source)
    function, klass = facts.code.children
    assert (function.first_line, function.last_line, function.statements) == (1, 10, 2)
    assert (klass.first_line, klass.last_line) == (13, 14)
    assert (facts.code.first_line, facts.code.last_line) == (1, 15)
    assert facts.ncloc == 10


def test_remarks_cover_their_statement() -> None:
    source = "x = f(\n    1,  # mldebt: ignore[a]\n)\n# TODO: b\n\n# more\ny = (1,\n  2)  # expect: c\nz = 1  # plain\nif z:\n    # mldebt: ignore[d]\n    w = 2\n"
    assert [(remark.text, remark.line, remark.column, remark.first_line, remark.last_line) for remark in read(source).remarks] == [
        ("# mldebt: ignore[a]", 2, 9, 1, 3),
        ("# TODO: b", 4, 1, 7, 8),
        ("# expect: c", 8, 7, 7, 8),
        ("# mldebt: ignore[d]", 11, 5, 12, 12),
    ]


def test_everything_in_an_f_string_has_its_place() -> None:
    source = "x = y + f'{a(b, *c)[d:].e + f(lambda g: [g])}'\n"
    made = body(source)
    assert {instruction[1] for instruction in made if instruction[0] not in (Op.MOVE, Op.BINARY)} == {2}
    inner = child(source)
    assert (inner.at, inner.parameters[0].at, inner.first_line, inner.last_line) == (2, 2, 1, 1)
    assert {instruction[1] for instruction in inner.body} == {2}
