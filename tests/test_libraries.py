"""Library files: every form they may take, every complaint they may cause, and the questions asked of what they say."""

from __future__ import annotations

import re
import subprocess
import sys

import msgspec
import pytest

from mldebt.core import MldebtError
from mldebt.libraries.load import Knowledge, decode, encode, libraries_digest, load_knowledge, read_library, shipped_libraries
from mldebt.libraries.read import VERBS
from mldebt.libraries.types import (
    Acts,
    Aggregates,
    Argument,
    Backpropagates,
    CallModel,
    Converts,
    Creates,
    Drops,
    Escapes,
    Fits,
    Hyperparameter,
    Joins,
    Logs,
    Reads,
    Seeds,
    Selects,
    Splits,
    TypeModel,
    When,
    Writes,
)

SHIPPED = shipped_libraries()


def entry(text: str) -> CallModel:
    """The only call of a library with one entry, written as a flow mapping."""
    (call,) = read_library(f"library: acme\ncalls:\n  - {{{text}}}\n", "acme.yaml").calls
    return call


def knowledge(*texts: str) -> Knowledge:
    return Knowledge(read_library(f"library: acme\n{text}", f"{number}.yaml") for number, text in enumerate(texts))


# ---- forms


@pytest.mark.parametrize(
    ("text", "verbs"),
    [
        ("reads: {path: path}", (Reads(path=Argument("path")),)),
        ("reads: {path: {path: 0}, format: parquet}", (Reads(path=Argument("path", 0), format="parquet"),)),
        ("reads: {path: receiver, format: {fmt: 2}}", (Reads(path=Argument("receiver"), format=Argument("fmt", 2)),)),
        ("writes: {value: {obj: null}}", (Writes(value=Argument("obj")),)),
        ("splits: {inputs: '*', into: [train, dev, test]}", (Splits(inputs=Argument("*"), into=("train", "dev", "test")),)),
        ("fits: {inputs: {X: 0, Z: 3}, target: {y: 1}}", (Fits(inputs=(Argument("X", 0), Argument("Z", 3)), target=Argument("y", 1)),)),
        ("fits: {inputs: [{X: 0}, extra]}", (Fits(inputs=(Argument("X", 0), Argument("extra"))),)),
        ("fits: {inputs: '*'}", (Fits(inputs=(Argument("*"),)),)),
        ("creates: model", (Creates("model"),)),
        ("converts: schema", (Converts(to="schema"),)),
        ("seeds: numpy", (Seeds("numpy"),)),
        ("backpropagates: true", (Backpropagates(),)),
        ("aggregates: {}", (Aggregates(),)),
        ("logs: true", (Logs(Argument("*")), Logs(Argument("**")))),
        ("acts: true", (Acts(Argument("*")), Acts(Argument("**")))),
        ("escapes: true", (Escapes(Argument("*")), Escapes(Argument("**")))),
        ("logs: {values: receiver}", (Logs(Argument("receiver")),)),
        ("seeds: [{library: numpy}, {library: torch, seed: {seed: 0}}]", (Seeds("numpy"), Seeds("torch", Argument("seed", 0)))),
        ("reads: {path: {p: 0}}, logs: {values: receiver}", (Reads(path=Argument("p", 0)), Logs(Argument("receiver")))),
        ("joins: {right: {right: 0}, on: {on: 1}}", (Joins(right=Argument("right", 0), on=Argument("on", 1)),)),
        (
            "drops: {columns: labels, when: {argument: {axis: 1}, is: [1, columns, true, null]}}",
            (Drops(Argument("labels"), when=When(Argument("axis", 1), is_=(1, "columns", True, None))),),
        ),
        ("drops: {columns: c, when: {argument: axis, is: 1}}", (Drops(Argument("c"), when=When(Argument("axis"), is_=(1,))),)),
        ("drops: {columns: c, when: {argument: axis, given: true}}", (Drops(Argument("c"), when=When(Argument("axis"), given=True)),)),
        (
            "selects: {columns: c, when: {argument: axis, absent: true}}",
            (Selects(Argument("c"), when=When(Argument("axis"), absent=True)),),
        ),
    ],
)
def test_a_verb_is_read(text: str, verbs: tuple[object, ...]) -> None:
    assert entry(f"call: f, {text}").verbs == verbs


def test_an_entry_is_read() -> None:
    call = entry("call: acme.f, returns: acme.Table, mutates: {when: {argument: inplace, is: true}}, property: true")
    assert call == CallModel("acme.f", "acme", (), "acme.Table", When(Argument("inplace"), is_=(True,)), (), True)
    assert entry("call: f, mutates: true").mutates is True


def test_hyperparameters_are_read() -> None:
    call = entry("call: f, hyperparameters: {depth: 6, rate: {default: 1e-3, range: [0, 1], position: 2}, kernel: none, cap: null}")
    assert call.hyperparameters == (
        Hyperparameter("depth", 6),
        Hyperparameter("rate", 0.001, (0.0, 1.0), 2),
        Hyperparameter("kernel", "none"),
        Hyperparameter("cap", None),
    )


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("call: a", ["a"]),
        ("calls: [a, b]", ["a", "b"]),
        ("call: [a, b], under: T", ["T.a", "T.b"]),
        ("call: [a, b], under: [T, U]", ["T.a", "T.b", "U.a", "U.b"]),
        ("call: [on, off, no, y]", ["on", "off", "no", "y"]),
    ],
)
def test_one_entry_may_speak_of_several_calls(names: str, expected: list[str]) -> None:
    library = read_library(f"library: acme\ncalls:\n  - {{{names}, logs: true}}\n", "acme.yaml")
    assert [call.call for call in library.calls] == expected


def test_types_and_aliases_are_read() -> None:
    library = read_library("library: acme\ntypes: {A: frame, B: {kind: model, extends: [A, C]}}\naliases: {acme.core: acme}\n", "acme.yaml")
    assert library.types == (TypeModel("A", "frame"), TypeModel("B", "model", ("A", "C")))
    assert library.aliases == (("acme.core", "acme"),)


def test_a_constructor_gives_its_own_type() -> None:
    library = read_library("library: a\ntypes: {a.T: frame}\ncalls: [{call: a.T, creates: frame}, {call: a.f, creates: frame}]\n", "a.yaml")
    assert [call.returns for call in library.calls] == ["a.T", ""]


# ---- complaints


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("call: f, raeds: {path: p}", "call 1: unknown verb or key 'raeds', did you mean 'reads'?"),
        ("call: f, reads: {pth: p}", "call 1 ('f'): reads: unknown field 'pth', did you mean 'path'?"),
        ("call: f, reads: {path: 3}", "call 1 ('f'): reads: field 'path' is 3, expected an argument: its name, or {name: position}"),
        (
            "call: f, reads: {path: {p: one}}",
            "call 1 ('f'): reads: field 'path' has position 'one' for 'p', expected a whole number from 0 on, or null",
        ),
        (
            "call: f, reads: {path: {p: -1}}",
            "call 1 ('f'): reads: field 'path' has position -1 for 'p', expected a whole number from 0 on, or null",
        ),
        (
            "call: f, reads: {path: {p: true}}",
            "call 1 ('f'): reads: field 'path' has position True for 'p', expected a whole number from 0 on, or null",
        ),
        (
            "call: f, reads: {path: {p: 0, q: 1}}",
            "call 1 ('f'): reads: field 'path' is a mapping, expected an argument: its name, or {name: position}",
        ),
        ("call: f, reads: {gives: fram}", "call 1 ('f'): reads: field 'gives' is 'fram', did you mean 'frame'?"),
        ("call: f, reads: 7", "call 1 ('f'): reads: found 7 where a mapping (its fields) is expected"),
        ("call: f, reads: path", "call 1 ('f'): reads: found 'path' where a mapping (its fields) is expected"),
        ("call: f, creates: modle", "call 1 ('f'): creates: field 'kind' is 'modle', did you mean 'model'?"),
        ("call: f, sets_mode: xyzzy", "call 1 ('f'): sets_mode: field 'mode' is 'xyzzy', expected one of train, eval, no_grad"),
        ("call: f, drops: {gives: column}", "call 1 ('f'): drops: field 'columns' is missing"),
        ("call: f, creates: true", "call 1 ('f'): creates: field 'kind' is missing"),
        ("call: f, aggregates: {rowwise: yes}", "call 1 ('f'): aggregates: field 'rowwise' is 'yes', expected true or false"),
        ("call: f, converts: {into: 1}", "call 1 ('f'): converts: field 'into' is 1, expected text"),
        ("call: f, splits: {inputs: a, into: [1]}", "call 1 ('f'): splits: field 'into' is 1, expected text"),
        ("call: f, reads: {format: [csv]}", "call 1 ('f'): reads: field 'format' is a list, expected a constant"),
        ("call: f, reads: {when: yes}", "call 1 ('f'): reads: field 'when' found 'yes' where a mapping (a condition) is expected"),
        ("call: f, reads: {when: {argument: a}}", "call 1 ('f'): reads: field 'when' needs 'argument' and one of 'is', 'given', 'absent'"),
        ("call: f, reads: {when: {argument: a, iss: 1}}", "call 1 ('f'): reads: field 'when' unknown key 'iss', did you mean 'is'?"),
        ("call: f, reads: {when: {argument: a, given: false}}", "call 1 ('f'): reads: field 'when' 'given' and 'absent' can only be true"),
        ("call: f, mutates: maybe", "call 1 ('f'): found 'maybe' where a mapping ('mutates' true, false or {when: ...}) is expected"),
        ("call: f, mutates: {when: {argument: a}}", "call 1 ('f'): mutates: 'when' needs 'argument' and one of 'is', 'given', 'absent'"),
        ("call: f, property: 1", "call 1 ('f'): 'property' is 1, expected true or false"),
        ("call: f, returns: [a]", "call 1 ('f'): 'returns' is a list, expected text"),
        ("call: f, hyperparameters: [a]", "call 1 ('f'): found a list where a mapping ('hyperparameters') is expected"),
        ("call: f, hyperparameters: {a: {defalt: 1}}", "call 1 ('f'): hyperparameter 'a': unknown key 'defalt', did you mean 'default'?"),
        (
            "call: f, hyperparameters: {a: {range: [1, 0]}}",
            "call 1 ('f'): hyperparameter 'a': 'range' is a list, expected [lowest, highest]",
        ),
        ("call: f, hyperparameters: {a: {position: x}}", "call 1 ('f'): hyperparameter 'a': 'position' is 'x', expected a whole number"),
        ("call: f, calls: [g]", "call 1: 'call' and 'calls' are the same key, use one"),
        ("reads: {path: p}", "call 1: 'call' is missing: the dotted name of a function, a class or a method"),
        ("call: [f, 3]", "call 1: 'call' is 3, expected text"),
        ("call: f, 3: true", "call 1: key 3 is not text"),
    ],
)
def test_what_is_wrong_in_an_entry_is_said(text: str, complaint: str) -> None:
    with pytest.raises(MldebtError) as caught:
        entry(text)
    assert str(caught.value) == f"acme.yaml: {complaint}"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "found nothing where a mapping (a library file) is expected"),
        ("- call: f\n", "found a list where a mapping (a library file) is expected"),
        ("calls: []\n", "'library' is nothing, expected text"),
        ("library: a\ncals: []\n", "unknown key 'cals', did you mean 'calls'?"),
        ("library: a\ncalls: {f: 1}\n", "'calls' is a mapping, expected a list of entries"),
        ("library: a\ntypes: {T: fram}\n", "type 'T': kind is 'fram', did you mean 'frame'?"),
        ("library: a\ntypes: {T: {kind: frame, extend: U}}\n", "type 'T': unknown key 'extend', did you mean 'extends'?"),
        ("library: a\naliases: {b: 1}\n", "alias 'b' is 1, expected text"),
        ("library: a\ncalls:\n  - {call: f, call: g}\n", "line 3: key 'call' stands twice"),
        ("library: a\ncalls: [\n", "line 3: not YAML: did not find expected node content"),
        ("library: a\x07\n", "not YAML: unacceptable character #x0007"),
        ("library: !!python/object/apply:os.getcwd []\n", "line 1: not YAML: could not determine a constructor for the tag"),
        ("library: " + "[" * 100_000, "nested deeper than 60 levels"),
        ("library: a\ncalls: " + "- " * 100_000, "nested deeper than 60 levels"),
        ("library: a\nx:\n" + "".join(" " * n + "- \n" for n in range(300)), "nested deeper than 60 levels"),
        ("#" * 1_000_001, "larger than 1000000 characters"),
        (
            "a: &a [1, 2, 3, 4, 5, 6, 7, 8]\n"
            + "".join(f"{b}: &{b} [{', '.join(8 * ['*' + a])}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)),
            "more than 500000 values",
        ),
        ("library: &a [*a]\n", "more than 500000 values"),
    ],
)
def test_what_is_wrong_in_a_file_is_said(text: str, complaint: str) -> None:
    with pytest.raises(MldebtError) as caught:
        read_library(text, "acme.yaml")
    assert str(caught.value).startswith(f"acme.yaml: {complaint}")
    assert len(str(caught.value)) < 300


def test_a_complaint_is_one_clean_line() -> None:
    with pytest.raises(MldebtError) as caught:
        entry(r'call: "f\n\e[31m", "rea\nds\x1b": 1')
    assert re.fullmatch(r"[ -~]+", str(caught.value))


def test_the_number_of_the_entry_is_said() -> None:
    with pytest.raises(MldebtError, match=r"acme\.yaml: call 2 \('g'\): creates"):
        read_library("library: a\ncalls:\n  - {call: f, creates: model}\n  - {call: [g, h], creates: mode}\n", "acme.yaml")


# ---- questions


def test_later_libraries_replace_earlier_ones_call_by_call() -> None:
    both = knowledge("calls: [{call: f, returns: A}, {call: g, returns: A}]", "calls: [{call: f, returns: B}]")
    assert [call and call.returns for call in (both.call("f"), both.call("g"))] == ["B", "A"]


def test_the_longest_prefix_wins() -> None:
    found = knowledge("calls: [{call: a.*, returns: A}, {call: a.b.*, returns: B}, {call: a.b.c, returns: C}]")
    names = ("a.b.c", "a.b.x.y", "a.x", "ab.x", "a")
    assert [call and call.returns for call in map(found.call, names)] == ["C", "B", "A", None, None]


def test_methods_are_found_through_extends_in_order() -> None:
    found = knowledge(
        "types: {Child: {extends: [Left, Right]}, Left: model, Right: {kind: frame, extends: [Top]}, Top: other}\n"
        "calls: [{call: Right.fit, returns: R}, {call: Top.fit, returns: T}, {call: Top.save, returns: T}, {call: Left.*, returns: L}]"
    )
    fit, save, other = (found.method("Child", name) for name in ("fit", "save", "other"))
    assert fit and save and other
    assert [fit.returns, save.returns, other.returns] == ["R", "T", "L"]
    assert found.kind("Child") == "model"
    assert found.call("Child.save") == save


def test_types_that_extend_each_other_in_a_ring_end() -> None:
    found = knowledge("types: {A: {extends: [B]}, B: {kind: model, extends: [A]}}\ncalls: [{call: B.f, returns: x}]")
    assert found.method("A", "nothing") is None
    assert found.kind("A") == "model"
    method = found.method("A", "f")
    assert method and method.returns == "x"


def test_aliases_name_packages_and_the_longest_is_taken() -> None:
    found = knowledge("aliases: {a: b, a.x.y: c.z, b.inner: d}")
    assert [found.canonical(name) for name in ("a.f", "a.x.y.f", "a.inner.f", "ax.f", "q")] == ["b.f", "c.z.f", "d.f", "ax.f", "q"]


def test_aliases_in_a_ring_end() -> None:
    assert knowledge("aliases: {a: b, b: a}").canonical("a.f") == "a.f"
    assert knowledge("aliases: {a: a.a}").canonical("a.f") == "a.a.f"


def test_a_function_works_on_its_arguments_where_a_method_works_on_its_receiver() -> None:
    found = knowledge(
        "types: {T: array}\ncalls: [{call: T.round, converts: same}, {call: clip, converts: same}, {call: mean, aggregates: {value: {a: 0}}}]"
    )
    method, function, unbound, named = found.method("T", "round"), found.call("clip"), found.call("T.round"), found.call("mean")
    assert method and function and unbound and named
    assert method.verbs == (Converts(),)
    assert function.verbs == unbound.verbs == (Converts(value=Argument("*")),)
    assert named.verbs == (Aggregates(value=Argument("a", 0)),)


def test_a_bare_method_is_that_of_a_receiver_of_unknown_type() -> None:
    found = knowledge("calls: [{call: .predict_proba, predicts: probability}]")
    assert found.method("*", "predict_proba") is not None
    assert found.method("*", "predict") is None
    assert found.method("acme.Model", "predict_proba") is None


def test_project_files_come_last() -> None:
    project = "library: acme\ncalls: [{call: pandas.read_csv, reads: {path: {where: 0}}}]"
    found = load_knowledge([("acme.yaml", project)], SHIPPED)
    mine, theirs = found.call("pandas.read_csv"), found.call("pandas.read_parquet")
    assert mine and theirs
    assert (mine.library, theirs.library) == ("acme", "pandas")


# ---- tables kept as bytes


def test_shipped_libraries_survive_encoding() -> None:
    assert decode(encode(SHIPPED)) == SHIPPED


def test_encoding_tells_one_from_true() -> None:
    library = read_library(
        "library: a\ncalls:\n"
        + "".join(
            f"  - {{call: {n}, drops: {{columns: c, when: {{argument: a, is: {v}}}}}}}\n"
            for n, v in zip("fgh", (1, "true", 1.0), strict=True)
        ),
        "a.yaml",
    )
    (decoded,) = decode(encode([library]))
    assert repr(decoded) == repr(library)


@pytest.mark.parametrize("data", [b"", b"\x00", b"junk", msgspec.msgpack.encode([[1, 2]]), encode(SHIPPED[:1])[:-3]])
def test_damaged_tables_are_an_error(data: bytes) -> None:
    with pytest.raises(MldebtError, match="library tables in the cache"):
        decode(data)


def test_reading_kept_tables_needs_no_yaml(tmp_path: object) -> None:
    code = (
        "import sys; from mldebt.libraries.load import decode, encode, libraries_digest, load_knowledge; libraries_digest();"
        "assert load_knowledge((), decode(encode([]))).kind('x') == ''; sys.exit('yaml' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_digest_is_stable() -> None:
    assert libraries_digest() == libraries_digest()
    assert re.fullmatch("[0-9a-f]{32}", libraries_digest())


# ---- what is shipped


def test_shipped_calls_are_said_once_per_library() -> None:
    seen: dict[str, str] = {}
    twice = [
        (call.call, library.file)
        for library in SHIPPED
        for call in library.calls
        if seen.setdefault(call.call, library.file) != library.file
    ]
    assert twice == []


def test_shipped_names_refer_to_types_that_exist() -> None:
    known = {model.name for library in SHIPPED for model in library.types}
    missing = {call.returns for library in SHIPPED for call in library.calls} - known - {"", "self"}
    missing |= {base for library in SHIPPED for model in library.types for base in model.extends} - known
    assert missing == set()


def test_every_verb_is_used() -> None:
    used = {type(verb) for library in SHIPPED for call in library.calls for verb in call.verbs}
    assert set(VERBS.values()) - used == set()
