"""Several scans of one tree at once, and one that is killed: nobody loses anything, everybody says the same."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

FILES = 30


def project(root: Path) -> Path:
    for number in range(FILES):
        (root / f"train{number:02}.py").write_text(
            "import argparse\n\n\nparser = argparse.ArgumentParser()\n"
            f'parser.add_argument("--unused-{number}")\nparser.add_argument("--used")\nprint(parser.parse_args().used)\n'
        )
    (root / "mldebt.toml").write_text("")
    return root


def started(root: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "mldebt", "scan", "--jobs", "1"]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_scans_at_once_and_one_killed_agree_with_a_scan_alone(tmp_path: Path) -> None:
    root = project(tmp_path)
    killed = started(root)
    cache = root / ".mldebt_cache" / "store.sqlite"
    patience = time.monotonic() + 60
    while not cache.exists() and time.monotonic() < patience:
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    together = [started(root) for _ in range(3)]
    outcomes = [(*scan.communicate(), scan.returncode) for scan in together]
    alone = started(root)
    expected = (*alone.communicate(), alone.returncode)
    assert expected[0].count("\n") == FILES
    assert expected[2] == 1
    assert outcomes == [expected] * 3
