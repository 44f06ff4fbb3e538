"""The HTML report stands alone, escapes what it shows, and says the same as the findings."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from report_sample import empty_contents, large_contents, large_picture, sample_contents

from mldebt.core import Coverage, Location
from mldebt.graph.vocabulary import GraphNode, GraphPicture
from mldebt.report import html
from mldebt.report.contents import Contents
from mldebt.report.html.drawing import COLLAPSE_ABOVE, graph_view
from mldebt.report.html.grouping import groupings
from mldebt.report.html.markdown import to_html
from mldebt.report.html.marks import node_names
from mldebt.report.html.page import MOST_FINDINGS

CASES = {"empty": empty_contents(), "sample": sample_contents(), "many": large_contents(400, 400)}
_VOID = {"meta", "input", "br", "hr", "img", "link"}


class Page(HTMLParser):
    """Elements with their attributes and text; the nesting must close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.path: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.path.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.path.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.path:
            self.texts.setdefault(self.path[-1], []).append(data)

    def having(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for _, attributes in self.elements if name in (attributes.get("class") or "").split()]


@pytest.fixture(params=CASES, scope="module")
def contents(request: pytest.FixtureRequest) -> Contents:
    return CASES[request.param]


@pytest.fixture(scope="module")
def page(contents: Contents) -> Page:
    return Page(html.render(contents))


def test_the_structure_is_whole_and_names_are_unique(page: Page) -> None:
    assert page.path == []
    names = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(names) == len(set(names))
    anchors = {attributes["href"] for tag, attributes in page.elements if tag == "a"}
    assert {anchor for anchor in anchors if anchor and "=" not in anchor} <= {f"#{name}" for name in names}


def test_nothing_is_fetched(page: Page) -> None:
    for tag, attributes in page.elements:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base", "video", "audio", "image", "use"}
        assert "src" not in attributes and "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("href") or "#").startswith("#")
    own = "".join(page.texts["script"] + page.texts["style"])
    without_data = own.replace("".join(text for text in page.texts["script"] if text.startswith("{")), "")
    assert not re.search(r"https?:|//[a-z]|@import|url\((?!#)", without_data)


def test_the_policy_allows_exactly_the_own_style_and_script(contents: Contents) -> None:
    text = html.render(contents)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    allowed = policy[1].replace("&#39;", "'")
    assert allowed.startswith("default-src 'none';") and "unsafe" not in allowed
    for tag in ("style", "script"):
        (own,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert f"{tag}-src 'sha256-{b64encode(sha256(own.encode()).digest()).decode()}'" in allowed


def test_hostile_text_stays_text() -> None:
    text = html.render(sample_contents())
    assert text.count("<script") == 2 and text.count("</script>") == 2
    assert "<img" not in text and "<b>" not in text and "<b " not in text
    assert "&lt;script&gt;alert(&#34;message&#34;)&lt;/script&gt;](javascript:alert(3)) \\x1b[2J\\u202e" in text
    assert "{{ 7*7 }}" in text
    assert not {character for character in text if not character.isprintable()} - {"\n", "\t"}


def test_every_finding_is_there_with_its_story(page: Page, contents: Contents) -> None:
    shown = page.having("finding")
    assert sorted(str(one["id"]) for one in shown) == sorted(f"f-{one.fingerprint}" for one in contents.findings)
    assert len(page.having("rule")) == len(contents.rules)
    steps = [text for text in page.texts.get("div", []) if text == "the rows are divided"]
    assert len(steps) == sum(one.rule.code == "MLD221" for one in contents.findings)


def test_the_marked_region_is_the_place() -> None:
    text = html.render(sample_contents())
    marked = [re.sub(r"<[^>]*>", "", mark) for mark in re.findall(r"<mark>(.*?)</mark>", text, re.DOTALL)]
    assert "users[&#34;mood_default&#34;]" in marked
    assert "pickle.load(file)" in marked
    assert '<span class="l h" data-n="6">' in text


def test_the_copied_suppression_fits_the_file() -> None:
    copies = {str(one["data-copy"]) for _, one in Page(html.render(sample_contents())).elements if "data-copy" in one}
    assert '# mldebt: ignore[unused-feature] reason=""' in copies
    assert "mldebt-ignore:debug-sampling-left-on" in copies


def test_tables_count_by_family_and_severity() -> None:
    page = Page(html.render(sample_contents()))
    links = [attributes["href"] for attributes in page.having("heat")]
    assert "#family=data-dependencies&severity=critical" in links
    assert len(links) == len({(one.rule.family, one.severity) for one in sample_contents().findings})


def test_the_graph_is_drawn_whole_or_by_group(page: Page, contents: Contents) -> None:
    boxes = [attributes for tag, attributes in page.elements if tag == "g" and "box" in (attributes.get("class") or "").split()]
    nodes = contents.picture.nodes
    if nodes:
        (data,) = [text for text in page.texts["script"] if text.startswith("{")]
        graph = json.loads(data)
        keys = {str(box["data-key"]) for box in boxes}
        assert graph["collapsed"] == (len(nodes) > COLLAPSE_ABOVE)
        assert len(boxes) == len(keys) and {key[0] for key in keys} == {"g" if graph["collapsed"] else "n"}
        assert len(graph["nodes"]) == len(nodes) and len(graph["ways"][0][2]) == len({node.group for node in nodes})
        assert {str(line[end]) for line in page.having("line") for end in ("data-s", "data-t")} <= keys
    else:
        assert not boxes


def test_every_node_stands_in_the_list_with_its_neighbours(page: Page, contents: Contents) -> None:
    rows = [str(attributes["id"]) for tag, attributes in page.elements if tag == "tr" and "id" in attributes]
    assert len(rows) == len(contents.picture.nodes)
    assert not [name for name in rows if re.search(r"[\s&#+%]", name)]
    if contents == CASES["sample"]:
        row = re.search(r'<tr id="node=feature:days_idle@features">(.*?)</tr>', html.render(contents), re.DOTALL)
        assert row and "users ⋈ orders, last_seen" in row[1] and ">X<" in row[1] and "src/train.py:8:1" in row[1]


def test_a_node_bears_the_findings_that_are_about_it() -> None:
    sample = sample_contents()
    mood, typo = (next(one for one in sample.findings if one.symbol == symbol) for symbol in ("mood", "learn_rate"))
    places = {"mood": mood.at, "learn_rate": typo.evidence[0].at, "days_idle": mood.evidence[0].at}
    nodes = tuple(replace(node, at=places.get(node.label)) for node in sample.picture.nodes)
    contents = replace(sample, picture=replace(sample.picture, nodes=nodes))
    view = graph_view(contents.picture, contents.findings)
    marked = {box.label: (box.findings, box.severity) for box in view.boxes if box.findings}
    assert marked == {"mood": (1, "major"), "learn_rate": (1, "major")}
    about = {contents.findings[number].symbol: [link.label for link in links] for number, links in enumerate(view.links) if links}
    assert about == {"mood": ["feature mood", "feature days_idle"], "learn_rate": ["setting learn_rate"]}
    text = html.render(contents)
    assert 'href="#node=feature:mood@features"' in text and "feature mood — src/features.py:" in text


def test_the_same_contents_give_the_same_bytes() -> None:
    for contents in CASES.values():
        assert html.render(contents) == html.render(replace(contents))


def test_names_of_nodes_in_links_are_harmless_and_one_each() -> None:
    labels = ['a"><script>', "x&y=z#", "two words", "two\twords", "a+b%20c", "é\udcff\u202e", "m" * 200]
    names = node_names([GraphNode(str(number), "feature", label, "g h") for number, label in enumerate(labels)])
    assert len(set(names)) == len(labels)
    assert not [name for name in names if re.search(r"[^\w.:/@*~-]", name)] and max(map(len, names)) < 140


def test_groups_are_modules_packages_and_stages() -> None:
    code, config = Location("a/b/c.py", 1, 1), Location("conf/x.yaml", 1, 1)
    nodes = [
        GraphNode("1", "feature", "f", "a.b.c", code, stage="prepare"),
        GraphNode("2", "setting", "s", "conf/x.yaml", config),
        GraphNode("3", "model", "m", "top", Location("top.py", 1, 1), stage="train"),
    ]
    assert [(way.by, way.names) for way in groupings(nodes)] == [
        ("module", ("a.b.c", "conf/x.yaml", "top")),
        ("package", ("a.b", "conf", "top")),
        ("stage", ("no stage", "prepare", "train")),
    ]
    assert [way.by for way in groupings(nodes[:1])] == ["module"]


def test_settings_of_a_large_graph_show_at_first_where_they_have_findings() -> None:
    sample = sample_contents()
    typo = next(one for one in sample.findings if one.symbol == "learn_rate")
    big = large_picture(400)
    odd = GraphNode("odd", "setting", "learn_rate", "conf", typo.evidence[0].at)
    view = graph_view(GraphPicture((*big.nodes, odd), big.edges), sample.findings)
    assert view.data["quiet"] == ["setting"] and view.collapsed
    assert [box.label for box in view.boxes if box.findings] == ["conf"]


def test_of_more_findings_than_a_browser_holds_the_worst_are_shown_and_the_cut_is_said() -> None:
    contents = large_contents(MOST_FINDINGS + 500)
    worst = replace(contents.findings[-1], severity="blocker", message="The worst of all.")
    text = html.render(replace(contents, findings=(*contents.findings[:-1], worst)))
    assert text.count('<details class="finding ') == MOST_FINDINGS
    assert "The worst of all." in text
    assert f"The worst {MOST_FINDINGS:,} of {MOST_FINDINGS + 500:,} findings are shown here" in text
    assert "findings are shown here" not in html.render(large_contents(20))


def test_verdict_and_debt() -> None:
    text = html.render(sample_contents())
    assert "Broken" in text and "5 h 40 min" in text and "1 tentative left out; 2 held back" in text
    assert "Clean" in html.render(empty_contents())


def test_major_findings_are_not_called_right() -> None:
    sample = sample_contents()
    text = html.render(replace(sample, findings=tuple(one for one in sample.findings if one.severity == "major")))
    assert "Fair" in text and "Some findings are major" in text and "Nothing looks wrong" not in text


@pytest.mark.parametrize("coverage", [Coverage(files=3, unreadable=3), Coverage(files=2, unreadable=1, calls=9), Coverage()])
def test_nothing_analysed_is_no_good_verdict(coverage: Coverage) -> None:
    sample = sample_contents()
    unread = tuple(one for one in sample.findings if one.rule.family == "analysis")
    for findings in ((), unread):
        text = html.render(replace(empty_contents(), coverage=coverage, findings=findings))
        assert "Nothing could be analysed" in text and 'class="card verdict info"' in text
        assert "</span>Clean<" not in text and "</span>Good<" not in text


def test_what_was_found_stands_beside_unreadable_files() -> None:
    text = html.render(replace(sample_contents(), coverage=Coverage(files=3, unreadable=1)))
    assert "Broken" in text and "Nothing could be analysed" not in text


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("## Why *it* is", "<h4>Why <em>it</em> is</h4>"),
        ("a `x < y` **b**\nc", "<p>a <code>x &lt; y</code> <strong>b</strong>\nc</p>"),
        ("- one\n- two\n  goes on", "<ul><li>one</li><li>two\ngoes on</li></ul>"),
        ("1. one\n2. two", "<ol><li>one</li><li>two</li></ol>"),
        ("```python\nx = '<b>'\n```", '<pre class="code plain">x = &#39;&lt;b&gt;&#39;</pre>'),
        ("    indented\n\n    code", '<pre class="code plain">indented\n\ncode</pre>'),
        ("[here](javascript:alert(1))", "<p>here (javascript:alert(1))</p>"),
        ("<script>x</script> 2 * 3 * 4", "<p>&lt;script&gt;x&lt;/script&gt; 2 * 3 * 4</p>"),
        ("```\nnot closed", '<pre class="code plain">not closed</pre>'),
        ("", ""),
    ],
)
def test_markdown(markdown: str, expected: str) -> None:
    assert to_html(markdown) == expected
