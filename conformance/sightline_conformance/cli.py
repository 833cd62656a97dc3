"""`sightline-conformance`, which `sightline conformance` runs too.

Exit codes: 0 every check passed or did not apply, 1 one failed, 2 wrong use, 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from sightline_conformance import run as suite
from sightline_conformance.kit import Kit, Outcome

_PROG = "sightline-conformance"
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2


class WrongUse(Exception):
    """A flag's value cannot be used: what is wrong, then what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message} {hint}")
        self.message, self.hint = message, hint


def parser(prog: str = _PROG) -> argparse.ArgumentParser:
    """Make the parser of the command that is called `prog`."""
    made = argparse.ArgumentParser(
        prog=prog,
        description="Check a server that speaks OpenAI's vision API. Pictures are drawn on the "
        "spot with codes and colours that no one can guess, so that an answer proves that they "
        "were seen. Exit code 1 where a check fails.",
        epilog=f"Example: {prog} --base-url http://127.0.0.1:8000/v1 --group errors",
    )
    made.add_argument("--base-url", required=True, metavar="URL", help="the server, with its /v1")
    made.add_argument("--api-key", metavar="KEY", help="its key (also SIGHTLINE_API_KEY)")
    made.add_argument(
        "--header",
        action="append",
        default=[],
        metavar="NAME:VALUE",
        help="sent with every request",
    )
    made.add_argument("--model", default="gpt-4o", help="the model to ask for (default: gpt-4o)")
    made.add_argument(
        "--group", action="append", default=[], metavar="NAME", help="only checks of this group"
    )
    made.add_argument(
        "--timeout",
        type=float,
        default=60.0,
        metavar="S",
        help="seconds for each request (default: 60)",
    )
    made.add_argument(
        "--any-answer",
        action="store_true",
        help="do not judge what the model says: it knows nothing, as a stub or random weights do",
    )
    made.add_argument("--seed", type=int, help="draw the same pictures again")
    made.add_argument("--report", type=Path, metavar="FILE.html", help="write a page as well")
    made.add_argument("--json", action="store_true", help="print JSON")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code. Wrong use is one line on standard error."""
    try:
        return run(sys.argv[1:] if arguments is None else arguments)
    except WrongUse as error:
        sys.stderr.write(f"{_PROG}: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output went away; keep Python from saying so at exit.
        sys.stderr.close()
        return 1


def run(arguments: Sequence[str], prog: str = _PROG) -> int:
    """Make the checks; return the exit code. Raises `WrongUse`."""
    options = parser(prog).parse_args(arguments)
    unknown = [name for name in options.group if name not in suite.all_groups()]
    if unknown:
        raise WrongUse(
            f"There is no group {unknown[0]!r}.", hint=f"Groups: {', '.join(suite.all_groups())}."
        )
    if options.report is not None and not options.report.parent.is_dir():
        raise WrongUse(f"There is no folder for {options.report.name}.", hint="Make it first.")
    seed = random.SystemRandom().randrange(1 << 32) if options.seed is None else options.seed
    headers = dict(_header(each) for each in options.header)
    try:
        kit = Kit(
            options.base_url, _key(options.api_key, options.base_url), options.model,
            options.timeout, seed, headers=headers, judged=not options.any_answer,
        )  # fmt: skip
    except ValueError:
        raise WrongUse(
            "The base URL is not one of http or https.", hint="Example: http://127.0.0.1:8000/v1"
        ) from None
    tell = _silent if options.json else _teller()
    outcomes = suite.run(kit, suite.chosen(options.group), tell)
    if options.report is not None:
        page = suite.as_page(options.base_url, options.model, outcomes)
        options.report.write_text(page, encoding="utf-8")
    counts = suite.summary(outcomes)
    if options.json:
        print(suite.as_json(options.base_url, options.model, outcomes))
    else:
        told = ", ".join(f"{count} {status}" for status, count in counts.items())
        took = sum(each.seconds for each in outcomes)
        print(f"\n{told}; {took:.0f} s, seed {seed}")
    return 1 if counts["fail"] else 0


def _silent(found: Outcome) -> None:
    """Say nothing: JSON comes at the end, whole."""


def _teller() -> Callable[[Outcome], None]:
    """Make what prints each outcome as it is found, under the name of its group."""
    group = ""

    def tell(found: Outcome) -> None:
        nonlocal group
        if found.check.group != group:
            group = found.check.group
            print(f"\n{group}")
        print(f"  {found.status:<15}{found.check.name}", flush=True)
        if found.status == "fail":
            print(f"      expected: {found.expected}\n      came back: {found.got}")
            print(f"      source: {found.check.source}")
        elif found.got:
            print(f"      {found.got}")

    return tell


def _key(flag: str | None, base_url: str) -> str:
    """Give the key to send: the flag's, SIGHTLINE_API_KEY, or a placeholder.

    OPENAI_API_KEY is sent to api.openai.com alone, never to another server.
    """
    key = flag or os.environ.get("SIGHTLINE_API_KEY")
    if not key and re.match(r"https://api\.openai\.com(/|$)", base_url):
        key = os.environ.get("OPENAI_API_KEY")
    return key or "none"


def _header(said: str) -> tuple[str, str]:
    """Part a header at its colon. Raises `WrongUse`, without it: it may hold a key."""
    name, colon, value = said.partition(":")
    if not colon or not _NAME.fullmatch(name.strip()) or not value.strip().isprintable():
        raise WrongUse(
            "A --header is not NAME:VALUE.", hint="Example: --header 'x-provider: openai'"
        )
    return name.strip(), value.strip()
