"""Frameworks that start functions of the repository: routes, tasks, and the calls between them."""

from __future__ import annotations

import pytest
from flow_snippets import columns, events, knowledge, script

from mldebt.flow.events import Answered, Fitted, Predicted
from mldebt.flow.follow import Followed
from mldebt.libraries.types import Samples


def roots(done: Followed, kind: str) -> set[str]:
    return {root.name for root in done.world.roots if root.kind == kind}


PIPELINE = """
    import pandas
    from {module} import {inner}, {outer}
    from sklearn.linear_model import LinearRegression

    @{inner}{given}
    def load():
        table = pandas.read_csv("rides.csv")
        table["hour"] = table["at"] + 1
        table["weekday"] = table["at"] + 2
        return table

    @{inner}{given}
    def train(table):
        return LinearRegression().fit(table[["hour"]], table["minutes"])

    @{outer}{given}
    def rides():
        train(load())
"""


@pytest.mark.parametrize("given", ["", "()"])
@pytest.mark.parametrize(
    ("module", "inner", "outer"),
    [
        ("zenml", "step", "pipeline"),
        ("prefect", "task", "flow"),
        ("airflow.decorators", "task", "dag"),
        ("kfp.dsl", "component", "pipeline"),
    ],
)
def test_a_pipeline_hands_on_what_its_steps_make(module: str, inner: str, outer: str, given: str) -> None:
    done = script(PIPELINE.format(module=module, inner=inner, outer=outer, given=given))
    assert roots(done, "task") == {"load", "train", "rides"}
    assert columns(done) == {"hour": True, "weekday": False}


def test_what_a_task_gives_to_a_framework_is_out_of_sight() -> None:
    done = script("""
        import pandas
        from dagster import asset

        @asset
        def rides():
            table = pandas.read_csv("rides.csv")
            table["hour"] = table["at"] + 1
            return table
    """)
    assert roots(done, "task") == {"rides"}
    assert columns(done) == {"hour": True}


def test_steps_of_a_class_share_its_object_in_the_order_they_are_written() -> None:
    done = script("""
        import pandas
        from metaflow import FlowSpec, step
        from sklearn.linear_model import LinearRegression

        class Rides(FlowSpec):
            @step
            def start(self):
                self.model = LinearRegression()
                self.table = pandas.read_csv("rides.csv")
                self.next(self.train)

            @step
            def train(self):
                self.model.fit(self.table[["hour"]], self.table["minutes"])
                self.next(self.end)

            @step
            def end(self):
                pass
    """)
    assert roots(done, "task") == {"Rides.start", "Rides.train", "Rides.end"}
    assert {done.world.models[event.model].name for event in events(done, Fitted) if event.model >= 0} == {"LinearRegression"}


def test_a_method_that_is_decorated_runs_on_the_object_of_its_class() -> None:
    done = script("""
        import bentoml, joblib

        @bentoml.service
        class Rides:
            def __init__(self):
                self.model = joblib.load("model.pkl")

            @bentoml.api
            def minutes(self, table):
                return self.model.predict(table)
    """)
    assert roots(done, "route") == {"Rides.minutes"}
    assert [event.function for event in events(done, Answered) if event.predictions] == ["Rides.minutes"]


def test_a_class_that_is_deployed_answers_when_it_is_called() -> None:
    done = script("""
        import joblib
        from ray import serve

        @serve.deployment(num_replicas=2)
        class Rides:
            def __init__(self):
                self.model = joblib.load("model.pkl")

            async def __call__(self, request):
                return self.model.predict(await request.json())
    """)
    assert "Rides.__call__" in roots(done, "route")
    assert events(done, Predicted)


def test_a_method_of_an_object_may_be_a_route() -> None:
    done = script("""
        import joblib
        from fastapi import APIRouter

        class Rides:
            def __init__(self, path):
                self.model = joblib.load(path)
                self.router = APIRouter()
                self.router.add_api_route("/minutes", self.minutes)

            def minutes(self, table):
                return self.model.predict(table)

        rides = Rides("model.pkl")
    """)
    assert roots(done, "route") == {"Rides.minutes"}
    assert [event.function for event in events(done, Answered) if event.predictions] == ["Rides.minutes"]


def test_a_button_runs_its_function() -> None:
    done = script("""
        import gradio, joblib

        model = joblib.load("model.pkl")

        def minutes(table):
            return model.predict(table)

        def clear():
            return None

        with gradio.Blocks() as page:
            button = gradio.Button("Ask")
            button.click(minutes, inputs=[], outputs=[]).then(clear)
    """)
    assert roots(done, "route") == {"minutes", "clear"}


@pytest.mark.parametrize("made", ["Node(train, 'rides', 'model')", "node(func=train, inputs='rides', outputs='model')"])
def test_a_node_is_a_task(made: str) -> None:
    done = script(f"""
        from kedro.pipeline import Node, Pipeline, node, pipeline
        from sklearn.linear_model import LinearRegression

        def train(rides):
            return LinearRegression().fit(rides[["hour"]], rides["minutes"])

        def create_pipeline(**kwargs):
            return Pipeline([{made}])
    """)
    assert {root.name: root.kind for root in done.world.roots if root.name != "main"} == {"create_pipeline": "uncalled", "train": "task"}
    assert [event.kind for event in events(done, Fitted)] == ["fitted"]


@pytest.mark.parametrize(("sampler", "repeats"), [("RandomUnderSampler", False), ("TomekLinks", False), ("ClusterCentroids", True)])
def test_under_samplers_leave_rows_out(sampler: str, repeats: bool) -> None:
    (verb,) = knowledge().method(f"imblearn.under_sampling.{sampler}", "fit_resample").verbs  # type: ignore[union-attr]  # it is there
    assert isinstance(verb, Samples)
    assert verb.duplicates is repeats


def test_a_route_may_be_made_in_a_factory_that_nobody_here_calls() -> None:
    done = script("""
        import joblib
        from flask import Flask, jsonify

        def create_app():
            app = Flask(__name__)
            model = joblib.load("model.pkl")

            @app.post("/minutes")
            def minutes():
                return jsonify(model.predict([[1]]).tolist())

            return app
    """)
    assert roots(done, "route") == {"create_app.<locals>.minutes"}
    assert len(events(done, Predicted)) == 1
