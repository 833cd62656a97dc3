"""Make the checks one after another, and write down what they found."""

from __future__ import annotations

import html
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict

from sightline_conformance import (
    accounting,
    answers,
    deciding,
    hearing,
    hosts,
    keeping,
    pictures,
    safety,
    strict,
)
from sightline_conformance.kit import CHECKS, Check, Kit, Outcome, outcome

# Importing them fills CHECKS, in this order, which a seed counts on.
_SUITES = (accounting, answers, keeping, pictures, safety, strict, deciding, hearing, hosts)
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem;
  color: #1a1a1a; background: #fff }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; vertical-align: top;
  padding: .35rem .6rem; border-bottom: 1px solid #d0d0d0 }
code { font-size: 13px; overflow-wrap: anywhere } .pass { color: #0a6b2c } .fail { color: #a81616;
  font-weight: 600 } details { margin: .3rem 0 }
@media (prefers-color-scheme: dark) { body { color: #e6e6e6; background: #181818 }
  th, td { border-color: #444 } .pass { color: #6fd08c } .fail { color: #ff8a80 } }
"""


def chosen(groups: Sequence[str]) -> list[Check]:
    """Give the checks of groups, all where none is named, in the order of the groups."""
    order = all_groups()
    found = [each for each in CHECKS if not groups or each.group in groups]
    return sorted(found, key=lambda each: order.index(each.group))


def all_groups() -> list[str]:
    """Name the groups of checks."""
    return list(dict.fromkeys(each.group for each in CHECKS))


def run(kit: Kit, checks: Iterable[Check], tell: Callable[[Outcome], None]) -> list[Outcome]:
    """Make checks; each outcome is told as it is found."""
    found = []
    for each in checks:
        made = outcome(kit, each)
        tell(made)
        found.append(made)
    return found


def summary(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Count what passed, failed and did not apply."""
    counts = Counter(each.status for each in outcomes)
    return {
        "pass": counts["pass"],
        "fail": counts["fail"],
        "not applicable": counts["not applicable"],
    }


def as_json(base_url: str, model: str, outcomes: Sequence[Outcome]) -> str:
    """Write outcomes as JSON."""
    listed = []
    for each in outcomes:
        told = asdict(each)
        told["check"] = {
            "group": each.check.group,
            "name": each.check.name,
            "source": each.check.source,
        }
        told["seconds"] = round(each.seconds, 3)
        listed.append(told)
    whole = {"base_url": base_url, "model": model, "summary": summary(outcomes), "checks": listed}
    return json.dumps(whole, indent=2, ensure_ascii=False)


def as_page(base_url: str, model: str, outcomes: Sequence[Outcome]) -> str:
    """Write outcomes as a page: a table by group, and what was sent and came back."""
    said = html.escape
    rows = []
    for each in outcomes:
        sent = "".join(f"<p><code>{said(line)}</code></p>" for line in each.sent)
        expected = f"<p>Expected: {said(each.expected)}</p>" if each.expected else ""
        got = f"<p>Came back: <code>{said(each.got)}</code></p>" if each.got else ""
        mark = each.status.replace(" ", "-")
        rows.append(
            f"<tr><td>{said(each.check.group)}</td><td>{said(each.check.name)}"
            f"<details><summary>what was sent</summary>{sent}</details>{expected}{got}</td>"
            f'<td>{said(each.check.source)}</td><td class="{mark}">{each.status}</td>'
            f"<td>{each.seconds:.2f} s</td></tr>"
        )
    counts = ", ".join(f"{count} {status}" for status, count in summary(outcomes).items())
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Conformance of {said(base_url)}</title><style>{_STYLE}</style>"
        f"<h1>Conformance of {said(base_url)}</h1><p>Model {said(model)}: {counts}.</p>"
        "<table><thead><tr><th>Group</th><th>Check</th><th>Source</th><th>Outcome</th><th>Time</th>"
        f"</tr></thead><tbody>{''.join(rows)}</tbody></table></html>\n"
    )
