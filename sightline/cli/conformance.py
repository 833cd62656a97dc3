"""`sightline conformance`: how a server that speaks OpenAI's vision API keeps to it."""

from __future__ import annotations

import argparse
import random
import re
from pathlib import Path

from sightline.errors import UsageError
from sightline.settings import client_key

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    made = argparse.ArgumentParser(
        prog="sightline conformance",
        description="Check a server that speaks OpenAI's vision API. Pictures are drawn on the "
        "spot with codes and colours that no one can guess, so that an answer proves that they "
        "were seen. Exit code 1 where a check fails.",
        epilog="Example: sightline conformance --base-url http://127.0.0.1:8000/v1 --group errors",
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


def run(arguments: list[str]) -> int:
    """Make the checks; return the exit code. Raises `UsageError`."""
    options = parser().parse_args(arguments)
    from sightline.conformance import run as suite
    from sightline.conformance.kit import Kit, Outcome

    unknown = [name for name in options.group if name not in suite.all_groups()]
    if unknown:
        raise UsageError(
            f"There is no group {unknown[0]!r}.", hint=f"Groups: {', '.join(suite.all_groups())}."
        )
    if options.report is not None and not options.report.parent.is_dir():
        raise UsageError(f"There is no folder for {options.report.name}.", hint="Make it first.")
    seed = random.SystemRandom().randrange(1 << 32) if options.seed is None else options.seed
    key = client_key(options.api_key, options.base_url)
    headers = dict(_header(each) for each in options.header)
    try:
        kit = Kit(
            options.base_url, key, options.model, options.timeout, seed,
            headers=headers, judged=not options.any_answer,
        )  # fmt: skip
    except ValueError:
        raise UsageError(
            "The base URL is not one of http or https.", hint="Example: http://127.0.0.1:8000/v1"
        ) from None
    group = ""

    def tell(found: Outcome) -> None:
        nonlocal group
        if options.json:
            return
        if found.check.group != group:
            group = found.check.group
            print(f"\n{group}")
        print(f"  {found.status:<15}{found.check.name}", flush=True)
        if found.status == "fail":
            print(f"      expected: {found.expected}\n      came back: {found.got}")
            print(f"      source: {found.check.source}")
        elif found.got:
            print(f"      {found.got}")

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


def _header(said: str) -> tuple[str, str]:
    """Part a header at its colon. Raises `UsageError`, without it: it may hold a key."""
    name, colon, value = said.partition(":")
    if not colon or not _NAME.fullmatch(name.strip()) or not value.strip().isprintable():
        raise UsageError(
            "A --header is not NAME:VALUE.", hint="Example: --header 'x-provider: openai'"
        )
    return name.strip(), value.strip()
