"""Price, identity and complexity of what was found."""

from __future__ import annotations

from dataclasses import replace

from report_sample import SOURCES, at, finding, sample_findings

from mldebt.core import Location
from mldebt.debt.complexity import complex_functions
from mldebt.debt.fingerprint import finding_fingerprint
from mldebt.debt.principal import principal


def test_tentative_findings_cost_nothing() -> None:
    sure = finding("MLD203", at("src/train.py", "rate /= 2"), "a", "m", size=3)
    unsure = replace(sure, confidence="tentative")
    assert principal([sure, unsure]) == (25, (("data-dependencies", 25),))
    assert principal([unsure]) == (0, ())
    assert principal([]) == (0, ())


def test_families_are_sorted_and_add_up() -> None:
    total, by_family = principal(sample_findings())
    assert total == sum(minutes for _, minutes in by_family)
    assert list(by_family) == sorted(by_family)


def test_the_fingerprint_is_stable() -> None:
    assert finding_fingerprint("MLD203", "users.mood", 0) == "cde1a1134642e7bd5bb6f0adfabade55"
    prints = {finding_fingerprint(*parts) for parts in (("MLD203", "a", 0), ("MLD203", "a", 1), ("MLD204", "a", 0), ("MLD203", "b", 0))}
    assert len(prints) == 4
    assert len(finding_fingerprint("MLD001", "broken\udcff.py", 0)) == 32


def test_functions_that_evidence_touches() -> None:
    found = [(one.path, one.name, one.complexity, one.rank) for one in complex_functions(SOURCES, sample_findings())]
    assert found == [("src/train.py", "main", 4, "A"), ("src/features.py", "build", 2, "A"), ("src/serve.py", "recommend", 1, "A")]


def test_methods_and_inner_functions_are_the_innermost() -> None:
    source = "class Trainer:\n    def fit(self):\n        def step():\n            if x:\n                pass\n        step()\n"
    place = finding("MLD203", Location("a.py", 5), "a", "m")
    assert [(one.name, one.line) for one in complex_functions({"a.py": source}, [place])] == [("step", 3)]
    place = finding("MLD203", Location("a.py", 6), "a", "m")
    assert [(one.name, one.line) for one in complex_functions({"a.py": source}, [place])] == [("Trainer.fit", 2)]


def test_what_does_not_parse_is_left_out() -> None:
    sources = {"a.py": "def f(:\n", "b.py": "x\0", "c.py": "a" + "(" * 900, "d.py": "def ok():\n    '\\d'\n"}
    places = [finding("MLD203", Location(path, 2 if path == "d.py" else 1), "a", "m") for path in sources]
    assert [one.name for one in complex_functions(sources, places)] == ["ok"]
