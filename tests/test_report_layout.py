"""The drawing of the graph: from left to right, nothing on top of anything else, always the same."""

from __future__ import annotations

import random

import pytest
from report_sample import sample_picture

from mldebt.graph.vocabulary import GraphEdge, GraphNode, GraphPicture
from mldebt.report.html.boxes import group_box
from mldebt.report.html.drawing import graph_view
from mldebt.report.html.layout import NODE_HEIGHT, Edge, layered


def random_graph(nodes: int, edges: int, seed: int) -> list[Edge]:
    numbers = random.Random(seed)
    return sorted({(a, b) for a, b in (numbers.sample(range(nodes), 2) for _ in range(edges))})


@pytest.mark.parametrize(("nodes", "edges"), [(1, 0), (5, 0), (2, 1), (20, 25), (60, 90), (120, 300)])
def test_boxes_never_overlap(nodes: int, edges: int) -> None:
    pairs = random_graph(nodes, edges, seed=nodes) if nodes > 1 else []
    widths = [80.0 + node % 7 * 20 for node in range(nodes)]
    drawing = layered(widths, pairs)
    boxes = [(x, y, x + width, y + NODE_HEIGHT) for (x, y), width in zip(drawing.corners, widths, strict=True)]
    for number, (left, top, right, bottom) in enumerate(boxes):
        assert left >= -0.01 and top >= -0.01 and right <= drawing.width + 0.01 and bottom <= drawing.height + 0.01
        for left2, top2, right2, bottom2 in boxes[number + 1 :]:
            assert right <= left2 or right2 <= left or bottom <= top2 + 0.01 or bottom2 <= top + 0.01


def test_edges_run_from_left_to_right_without_cycles() -> None:
    pairs = sorted({(a, b) for a, b in random_graph(40, 70, seed=3) if a < b})
    drawing = layered([100.0] * 40, pairs)
    for (source, target), route in zip(pairs, drawing.routes, strict=True):
        assert drawing.corners[source][0] < drawing.corners[target][0]
        assert route[0] == pytest.approx((drawing.corners[source][0] + 100, drawing.corners[source][1] + NODE_HEIGHT / 2))
        assert route[-1] == pytest.approx((drawing.corners[target][0], drawing.corners[target][1] + NODE_HEIGHT / 2))


def test_an_edge_that_closes_a_cycle_runs_back() -> None:
    drawing = layered([100.0] * 3, [(0, 1), (1, 2), (2, 0)])
    assert [x for x, _ in drawing.corners] == sorted(x for x, _ in drawing.corners)
    back = drawing.routes[2]
    assert back[0][0] > back[-1][0]


def test_crossings_are_avoided_where_they_can_be() -> None:
    drawing = layered([100.0] * 6, [(0, 5), (1, 4), (2, 3)])
    order = [drawing.corners[node][1] for node in (0, 1, 2)]
    assert [drawing.corners[node][1] for node in (5, 4, 3)] == order
    ladder = layered([100.0] * 7, [(0, 1), (0, 2), (1, 5), (2, 3), (2, 4), (5, 6)])
    by_height = sorted((1, 2), key=lambda node: ladder.corners[node][1])
    leaves = sorted((3, 4, 5), key=lambda node: ladder.corners[node][1])
    assert leaves in ([5, 3, 4], [5, 4, 3]) if by_height == [1, 2] else leaves in ([3, 4, 5], [4, 3, 5])


def test_the_feature_of_the_sample_leads_from_source_to_model() -> None:
    view = graph_view(sample_picture())
    x = {box.label: box.x for box in view.boxes}
    assert (
        x["data/users.parquet"]
        < x["users"]
        < x["users ⋈ orders"]
        < x["last_seen"]
        < x["days_idle"]
        < x["X"]
        < x["LogisticRegression"]
        < x["models/churn.pkl"]
    )
    assert not view.collapsed


def test_the_drawing_does_not_depend_on_chance() -> None:
    assert graph_view(sample_picture()) == graph_view(sample_picture())


def picture(labels: list[str], edges: list[Edge]) -> GraphPicture:
    nodes = tuple(GraphNode(str(number), "asset", label, "module") for number, label in enumerate(labels))
    return GraphPicture(nodes, tuple(GraphEdge(str(source), str(target), "writes") for source, target in edges))


def test_unconnected_nodes_are_folded_away() -> None:
    view = graph_view(picture(list("abcdef"), [(0, 3), (3, 5), (1, 2)]))
    assert [box.label for box in view.boxes] == ["a", "d", "f"]
    assert [(line.source, line.target) for line in view.lines] == [("n0", "n3"), ("n3", "n5")]
    assert (view.islands, view.nodes) == (3, 6)


def test_where_all_is_unconnected_all_is_shown() -> None:
    view = graph_view(picture(["a", "b", "c"], [(0, 1)]))
    assert (len(view.boxes), view.islands) == (3, 0)


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("data/processed/daily/churn_scores.parquet", "…/churn_scores.parquet"),
        ("data/a/bb/scores.csv", "data/a/bb/scores.csv"),
        ("a_very_long_directory/x/y/scores.parquet", "…/x/y/scores.parquet"),
        ("s3://bucket/a_name_that_is_much_too_long_to_show.parquet", "a_name_that…show.parquet"),
        ("average_of_the_last_seven_days", "average_of_…t_seven_days"),
    ],
)
def test_long_names_keep_their_telling_end(label: str, shown: str) -> None:
    (box,) = graph_view(picture([label], [])).boxes
    assert box.label == shown and len(shown) <= 24
    assert box.title == f"asset {label}"


def test_groups_keep_the_whole_names_at_their_end() -> None:
    assert [group_box(0, name, 1, ()).label for name in ("short.name", "recommenders.models.newsrec.models.lstur", "a" * 40)] == [
        "short.name",
        "…newsrec.models.lstur",
        "aaaaaaaaaaa…aaaaaaaaaaaa",
    ]


def test_a_drawing_of_many_parts_is_wider_than_high() -> None:
    drawing = layered([200.0] * 300, [(node, node + 1) for node in range(0, 300, 2)])
    assert 1 < drawing.width / drawing.height < 4


def test_no_nodes() -> None:
    assert layered([], []).corners == ()
