"""How many questions about newly drawn receipts, signs and forms the reader answers rightly.

`python bench/reading.py [--seed N] [--count N] [--fixed] [--verbose]`. Asks through the public pipeline, in
process. A question whose answer is not on the paper is right when the reader declines.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import io
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.ear import Said, is_declined
from bench.fixed import fixed_papers
from bench.papers import Paper, papers
from sightline.api import chat
from sightline.engines.embedded.words import squash
from sightline.pipeline import Pipeline, collect
from sightline.settings import Settings


def right(said: str, accepted: tuple[str, ...] | None) -> bool:
    """Judge an answer; spaces and marks do not count, the first word decides a yes or no."""
    if accepted is None:
        return is_declined(Said(said, None, 0)) or said.startswith("No")
    if accepted in (("yes",), ("no",)):
        return said.lower().startswith(accepted[0])
    return any(squash(value) in squash(said) for value in accepted)


async def ask(pipeline: Pipeline, paper: Paper, question: str) -> str:
    """Ask one question as a client would."""
    stored = io.BytesIO()
    paper.image.save(stored, "PNG")
    url = "data:image/png;base64," + base64.b64encode(stored.getvalue()).decode()
    content = [
        {"type": "text", "text": question},
        {"type": "image_url", "image_url": {"url": url}},
    ]
    body = {"model": "sightline-reader", "messages": [{"role": "user", "content": content}]}
    asked = chat.parse(body)
    choice, _, _ = await collect(pipeline.answer(await pipeline.prepare(asked.question)))
    return choice.text


async def run(chosen: list[Paper], *, verbose: bool) -> float:
    """Ask everything; print a row for each kind of paper; return the share of right answers."""
    tally: dict[str, list[bool]] = {}
    began = time.perf_counter()
    async with Pipeline(Settings()) as pipeline:
        for number, paper in enumerate(chosen):
            for question, accepted in paper.questions:
                said = await ask(pipeline, paper, question)
                good = right(said, accepted)
                tally.setdefault(paper.name, []).append(good)
                if verbose and not good:
                    print(
                        f"  wrong: {paper.name} {number}: {question}\n    said: {said[:140]!r}\n    true: {accepted}"
                    )
    for name, marks in tally.items():
        print(f"{name:<8} {sum(marks):>4} of {len(marks):>4} right")
    marks = [mark for kind in tally.values() for mark in kind]
    share = sum(marks) / len(marks)
    seconds = time.perf_counter() - began
    print(
        f"all      {sum(marks):>4} of {len(marks):>4} right: {share:.1%} ({len(chosen)} papers, {seconds:.0f} s)"
    )
    return share


def main() -> int:
    """Run from the command line; exit code 1 below 90%."""
    made = argparse.ArgumentParser(description=__doc__)
    made.add_argument("--seed", type=int, default=2026)
    made.add_argument("--count", type=int, default=20)
    made.add_argument("--fixed", action="store_true", help="the fixed papers instead")
    made.add_argument("--verbose", action="store_true")
    options = made.parse_args()
    chosen = fixed_papers() if options.fixed else papers(options.seed, options.count)
    share = asyncio.run(run(chosen, verbose=options.verbose))
    return 0 if share >= 0.9 else 1


if __name__ == "__main__":
    sys.exit(main())
