"""What the shipped library files say, held against the signatures of the libraries that are installed here."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import inspect
import sys
import warnings
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pytest

from mldebt.libraries.load import Knowledge, read_library, shipped_libraries
from mldebt.libraries.types import Argument, CallModel, Library, ParseOption

LIBRARIES = shipped_libraries()

# Names and arguments of versions in support that the newest one lacks ("name argument"), and what Python's introspection cannot see.
OTHER_VERSIONS = {
    "pandas.read_gbq", "pandas.ExcelWriter.save", "pandas.DataFrame.to_gbq", "pandas.value_counts", "pandas.DataFrame.filter items",
    "pandas.DataFrame.append", "pandas.Series.append", "pandas.DataFrame.first", "pandas.DataFrame.last", "pandas.Series.first", "pandas.Series.last",
    "pandas.DataFrame.backfill", "pandas.DataFrame.pad", "pandas.Series.backfill", "pandas.Series.pad", "pandas.DataFrame.applymap",
    "pandas.DataFrame.iteritems", "pandas.Series.iteritems", "pandas.DataFrame.as_matrix", "pandas.Series.as_matrix", "pandas.DataFrame.mad",
    "pandas.Series.mad", "pandas.api.typing.DataFrameGroupBy.fillna", "numpy.asfarray", "imblearn.base.BaseSampler.fit_sample",
    "sklearn.metrics.plot_confusion_matrix", "sklearn.metrics.plot_roc_curve", "sklearn.metrics.plot_precision_recall_curve",
    "sklearn.datasets.load_boston", "sklearn.calibration.CalibratedClassifierCV base_estimator", "sklearn.ensemble.AdaBoostClassifier base_estimator",
    "sklearn.ensemble.AdaBoostRegressor base_estimator", "sklearn.ensemble.BaggingClassifier base_estimator",
    "sklearn.ensemble.BaggingRegressor base_estimator", "streamlit.cache", "streamlit.experimental_memo", "streamlit.experimental_singleton",
    "pathlib.Path.walk", "codecs.open", "warnings.deprecated", "polars.DataFrame.with_column", "polars.DataFrame.with_row_count", "polars.DataFrame.melt",
    "polars.DataFrame.groupby", "polars.LazyFrame.groupby", "polars.dataframe.group_by.GroupBy.count", "polars.Expr.map_alias",
    # exist only on objects, or after an import of their own
    "configparser.SectionProxy.getint", "configparser.SectionProxy.getfloat", "configparser.SectionProxy.getboolean", "csv.writer.writerow",
    "csv.writer.writerows", "sklearn.impute.IterativeImputer", "sklearn.model_selection.HalvingGridSearchCV",
    "sklearn.model_selection.HalvingRandomSearchCV", "sklearn.model_selection.HalvingGridSearchCV.fit", "sklearn.model_selection.HalvingRandomSearchCV.fit",
    "torch.jit.ScriptModule.forward", "flask.request.get_json", "mlflow.tensorflow.log_model", "mlflow.keras.log_model", "mlflow.tensorflow.load_model",
    "mlflow.keras.load_model", "wandb.use_artifact artifact_or_name", "sklearn.base.BaseEstimator.get_feature_names",
}  # fmt: skip

# Type names that stand for a family and have no class of their own.
INVENTED = {
    "torch.nn.Layer",
    "torch.nn.Loss",
    "sklearn.metrics.Display",
    "statsmodels.base.model.Results",
    "boto3.Client",
    "gradio.Component",
}


@functools.cache
def is_installed(package: str) -> bool:
    """Whether a package can be imported; one that is not ours to import (no such distribution, broken build) cannot."""
    if package in sys.stdlib_module_names:
        return True
    try:
        if importlib.util.find_spec(package) is None:
            return False
        importlib.import_module(package)
    except Exception:  # whatever an unknown package raises, it cannot be asked
        return False
    return True


def resolve(dotted: str) -> tuple[object, object | None, str] | None:
    """The object of a dotted name, with its class and name there if it is a member of one."""
    parts = dotted.split(".") if "." in dotted else ["builtins", dotted]
    for count in range(len(parts), 0, -1):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found: object = importlib.import_module(".".join(parts[:count]))
        except Exception:  # a half-installed library raises what it likes
            continue
        owner: object | None = None
        for part in parts[count:]:
            owner = found
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    found = getattr(found, part)
            except Exception:
                return None
        return found, owner if inspect.isclass(owner) else None, parts[-1]
    return None


def parameters_of(found: object, owner: object | None, name: str) -> list[inspect.Parameter] | None:
    """The parameters a caller fills; None where Python cannot tell."""
    if not callable(found):
        return None
    try:
        parameters = list(inspect.signature(found).parameters.values())
    except (ValueError, TypeError):
        return None
    if owner is not None and not inspect.isclass(found):
        static = inspect.getattr_static(owner, name)
        if not isinstance(static, staticmethod | classmethod) and not inspect.ismethod(found):
            parameters = parameters[1:]
    if all(parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) for parameter in parameters) and parameters:
        return None
    return parameters


def arguments_in(value: object) -> Iterator[Argument]:
    if isinstance(value, Argument):
        yield value
    elif isinstance(value, ParseOption):
        yield Argument(value.name, value.position)
    elif isinstance(value, tuple):
        for item in value:
            yield from arguments_in(item)
    elif is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            yield from arguments_in(getattr(value, part.name))


def spoken_arguments(call: CallModel) -> Iterator[Argument]:
    for argument in arguments_in((call.verbs, call.mutates)):
        if argument.name not in ("*", "**", "receiver"):
            yield argument
    for parameter in call.hyperparameters:
        yield Argument(parameter.name.partition(".")[0], parameter.position)  # "params.eta" is a key of the argument params


def complaints(call: CallModel, dotted: str) -> Iterator[str]:
    resolved = resolve(dotted)
    if resolved is None:
        if not call.property and dotted not in OTHER_VERSIONS:  # many attributes only exist on objects
            yield f"{dotted}: there is no such name"
        return
    if call.property and inspect.isroutine(resolved[0]):
        yield f"{dotted}: is a function, not a property"
    parameters = parameters_of(*resolved)
    if parameters is None or isinstance(resolved[0], property):
        return
    names = [parameter.name for parameter in parameters]
    open_keywords = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
    for argument in spoken_arguments(call):
        if f"{dotted} {argument.name}" in OTHER_VERSIONS:
            continue
        if argument.name not in names:
            if not open_keywords or argument.position is not None:
                yield f"{dotted}: has no argument {argument.name!r}, but {names[:8]}"
        elif argument.position is not None and names.index(argument.name) != argument.position:
            yield f"{dotted}: {argument.name!r} is argument {names.index(argument.name)}, not {argument.position}"


def is_member_of_some_heir(dotted: str, library: Library, knowledge: Knowledge) -> bool:
    """Whether a method that its own class lacks is one of a class that inherits its entry (mixins are given what their heirs have)."""
    owner, _, name = dotted.rpartition(".")
    if resolve(dotted) is not None:
        return False
    heirs = [model.name for other in LIBRARIES for model in other.types if owner in knowledge.ancestry(model.name)[1:]]
    return any(resolve(f"{heir}.{name}") is not None for heir in heirs)


def claims(library: Library, knowledge: Knowledge) -> Iterator[tuple[CallModel, str]]:
    """Each entry of an installed library under its own name, and each inherited entry under the classes that inherit it."""
    shipped = {call.call: call for call in library.calls}
    families = {call.call.rpartition(".")[0] for call in library.calls} & INVENTED
    for call in library.calls:
        owner = call.call.rpartition(".")[0]
        if not is_installed(call.call.partition(".")[0]) or call.call.endswith(".*") or owner in families or call.call in INVENTED:
            continue
        if not is_member_of_some_heir(call.call, library, knowledge):
            yield call, call.call
    for model in library.types:
        if not is_installed(model.name.partition(".")[0]):
            continue
        resolved = resolve(model.name)
        if resolved is None or not inspect.isclass(resolved[0]):
            continue
        for ancestor in knowledge.ancestry(model.name)[1:]:
            for name in {call.rpartition(".")[2] for call in shipped if call.rpartition(".")[0] == ancestor}:
                found = knowledge.method(model.name, name)
                if (
                    found is not None
                    and f"{model.name}.{name}" not in shipped
                    and inspect.getattr_static(resolved[0], name, None) is not None
                ):
                    yield found, f"{model.name}.{name}"


@functools.cache
def all_claims(file: str) -> tuple[tuple[CallModel, str], ...]:
    library = next(library for library in LIBRARIES if library.file == file)
    return tuple(claims(library, Knowledge(LIBRARIES)))


@pytest.mark.parametrize("file", [library.file for library in LIBRARIES])
def test_names_and_positions_are_those_of_the_installed_library(file: str) -> None:
    found = all_claims(file)
    if not found:
        pytest.skip("not installed")
    assert [complaint for call, dotted in found for complaint in complaints(call, dotted)] == []


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ("call: shutil.copyy, logs: true", "shutil.copyy: there is no such name"),
        ("call: json.dump, writes: {value: {object: 0}}", "json.dump: has no argument 'object', but ['obj', 'fp'"),
        ("call: json.dump, writes: {value: {obj: 1}}", "json.dump: 'obj' is argument 0, not 1"),
        ("call: pathlib.PurePath.joinpath, converts: same, property: true", "pathlib.PurePath.joinpath: is a function, not a property"),
    ],
)
def test_a_wrong_claim_is_found(entry: str, complaint: str) -> None:
    library = read_library(f"library: wrong\ncalls:\n  - {{{entry}}}\n", "wrong.yaml")
    found = [text for call, dotted in claims(library, Knowledge([library])) for text in complaints(call, dotted)]
    assert len(found) == 1
    assert found[0].startswith(complaint)
