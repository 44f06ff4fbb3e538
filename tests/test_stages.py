"""Stages and command lines of each kind of file that starts code."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from textwrap import dedent

import pytest

from mldebt.configs.read import parse_config
from mldebt.configs.types import ConfigTree
from mldebt.declarations.dockerfile import base_images
from mldebt.declarations.dvc import dvc_tracked
from mldebt.declarations.key_readers import shell_key_readers
from mldebt.declarations.programs import Programs
from mldebt.declarations.shell_words import simple_commands
from mldebt.declarations.stages import find_stages
from mldebt.declarations.types import HOLE, Command, Declared, Stage
from mldebt.workspace.kinds import kind_of

FILES = frozenset(
    {
        "train.py",
        "src/prepare.py",
        "src/evaluate.py",
        "src/pkg/__init__.py",
        "src/pkg/fit.py",
        "src/pkg/__main__.py",
        "tools/build.py",
        "a/same.py",
        "b/same.py",
        "serving/app.py",
        "notebooks/report.ipynb",
        "scripts/run_local.py",
    }
)
SCRIPTS = {"pkg-train": "src/pkg/fit.py", "gone": "not/there.py"}


def found(files: dict[str, str], **values: dict[str, str]) -> tuple[tuple[Stage, ...], tuple[Command, ...]]:
    texts = {path: dedent(text) for path, text in files.items()}
    trees: dict[str, ConfigTree] = {
        path: parse_config(path, kind_of(path), text.encode())
        for path, text in texts.items()
        if kind_of(path) in {"dvc", "workflow", "yaml"} and "Jenkins" not in path
    }
    return find_stages({path: text for path, text in texts.items() if kind_of(path) != "yaml"}, trees, FILES, SCRIPTS)


def commands(files: dict[str, str]) -> list[tuple[int, str, tuple[str, ...]]]:
    return [(c.line, c.module, c.arguments) for c in found(files)[1]]


def ran(line: str) -> list[str]:
    """What a line of a shell script at the root runs, in one text, holes as ◇."""
    return [" ".join([module, *arguments]).replace(HOLE, "◇") for _, module, arguments in commands({"run.sh": line})]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("python train.py --lr 0.1", ["train.py --lr 0.1"]),
        ("python3.11 -u -W ignore ./train.py", ["train.py"]),
        ("CUDA_VISIBLE_DEVICES=0 A='b c' python train.py", ["train.py"]),
        ("env A=b python train.py", ["train.py"]),
        ("python -m pkg.fit --a", ["src/pkg/fit.py --a"]),
        ("python -m pkg x.yaml", ["src/pkg/__main__.py x.yaml"]),
        ("python -mpkg.fit", ["src/pkg/fit.py"]),
        ("python src/prepare.py && python src/evaluate.py; python train.py || exit 1", ["src/prepare.py", "src/evaluate.py", "train.py"]),
        ("python train.py --x 1 2>&1 | tee out.log", ["train.py --x 1"]),
        ("python train.py < in.txt >> out.txt 2>/dev/null &", ["train.py"]),
        ("python train.py &> all.log --after", ["train.py --after"]),
        ("python train.py # the usual", ["train.py"]),
        ("python train.py --name a#b", ["train.py --name a#b"]),
        ("uv run python train.py", ["train.py"]),
        ("uv run --with x train.py --lr 1", ["train.py --lr 1"]),
        ("poetry run pkg-train conf.yaml", ["src/pkg/fit.py conf.yaml"]),
        ("pipenv run python -m pkg.fit", ["src/pkg/fit.py"]),
        ("conda run -n env python train.py", ["train.py"]),
        ("xvfb-run -a python train.py", ["train.py"]),
        ("nohup timeout 10 nice -n 5 python train.py &", ["train.py"]),
        ("accelerate launch --num_processes 2 train.py --lr 1", ["train.py --lr 1"]),
        ("accelerate launch -m pkg.fit --lr 1", ["src/pkg/fit.py --lr 1"]),
        ("torchrun --nproc_per_node=4 train.py --lr 1", ["train.py --lr 1"]),
        ("python -m torch.distributed.run --nproc_per_node 4 train.py --a", ["train.py --a"]),
        ("python -m torch.distributed.launch --use_env train.py", ["train.py"]),
        ("deepspeed --num_gpus=2 train.py --deepspeed ds.json", ["train.py --deepspeed ds.json"]),
        ("horovodrun -np 4 -H localhost:4 python train.py", ["train.py"]),
        ("mpirun -np 4 python train.py", ["train.py"]),
        ("srun --gres=gpu:1 python -u train.py", ["train.py"]),
        ("coverage run -m pkg.fit", ["src/pkg/fit.py"]),
        ("python -m cProfile -o out.prof train.py --x", ["train.py --x"]),
        ("streamlit run serving/app.py -- --model m.pkl", ["serving/app.py --model m.pkl"]),
        ("uvicorn serving.app:app --port 80", ["serving/app.py --port 80"]),
        ("python -m uvicorn serving.app:app", ["serving/app.py"]),
        ("papermill notebooks/report.ipynb out.ipynb -p lr 1", ["notebooks/report.ipynb out.ipynb -p lr 1"]),
        ("jupyter nbconvert --to notebook --execute notebooks/report.ipynb", ["notebooks/report.ipynb"]),
        ("./scripts/run_local.py --fast", ["scripts/run_local.py --fast"]),
        ("pkg-train a b", ["src/pkg/fit.py a b"]),
        ('bash -lc "python train.py --lr 1"', ["train.py --lr 1"]),
        ("docker run -v $PWD:/x image python /x/train.py --a", ["train.py --a"]),
        ('docker run image bash -c "cd src && python prepare.py"', ["src/prepare.py"]),
        ("$PYTHON train.py", ["train.py"]),
        ("python $ROOT/src/prepare.py", ["src/prepare.py"]),
        ("python /home/me/project/src/prepare.py", ["src/prepare.py"]),
        ('python train.py "$@"', ["train.py ◇"]),
        ("python train.py --out runs/$NAME/x-${ID:-0}.csv", ["train.py --out runs/◇/x-◇.csv"]),
        ("python train.py --day $(date +%F) `hostname`", ["train.py --day ◇ ◇"]),
        ("ID=$(python src/prepare.py --print) && python train.py $ID", ["src/prepare.py --print", "train.py ◇"]),
        ("python train.py ${{ matrix.lr }} {{ ds }}", ["train.py ◇ ◇"]),
        ("python train.py --grid '{\"lr\": [1, 2]}'", ['train.py --grid {"lr": [1, 2]}']),
        ("python train.py --name '' a\\ b \"c \\\"d\\\"\"", ['train.py --name  a b c "d"']),
        ("if [ -f x ]; then python train.py; else python src/prepare.py; fi", ["src/prepare.py", "train.py"]),
        ("for s in 1 2; do python train.py --seed $s; done", ["train.py --seed ◇"]),
        ("(cd src && python prepare.py); python train.py", ["src/prepare.py", "train.py"]),
        ("cat <(python train.py)", ["train.py"]),
    ],
)  # fmt: skip
def test_a_shell_line_runs(line: str, expected: list[str]) -> None:
    assert sorted(ran(line)) == sorted(expected)


@pytest.mark.parametrize(
    "line",
    [
        "echo python train.py",
        "python -c 'import train'",
        "python - < train.py",
        "pip install -e .",
        "python -m pip install x",
        "python -m build",  # tools/build.py is no module on any path
        "python same.py",  # two files end so
        "python nowhere.py",
        "python train_$NAME.py",
        "uv sync",
        "uv pip install train.py",
        "dvc repro",
        "dvc run -d train.py -o x cat train.py",
        "gone --now",
        "jupyter nbconvert --to html notebooks/report.ipynb",
        "black train.py",
        "docker build -t train.py .",
        "# python train.py",
        "echo 'a\npython train.py'",
        "cat <<EOF > x\npython train.py\nEOF",
        "alias x='python train.py'",
        "python",
        "'",
        "$((",
        "`",
        "${",
        "\\",
        "<<",
    ],
)
def test_a_shell_line_runs_nothing_of_ours(line: str) -> None:
    assert ran(line) == []


def test_words_agree_with_the_shell() -> None:
    """The real shell prints the words it makes of quotes; ours must be the same."""
    shell = shutil.which("bash")
    if shell is None:
        pytest.skip("no bash")
    lines = [
        "a 'b c' \"d e\" f\\ g",
        "'it'\\''s'",
        '"a\\"b" "\\n" \'\\n\' \\n',
        "a\"b\"'c'd ''",
        '"x\\\\y" "\\$z" x=1',
        "a\\\nb c",
        "\"a\nb\" $'q'",
        "1 2>&1 3>/dev/null",
        "#a b",
        "a#b",
    ]
    for line in lines:
        said = subprocess.run([shell, "-c", f"printf '%s\\0' w {line}"], capture_output=True, check=True).stdout.decode().split("\0")[:-1]
        assert [command.words for command in simple_commands(f"w {line}")] == [tuple(said)], line


def test_variables_that_a_script_sets_once_and_for_all_are_known() -> None:
    script = """\
        export OUT=runs/a
        ARGS="--lr 0.1 --fast"
        N=1
        if [ "$CI" ]; then N=2; fi
        for seed in 1 2; do last=$seed; done
        python train.py $ARGS --out "$OUT/m.pkl" --n $N --seed $last --home $HOME
        OUT=runs/b
        python src/evaluate.py ${OUT}/m.pkl '$OUT'
    """
    assert commands({"run.sh": script}) == [
        (6, "train.py", ("--lr", "0.1", "--fast", "--out", "runs/a/m.pkl", "--n", HOLE, "--seed", HOLE, "--home", HOLE)),
        (8, "src/evaluate.py", ("runs/b/m.pkl", "$OUT")),
    ]


def test_continued_lines_heredocs_and_folders_keep_their_place() -> None:
    script = """\
        #!/bin/bash
        cat > x.yaml <<-'END'
        python train.py
        \tEND
        python train.py \\
            --lr 1 \\
            --name "two
        lines"
        cd src
        python prepare.py
        cd ..
        python src/evaluate.py
    """
    stages, runs = found({"run.sh": script})
    assert stages == ()
    assert [(c.line, c.module, c.arguments, c.working_directory) for c in runs] == [
        (5, "train.py", ("--lr", "1", "--name", "two\nlines"), ""),
        (10, "src/prepare.py", (), "src"),
        (12, "src/evaluate.py", (), ""),
    ]


def test_a_script_in_a_folder_is_seen_from_there_first() -> None:
    _, runs = found({"a/run.sh": 'cd "$(dirname "$0")"\npython same.py\npython train.py\n'})
    assert [(c.module, c.working_directory) for c in runs] == [("a/same.py", "a"), ("train.py", "")]


def test_a_folder_left_out_of_the_root_never_points_into_it() -> None:
    assert Programs(FILES).script("../../../etc/train.py", ("src",)) is None


def test_dvc_stages() -> None:
    stages, runs = found(
        {
            "dvc.yaml": """\
                vars:
                  - conf.yaml:folder
                  - suffix: csv
                stages:
                  prepare:
                    cmd:
                      - python src/prepare.py ${folder}/in.${suffix}
                      - python src/evaluate.py ${missing.key} \\${kept}
                    deps: [src/prepare.py, "${folder}/in.${suffix}"]
                    params: [prepare.seed, {conf.yaml: [a.b, c]}, {other.json: null}]
                    outs:
                      - data/out.csv
                      - logs: {cache: false}
                    metrics: [m.json: {cache: false}]
                    plots: [p.csv]
                  fit:
                    wdir: src
                    cmd: |
                      mkdir -p x
                      python -m pkg.fit \\
                        ${prepare}
                    deps: [../data/out.csv, "s3://bucket/x"]
                    params: [lr]
                    outs: [../model.pkl]
                """,
            "params.yaml": "prepare: {seed: 1, fast: true, off: false, names: [a, 'b c'], deep: {x: 0.5}}\n",
            "conf.yaml": "folder: raw\nsuffix: not chosen\n",
        }
    )
    assert tuple(replace(stage, templated=(), entries=()) for stage in stages) == (
        Stage(
            "prepare",
            "dvc",
            "dvc.yaml",
            5,
            ("python src/prepare.py raw/in.csv", f"python src/evaluate.py {HOLE} ${{kept}}"),
            ("src/prepare.py", "raw/in.csv"),
            ("data/out.csv", "logs", "m.json", "p.csv"),
            ("params.yaml:prepare.seed", "conf.yaml:a.b", "conf.yaml:c", "other.json:"),
            shown=("m.json", "p.csv"),
        ),
        Stage(
            "fit",
            "dvc",
            "dvc.yaml",
            16,
            ("mkdir -p x\npython -m pkg.fit \\\n  --seed 1 --fast --names a 'b c' --deep.x 0.5",),
            ("data/out.csv", "s3://bucket/x"),
            ("model.pkl",),
            ("src/params.yaml:lr",),
            "src",
        ),
    )
    assert runs == (
        Command("src/prepare.py", ("raw/in.csv",), "dvc.yaml", 7, "stage", "prepare"),
        Command("src/evaluate.py", (HOLE, HOLE), "dvc.yaml", 8, "stage", "prepare"),
        Command(
            "src/pkg/fit.py", ("--seed", "1", "--fast", "--names", "a", "b c", "--deep.x", "0.5"), "dvc.yaml", 20, "stage", "fit", "src"
        ),
    )


def test_dvc_loops_are_unrolled() -> None:
    stages, runs = found(
        {
            "sub/dvc.yaml": """\
                stages:
                  clean:
                    foreach: [us, uk]
                    do:
                      cmd: python ../train.py ${item}
                      outs: ["out/${item}.csv"]
                  fit:
                    foreach: ${models}
                    do:
                      cmd: python ../train.py --model ${key} --lr ${item.lr}
                      outs: ["${key}.pkl"]
                  grid:
                    matrix:
                      size: [1, 2]
                      kind: [{name: a}]
                    cmd: python ../train.py ${item.size} ${item.kind.name}
                  rows:
                    foreach: [{p: x.csv}]
                    do:
                      cmd: python ../train.py ${item.p}
            """,
            "sub/params.yaml": "models:\n  cnn: {lr: 0.1}\n  mlp: {lr: 1}\n",
        }
    )
    assert [(s.name, s.line, s.outputs) for s in stages] == [
        ("clean@uk", 2, ("sub/out/uk.csv",)),
        ("clean@us", 2, ("sub/out/us.csv",)),
        ("fit@cnn", 7, ("sub/cnn.pkl",)),
        ("fit@mlp", 7, ("sub/mlp.pkl",)),
        ("grid@1-kind0", 12, ()),
        ("grid@2-kind0", 12, ()),
        ("rows@0", 17, ()),
    ]
    assert [(c.stage, c.line, c.module, c.arguments) for c in runs] == [
        ("clean@uk", 5, "train.py", ("uk",)),
        ("clean@us", 5, "train.py", ("us",)),
        ("fit@cnn", 10, "train.py", ("--model", "cnn", "--lr", "0.1")),
        ("fit@mlp", 10, "train.py", ("--model", "mlp", "--lr", "1")),
        ("grid@1-kind0", 16, "train.py", ("1", "a")),
        ("grid@2-kind0", 16, "train.py", ("2", "a")),
        ("rows@0", 20, "train.py", ("x.csv",)),
    ]


def test_malformed_stage_files_give_nothing() -> None:
    for text in (
        "",
        "stages: 3\n",
        "stages: {a: }\n",
        "stages: {a: {cmd: {x: 1}, deps: 4, outs: {a: b}}}\n",
        "[1, 2]\n",
        "vars: x\nstages: [a]\n",
    ):
        assert commands({"dvc.yaml": text}) == []


def test_pointer_files_of_dvc_declare_data() -> None:
    trees = {path: parse_config(path, "dvc", b"outs:\n- md5: a\n  path: raw.csv\n") for path in ("data/raw.csv.dvc", "dvc.lock")}
    assert dvc_tracked(trees) == {"data/raw.csv"}


def test_makefiles() -> None:
    stages, runs = found(
        {
            "Makefile": """\
                PY ?= python
                OUT := data
                FLAGS = --lr $(LR) $(shell date)
                LR = 0.1
                TWICE = a
                ifdef CI
                TWICE = b
                endif
                .PHONY: all clean
                all: $(OUT)/model.pkl clean

                $(OUT)/model.pkl: train.py $(OUT)/in.csv | dirs  # why
                \t@echo "training"
                \t$(PY) $< --out $@ \\
                \t\t$(FLAGS) $(TWICE) $$HOME
                \t-cd src && $(PY) prepare.py; true

                clean: ; python src/evaluate.py
                report:
                \tpython src/evaluate.py
                folder:
                \tpython src/prepare.py --out folder
                one two: %.csv
                \tpython train.py $@
                define X
                all:
                \tpython train.py
                endef
            """.replace("\\\n                \t\t", "\\\n                \t\t"),
        }
    )
    assert [(s.name, s.line, s.depends, s.outputs) for s in stages] == [
        ("all", 10, ("data/model.pkl",), ()),
        ("data/model.pkl", 12, ("train.py", "data/in.csv", "dirs"), ("data/model.pkl",)),
        ("clean", 18, (), ()),
        ("report", 19, (), ()),
        ("folder", 21, (), ("folder",)),
        ("one", 23, (f"{HOLE}.csv",), ("one", "two")),
    ]
    assert stages[1].commands == (
        'echo "training"',
        f"python train.py --out data/model.pkl --lr 0.1 {HOLE} {HOLE} $HOME",
        "cd src && python prepare.py; true",
    )
    assert [(c.stage, c.line, c.module, c.arguments) for c in runs] == [
        ("data/model.pkl", 14, "train.py", ("--out", "data/model.pkl", "--lr", "0.1", HOLE, HOLE, HOLE)),
        ("data/model.pkl", 16, "src/prepare.py", ()),
        ("clean", 18, "src/evaluate.py", ()),
        ("report", 20, "src/evaluate.py", ()),
        ("folder", 22, "src/prepare.py", ("--out", "folder")),
        ("one", 24, "train.py", (HOLE,)),
    ]


def test_makefile_variables_that_name_themselves_or_grow_end() -> None:
    grow = "".join(f"V{n} = $(V{n + 1})$(V{n + 1})$(V{n + 1})\n" for n in range(90))
    assert commands({"Makefile": f"A = $(A)x\n{grow}V90 = long\nall:\n\tpython train.py $(A) $(V0)\n"}) == [
        (94, "train.py", (f"{HOLE}x", HOLE))
    ]


def test_github_workflows() -> None:
    _, runs = found(
        {
            ".github/workflows/ci.yml": """\
                on: push
                jobs:
                  fit:
                    defaults:
                      run:
                        working-directory: src
                    steps:
                      - run: python prepare.py --key ${{ secrets.KEY }}
                      - name: two
                        working-directory: pkg
                        run: |
                          # first
                          python fit.py \\
                            --lr 1

                          python fit.py
                      - shell: python
                        run: python train.py
                      - run: >-
                          python evaluate.py
                          --folded
                  other:
                    steps:
                      - {run: "python train.py"}
            """
        }
    )
    assert [(c.line, c.stage, c.module, c.arguments, c.working_directory, c.source) for c in runs] == [
        (8, "fit", "src/prepare.py", ("--key", HOLE), "src", "ci"),
        (13, "fit", "src/pkg/fit.py", ("--lr", "1"), "src/pkg", "ci"),
        (16, "fit", "src/pkg/fit.py", (), "src/pkg", "ci"),
        (20, "fit", "src/evaluate.py", ("--folded",), "src", "ci"),
        (24, "other", "train.py", (), "", "ci"),
    ]


def test_gitlab_shares_one_shell_and_circle_nests_its_command() -> None:
    _, runs = found(
        {
            ".gitlab-ci.yml": """\
                fit:
                  before_script:
                    - cd src
                  script:
                    - python prepare.py
                    - |
                      python evaluate.py
                      cd ..
                    - python train.py
            """,
            ".circleci/config.yml": """\
                jobs:
                  fit:
                    steps:
                      - checkout
                      - run: python train.py --a
                      - run:
                          name: b
                          working_directory: ~/project
                          command: |
                            python train.py --b
            """,
        }
    )
    assert [(c.path[:8], c.line, c.stage, c.module, c.arguments) for c in runs] == [
        (".circlec", 5, "fit", "train.py", ("--a",)),
        (".circlec", 10, "fit", "train.py", ("--b",)),
        (".gitlab-", 5, "fit", "src/prepare.py", ()),
        (".gitlab-", 7, "fit", "src/evaluate.py", ()),
        (".gitlab-", 9, "fit", "train.py", ()),
    ]


def test_jenkins_steps() -> None:
    pipeline = "pipeline {\n  stages {\n    sh 'python train.py --a'\n    sh '''\n      python train.py --b\n    '''\n    sh(script: \"python train.py ${X}\")\n"
    assert commands({"Jenkinsfile": pipeline}) == [(3, "train.py", ("--a",)), (5, "train.py", ("--b",)), (7, "train.py", (HOLE,))]


def test_dockerfiles() -> None:
    _, runs = found(
        {
            "docker/Dockerfile": """\
                FROM a AS build
                RUN --mount=type=cache,target=/x \\
                    # a word
                    pip install . && \\
                    python src/prepare.py
                CMD ["python", "train.py", "--never"]
                FROM b
                COPY --chown=a:a . /app
                WORKDIR /app/src
                RUN <<EOF
                python evaluate.py
                EOF
                ENTRYPOINT ["python", "-m", "pkg.fit"]
                CMD ["--lr", "1"]
            """,
            "Dockerfile": """\
                FROM c
                WORKDIR /opt
                CMD python train.py --lr $LR
            """,
            "compose.yaml": """\
                services:
                  web: {image: x, command: ["python", "serving/app.py", "--name", "a b"]}
                  job:
                    working_dir: /app/src
                    entrypoint: python prepare.py
            """,
        }
    )
    assert [(c.path, c.line, c.module, c.arguments, c.working_directory) for c in runs if c.source == "docker"] == [
        ("Dockerfile", 3, "train.py", ("--lr", HOLE), ""),
        ("compose.yaml", 2, "serving/app.py", ("--name", "a b"), ""),
        ("compose.yaml", 5, "src/prepare.py", (), "src"),
        ("docker/Dockerfile", 5, "src/prepare.py", (), ""),
        ("docker/Dockerfile", 6, "train.py", ("--never",), ""),
        ("docker/Dockerfile", 11, "src/evaluate.py", (), "src"),
        ("docker/Dockerfile", 13, "src/pkg/fit.py", ("--lr", "1"), "src"),
    ]


def test_documentation_shows_commands() -> None:
    readme = """\
        Run `python train.py --inline`.

        ```bash
        # first
        python train.py --data <path/to data> [--fast] \\
            --lr 1
        ```
        ```python
        python train.py --no
        ```
        1. then

           ```console
           (venv) $ python src/prepare.py
           python train.py --output-of-it
           ```
        ~~~
        don't
        python src/evaluate.py ...
        ~~~
    """
    rst = """\
        Text::

            python train.py --a

        .. code-block:: bash
           :caption: x

           $ python train.py --b

        .. code-block:: python

           python train.py --no
    """
    _, runs = found({"README.md": readme, "docs/use.rst": rst, "a/README.md": "```\npython same.py\n```\n"})
    assert [(c.path, c.line, c.module, c.arguments) for c in runs] == [
        ("README.md", 5, "train.py", ("--data", HOLE, HOLE, "--lr", "1")),
        ("README.md", 14, "src/prepare.py", ()),
        ("README.md", 19, "src/evaluate.py", (HOLE,)),
        ("a/README.md", 2, "a/same.py", ()),
        ("docs/use.rst", 3, "train.py", ("--a",)),
        ("docs/use.rst", 8, "train.py", ("--b",)),
    ]
    assert {c.source for c in runs} == {"docs"}


def test_mlflow_projects() -> None:
    assert commands({"MLproject": 'entry_points:\n  main:\n    parameters: {lr: float}\n    command: "python train.py --lr {lr}"\n'}) == [
        (4, "train.py", ("--lr", HOLE))
    ]


def test_keys_that_other_tools_read() -> None:
    texts = {
        "run.sh": "LR=$(yq '.train.lr' params.yaml)\njq -r \".a.b[0].c\" x.json | python train.py\ncat x | jq '.one, .two'\necho .not.this ${HOME}\n",
        "Makefile": "all:\n\tpython train.py $(shell yq -r .make.key params.yaml)\n",
        "dvc.yaml": "stages: {a: {cmd: 'x ${prepare} ${data.path}'}}",
    }
    assert shell_key_readers(texts) == {"train.lr", "a.b.c", "one", "two", "make.key", "prepare", "data.path"}


@pytest.mark.parametrize(
    "text",
    ["$(" * 5000, "`" * 5001, '"${' * 5000, "{{" * 20000, "(" * 20000, "a " * 50000 + ":", "<" * 20000, "[-a" * 20000, "a@" * 20000, "\\" * 20001, "bash -c " * 5000, "env " * 5000],
    ids=lambda text: text[:6],
)  # fmt: skip
def test_hostile_text_ends(text: str) -> None:
    fence = f"```bash\n{text}\n```\n```\n{text}\n"
    files = {
        "a.sh": text,
        "Makefile": f"{text}\nall:\n\t{text}\n",
        "Dockerfile": f"RUN {text}",
        "README.md": fence,
        "a.rst": f"::\n\n  {text}",
        "Jenkinsfile": f"sh '{text}",
    }
    assert find_stages(files, {}, FILES)[1] == ()
    assert shell_key_readers({"a.sh": f"yq {text}"}) == frozenset()


def test_the_order_of_files_does_not_matter() -> None:
    files = {"b.sh": "python train.py b\npython train.py a", "a.sh": "python train.py", "README.md": "```\npython train.py\n```"}
    assert found(files) == found(dict(reversed(files.items())))
    assert [(c.path, c.arguments) for c in found(files)[1]] == [("README.md", ()), ("a.sh", ()), ("b.sh", ("b",)), ("b.sh", ("a",))]


def test_dvc_says_where_and_when() -> None:
    stages, _ = found(
        {
            "dvc.yaml": """\
                stages:
                  fit:
                    frozen: true
                    cmd: python train.py --lr ${fit.lr}
                    deps:
                      - train.py
                      # only to run after the export
                      - done.flag
                    params: [fit.lr]
                  nightly:
                    always_changed: true
                    cmd: python train.py
                """,
            "params.yaml": "fit: {lr: 0.1}\n",
        }
    )
    assert [(stage.runs, stage.templated) for stage in stages] == [("never", ("fit.lr",)), ("always", ())]
    assert stages[0].entries == (Declared("train.py", 6, 9), Declared("done.flag", 8, 9, True), Declared("params.yaml:fit.lr", 9, 14))


def test_a_target_with_a_phony_prerequisite_always_runs() -> None:
    stages, _ = found({"Makefile": ".PHONY: data\n\nmodel.pkl: data\n\tpython train.py\n\nx.csv: y.csv\n\tpython train.py\n"})
    assert [(stage.name, stage.runs) for stage in stages] == [("model.pkl", "always"), ("x.csv", "when changed")]


def test_base_images() -> None:
    text = "ARG TAG=3.11\nFROM python:${TAG} AS base\nRUN true\nFROM base\nFROM --platform=linux/amd64 org/x:$UNKNOWN\nFROM scratch\nFROM a/b@sha256:00\n"
    assert [(image.name, image.line) for image in base_images("Dockerfile", text)] == [
        ("python:3.11", 2),
        (f"org/x:{HOLE}", 5),
        ("a/b@sha256:00", 7),
    ]
