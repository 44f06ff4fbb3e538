"""What people do with the HTML report, done in a Chromium where there is one: search, focus, follow, fold, filter, export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import browser
import pytest
from report_sample import large_contents, sample_contents

from mldebt.core import Location
from mldebt.report import html
from mldebt.report.contents import Contents

CHROMIUM = browser.program()
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

LABELS = "[...document.querySelectorAll('#boxes .box:not(.group) .name')].map(name => name.textContent).sort()"
MOOD = "feature:mood@features"


def contents() -> Contents:
    """The sample, with the feature that a finding is about at the finding's place."""
    sample = sample_contents()
    found = next(one for one in sample.findings if one.symbol == "mood")
    nodes = tuple(replace(node, at=found.at if node.label == "mood" else Location("a.py", 1, 1)) for node in sample.picture.nodes)
    return replace(sample, picture=replace(sample.picture, nodes=nodes))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    (folder / "sample.html").write_text(html.render(contents()), "utf-8")
    (folder / "large.html").write_text(html.render(large_contents(20, 2_000)), "utf-8")
    return folder


@pytest.fixture(scope="module")
def opened(folder: Path) -> Iterator[browser.Tab]:
    assert CHROMIUM
    with browser.tab(CHROMIUM, folder / "profile") as tab:
        tab.window(1280, 800)
        tab.downloads(folder)
        yield tab


@pytest.fixture
def tab(opened: browser.Tab) -> Iterator[browser.Tab]:
    """Whatever is done, nothing may throw, and nothing may be asked that the page's policy refuses."""
    yield opened
    assert opened.errors == []


@pytest.fixture
def sample(tab: browser.Tab, folder: Path) -> browser.Tab:
    tab.open(folder / "sample.html", "#graph")
    return tab


def status(tab: browser.Tab) -> str:
    return str(tab.run("document.querySelector('#graph-status').textContent"))


def test_a_node_is_found_by_keyboard_and_its_details_tell_of_the_finding(sample: browser.Tab) -> None:
    sample.press("/", "/")
    sample.write("moo")
    assert sample.run("document.querySelector('#found [aria-selected=true]').textContent").startswith("mood")
    sample.press("Enter")
    panel = sample.run("document.querySelector('#panel').innerText")
    assert panel.startswith("×") or "mood" in panel
    assert "src/features.py:" in panel and "Feature 'mood' is computed" in panel
    assert sample.run("decodeURIComponent(location.hash)") == f"#node={MOOD}"
    assert sample.run("document.querySelector('.box.chosen .badge text').textContent") == "1"


def test_arrow_keys_in_the_list_choose_among_hits(sample: browser.Tab) -> None:
    sample.run("document.querySelector('#find').focus()")
    sample.write("spent")
    names = sample.run("[...document.querySelectorAll('#found .what')].map(name => name.textContent)")
    assert names == ["spent", "spent_log"]
    sample.press("ArrowDown")
    sample.press("Enter")
    assert sample.run("document.querySelector('#panel h3').textContent") == "spent_log"


def test_hostile_names_stay_text(sample: browser.Tab) -> None:
    sample.run("document.querySelector('#find').focus()")
    sample.write("<b>bold")
    sample.press("Enter")
    assert sample.run("document.querySelector('#panel h3').textContent") == "<b>bold</b>"
    assert sample.run("document.querySelectorAll('#graph b').length") == 0


def test_focus_shows_a_neighbourhood_and_its_link_restores_it(sample: browser.Tab, folder: Path) -> None:
    sample.open(folder / "sample.html", f"#node={MOOD}")
    sample.click("#panel .segments:last-of-type .button:first-child")
    assert sample.run(LABELS) == ["mood", "users ⋈ orders"]
    sample.click("#panel .segments:first-child .button:first-child")
    sample.click("#panel .segments:last-child .button:nth-child(2)")
    upstream = sample.run(LABELS)
    assert upstream == ["events/shown.parquet", "mood", "orders", "users", "users ⋈ orders"]
    link = sample.run("location.hash")
    sample.open(folder / "sample.html", link)
    assert sample.run(LABELS) == upstream and status(sample).startswith("mood, upstream")
    sample.click("#back")
    assert len(sample.run(LABELS)) > len(upstream)


def test_a_feature_is_followed_to_the_model_and_the_whole_way_is_in_sight(sample: browser.Tab, folder: Path) -> None:
    sample.open(folder / "sample.html", "#node=feature:spent@features")
    sample.run("[...document.querySelectorAll('#panel .item.model')].find(item => item.textContent.includes('Logistic')).click()")
    sample.settle()
    assert {"spent", "spent_log", "X", "LogisticRegression"} <= set(sample.run(LABELS))
    way = sample.run("[...document.querySelectorAll('#panel .route .what')].map(step => step.textContent)")
    assert way[-4:] == ["spent", "spent_log", "X", "LogisticRegression"]
    outside = """(seen => [...document.querySelectorAll('#boxes .box')].map(box => box.getBoundingClientRect()).filter(
        box => box.left < seen.left || box.right > seen.right || box.top < seen.top || box.bottom > seen.bottom).length
        )(document.querySelector('#drawing').getBoundingClientRect())"""
    assert sample.run(outside) == 0


def test_a_finding_leads_to_its_node_and_back(sample: browser.Tab, folder: Path) -> None:
    sample.open(folder / "sample.html")
    link = sample.run(f"document.querySelector('.nodes a[href=\"#node={MOOD}\"]').closest('.finding').id")
    sample.run(f"document.querySelector('.nodes a[href=\"#node={MOOD}\"]').click()")
    sample.settle()
    assert sample.run("document.querySelector('.box.chosen .name').textContent") == "mood"
    sample.run("document.querySelector('#panel a.item').click()")
    sample.settle()
    assert sample.run("location.hash") == f"#{link}" and sample.run(f"document.getElementById('{link}').open")


def test_groups_fold_and_unfold(sample: browser.Tab) -> None:
    sample.click("#collapse")
    assert sample.run(LABELS) == []
    groups = sample.run("document.querySelectorAll('#boxes .box.group').length")
    assert groups == len({node.group for node in contents().picture.nodes if node.label != "data/unused.csv"})
    sample.run("document.querySelector('#boxes .group[aria-label^=\"serve\"]').focus()")
    sample.press("Enter")
    assert sample.run(LABELS) == ["send_mail", "serve.recommend", "shown"]
    assert sample.run("document.querySelector('#panel h3').textContent") == "serve"
    assert sample.run("document.activeElement.classList.contains('box')")
    sample.press("Escape")
    assert sample.run("document.querySelector('#panel').hidden")
    sample.click("#expand")
    assert sample.run("document.querySelectorAll('#boxes .box.group').length") == 0


def test_kinds_are_switched_and_what_is_hidden_is_stepped_over(sample: browser.Tab) -> None:
    assert "prediction" in sample.run("document.querySelector('#legend').textContent")
    sample.click("#legend [data-kind=prediction]")
    assert "shown" not in sample.run(LABELS)
    assert sample.run("document.querySelectorAll('#lines .leads').length") > 0
    sample.click("#legend [data-kind=prediction]")
    assert "shown" in sample.run(LABELS)


def test_arrows_move_from_box_to_box(sample: browser.Tab) -> None:
    assert sample.run("document.querySelectorAll('#boxes .box[tabindex=\"0\"]').length") == 1
    sample.run("document.querySelector('#boxes .box.source').focus()")
    first = sample.run("document.activeElement.dataset.key")
    sample.run("document.activeElement.setAttribute('tabindex', 0)")
    sample.press("ArrowRight")
    assert sample.run("document.activeElement.classList.contains('box')") and sample.run("document.activeElement.dataset.key") != first
    sample.press("Enter")
    assert not sample.run("document.querySelector('#panel').hidden")
    sample.press("Escape")
    assert sample.run("document.querySelector('#panel').hidden")


def test_the_export_is_a_picture_of_its_own(sample: browser.Tab, folder: Path) -> None:
    sample.open(folder / "sample.html", f"#node={MOOD}&way=up&depth=2")
    sample.click("#export")
    while sample.wait_for("Browser.downloadProgress")["params"]["state"] != "completed":
        pass
    text = (folder / "dependencies.svg").read_text("utf-8")
    root = ElementTree.fromstring(text)
    texts = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"mood", "users ⋈ orders", "orders"} <= texts and "spent" not in texts
    assert "href" not in text and "<style" not in text and "class=" not in text and "var(" not in text


def test_findings_are_filtered_and_grouped(sample: browser.Tab, folder: Path) -> None:
    sample.open(folder / "sample.html", "#check=unused-feature&by=file")
    shown = "[...document.querySelectorAll('.finding')].filter(finding => finding.offsetParent).map(finding => finding.dataset.check)"
    assert sample.run(shown) == ["unused-feature"]
    assert sample.run(
        "[...document.querySelectorAll('#groups > .group:not(.unmatched) > summary .name')].map(name => name.textContent)"
    ) == ["src/features.py"]
    assert sample.run("document.querySelector('#shown').textContent").startswith("1 of 9")
    sample.run("document.querySelector('#filters').reset()")
    sample.run("new Promise(done => setTimeout(done, 50))")
    assert len(sample.run(shown)) == len(contents().findings)
    assert sample.run("document.querySelectorAll('#groups > .group > summary .code').length") == 9


def test_findings_are_grouped_by_owner_where_somebody_owns_them(tab: browser.Tab, folder: Path) -> None:
    owned = replace(contents(), owners={"src/features.py": ("@<b>ml</b>", "@data")})
    (folder / "owned.html").write_text(html.render(owned), "utf-8")
    tab.open(folder / "owned.html", "#by=owner")
    names = tab.run("[...document.querySelectorAll('#groups > .group > summary .name')].map(name => name.textContent)")
    assert sorted(names) == ["@<b>ml</b> @data", "nobody's"]
    assert 'value="owner"' not in html.render(contents())


def test_a_large_graph_opens_folded_and_unfolds_to_what_is_in_sight(tab: browser.Tab, folder: Path) -> None:
    tab.open(folder / "large.html", "#graph")
    assert tab.run("document.querySelectorAll('#boxes .box').length") == 17
    tab.click("#expand")
    tab.run("new Promise(done => setTimeout(done, 50))")
    drawn = tab.run("document.querySelectorAll('#boxes .box').length")
    assert 0 < drawn < 500 and "of 2,000 nodes" in status(tab)


def test_without_scripts_links_lead_into_the_list(tab: browser.Tab, folder: Path) -> None:
    tab.scripts(on=False)
    try:
        tab.visit(folder / "sample.html", f"#node={MOOD}")
    finally:
        tab.scripts(on=True)
    assert tab.run("document.querySelector(':target').querySelector('th').innerText").startswith("mood")
    assert tab.run("document.querySelector('#nodes').open")
    assert tab.run("document.querySelectorAll('#boxes .box').length") > 10
