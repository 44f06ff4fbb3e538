"""Options: which are used, through whatever carries them."""

from __future__ import annotations

import pytest
from flow_snippets import names, run, script, unused

from mldebt.declarations.types import Command

HEAD = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--used", type=int, default=1)
parser.add_argument("--spare", type=int, default=2)
"""


def after(text: str) -> set[str]:
    return unused(script(HEAD + text))


@pytest.mark.parametrize(
    "text",
    [
        "args = parser.parse_args()\nx = args.used + 1",
        "args = parser.parse_args()\nif args.used:\n    pass",
        "args = parser.parse_args()\nx = getattr(args, 'used') * 2",
        "args = parser.parse_args()\nx = vars(args)['used'] * 2",
        "def f(used, spare):\n    return used * 2\nf(**vars(parser.parse_args()))",
        "class C:\n    def __init__(self, args):\n        self.args = args\n    def go(self):\n        return range(self.args.used)\nC(parser.parse_args()).go()",
        "def f(n):\n    return n + 1\ndef g(n):\n    return f(n)\ng(parser.parse_args().used)",
        "from functools import partial\ndef f(a, b):\n    return a * 2\npartial(f, parser.parse_args().used)(3)",
        "args = parser.parse_args()\nprint(f'{args.used:d}')\nx = f'{args.used}'",
    ],
)
def test_one_option_is_used_and_the_other_is_not(text: str) -> None:
    assert after(text) == {"spare"}


def test_nothing_is_used_when_nobody_reads() -> None:
    assert after("args = parser.parse_args()") == {"used", "spare"}


def test_moving_is_no_use() -> None:
    assert after("args = parser.parse_args()\na = args.used\nb = [a]\nc = {'x': b[0]}") == {"used", "spare"}


def test_overwritten_before_the_read() -> None:
    assert after("args = parser.parse_args()\nargs.used = 5\nx = args.used + 1") == {"used", "spare"}


def test_computed_getattr_uses_all() -> None:
    assert after("import sys\nargs = parser.parse_args()\nfor name in sys.argv:\n    getattr(args, name)") == set()


def test_unknown_callee_uses_all() -> None:
    assert after("import somewhere\nsomewhere.train(parser.parse_args())") == set()


def test_destinations() -> None:
    done = script("""
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("-l", "--learning-rate")
        parser.add_argument("in-file")
        parser.add_argument("--x", dest="other_name")
        parser.add_argument("-q")
        parser.parse_args()
    """)
    assert names(done) == {"learning_rate", "in-file", "other_name", "q"}


def test_parents_and_groups() -> None:
    done = script("""
        import argparse
        base = argparse.ArgumentParser(add_help=False)
        base.add_argument("--shared")
        base.add_argument("--lost")
        parser = argparse.ArgumentParser(parents=[base])
        group = parser.add_argument_group("g")
        group.add_argument("--inside")
        args = parser.parse_args()
        if args.shared and args.inside:
            pass
    """)
    assert names(done) == {"shared", "lost", "inside"}
    assert unused(done) == {"lost"}


def test_subparsers_with_functions() -> None:
    done = script("""
        import argparse

        def train(args):
            return args.epochs * 2

        def main():
            parser = argparse.ArgumentParser()
            sub = parser.add_subparsers()
            one = sub.add_parser("train")
            one.add_argument("--epochs", type=int)
            one.add_argument("--seed", type=int)
            one.set_defaults(func=train)
            args = parser.parse_args()
            args.func(args)

        if __name__ == "__main__":
            main()
    """)
    assert unused(done) == {"seed"}


def test_parser_from_a_function_in_another_module() -> None:
    done = run(
        {
            "options.py": "def add(parser):\n    parser.add_argument('--a')\n    parser.add_argument('--b')\n    return parser\n",
            "main.py": "import argparse\nfrom options import add\nargs = add(argparse.ArgumentParser()).parse_args()\nx = args.a + '!'\n",
        }
    )
    assert unused(done) == {"b"}


def test_click_command() -> None:
    done = script("""
        import click

        @click.command()
        @click.option("--num-rows", type=int)
        @click.option("--never")
        def main(num_rows, never):
            return range(num_rows)

        if __name__ == "__main__":
            main()
    """)
    assert names(done) == {"num_rows", "never"}
    assert unused(done) == {"never"}


def test_command_lines_are_roots_of_their_own() -> None:
    text = HEAD + "\ndef go(args):\n    return open(args.used)\n\nif __name__ == '__main__':\n    go(parser.parse_args())\n"
    commands = tuple(Command("main.py", ("--used", name), "Makefile", 1, "make") for name in ("one.txt", "two.txt"))
    done = run({"main.py": text}, commands)
    assert sorted(root.command for root in done.world.roots if root.kind == "main") == ["--used one.txt", "--used two.txt"]
