"""Whose a reader is, and what the settings declare: packages, owners, sources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from mldebt.analysis import ScanRequest, analyze
from mldebt.core import Finding
from mldebt.plugins import load_checks
from mldebt.settings import load_settings

SCORES = "output/scores.parquet"
TRAINS = """\
import joblib
import pandas as pd
from sklearn.linear_model import LogisticRegression

users = pd.read_csv("users.csv", usecols=["age", "left"])
model = LogisticRegression().fit(users[["age"]], users["left"])
joblib.dump(model, "models/churn.joblib")
users["churn"] = model.predict_proba(users[["age"]])[:, 1]
users[["churn"]].to_parquet("output/scores.parquet")
"""
READS = """\
import pandas as pd

print(pd.read_parquet("output/scores.parquet")["churn"].mean())
"""
LOADS = """\
import joblib

print(joblib.load("models/churn.joblib").predict([[1]]))
"""


def consumers(root: Path, files: Mapping[str, str]) -> list[Finding]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    checks = [check for check in load_checks() if check.rule.code == "MLD104"]
    return list(analyze(ScanRequest(root, load_settings(root), jobs=1, cache=False), checks).contents.findings)


def places(root: Path, files: Mapping[str, str], settings: str = "") -> list[str]:
    return [finding.at.path for finding in consumers(root, {**files, "mldebt.toml": settings})]


PACKAGES = {"churn/train.py": TRAINS, "crm/read.py": READS, "weekly.py": READS}


def test_the_advice_is_a_line_that_declares(tmp_path: Path) -> None:
    files: dict[str, str] = {**PACKAGES, "mldebt.toml": '[sources."output/other.parquet"]\nowner = "crm"\n'}
    found = consumers(tmp_path, files)
    assert [finding.at.path for finding in found] == ["crm/read.py", "weekly.py"]
    for finding in found:
        line = re.search(r"mldebt\.toml: (.*)$", finding.advice)
        assert line is not None
        assert places(tmp_path, files, f"{line[1]}\n{files['mldebt.toml']}") == [other.at.path for other in found if other is not finding]


def test_consumers_are_owners_and_top_level_packages(tmp_path: Path) -> None:
    owned = {**PACKAGES, "CODEOWNERS": "churn/ @acme/churn\ncrm/ @acme/crm @acme/sales\n"}
    for name, found in {
        "crm": ["weekly.py"],
        "@acme/sales": ["weekly.py"],
        "acme/crm": ["weekly.py"],
        "weekly.py": ["crm/read.py"],
        "crm/read.py": ["crm/read.py", "weekly.py"],
        "acme": ["crm/read.py", "weekly.py"],
    }.items():
        assert places(tmp_path, owned, f'[sources."{SCORES}"]\nconsumers = ["{name}"]\n') == found, name


def test_a_source_may_be_named_with_a_star(tmp_path: Path) -> None:
    assert places(tmp_path, PACKAGES, '[sources."output/*.parquet"]\nconsumers = ["crm", "weekly.py"]\n') == []
    assert places(tmp_path, PACKAGES, '[sources."output/*.csv"]\nconsumers = ["crm", "weekly.py"]\n') == ["crm/read.py", "weekly.py"]


def test_the_owner_of_a_source_is_the_one_that_the_settings_name(tmp_path: Path) -> None:
    files = {"churn/train.py": TRAINS, "crm/load.py": LOADS, "CODEOWNERS": "churn/ @churn\ncrm/ @crm\n"}
    assert places(tmp_path, files) == ["crm/load.py"]
    assert places(tmp_path, files, '[sources."models/churn.joblib"]\nowner = "crm"\n') == []
    one_owner = {**files, "CODEOWNERS": "* @churn\n"}
    assert places(tmp_path, one_owner) == []
    assert places(tmp_path, one_owner, '[sources."models/churn.joblib"]\nowner = "@platform"\n') == ["crm/load.py"]


def test_who_shares_an_owner_is_no_other_owner(tmp_path: Path) -> None:
    files = {"churn/train.py": TRAINS, "crm/load.py": LOADS, "CODEOWNERS": "churn/ @churn @data\ncrm/ @data\n"}
    assert places(tmp_path, files) == []


def test_root_packages_are_the_top_level(tmp_path: Path) -> None:
    files = {"services/churn/train.py": TRAINS, "services/crm/read.py": READS}
    assert places(tmp_path, files) == []
    assert places(tmp_path, files, 'root-packages = ["churn", "crm"]\n') == ["services/crm/read.py"]
    apart = {"a/acme/train.py": TRAINS, "b/acme/read.py": READS}
    assert places(tmp_path, apart) == ["b/acme/read.py", "services/crm/read.py"]


def test_root_packages_are_found_wherever_they_stand(tmp_path: Path) -> None:
    """`names` stands where no import would look for it; only who knows the path can join writer and reader."""
    names = {"shared/names.py": f'PATH = "{SCORES}"\n', "shared/__init__.py": ""}
    files = {
        **{f"deep/{name}": text for name, text in names.items()},
        "deep/__init__.py": "",
        "churn/train.py": TRAINS,
        "crm/read.py": "import pandas as pd\nfrom shared.names import PATH\n\nprint(pd.read_parquet(PATH)['churn'].mean())\n",
    }
    assert places(tmp_path, files) == []
    assert places(tmp_path, files, 'root-packages = ["shared"]\n') == ["crm/read.py"]
