"""What was read in a picture, as text that stands after it for a model to answer from."""

from __future__ import annotations

from sightline.perception.survey import Survey
from sightline.quoting import quoted, tamed

_HEAD = "Text read in this picture, with the place of each line"
_MOST_LINES = 200


def note(seen: Survey, *, marked: bool = True) -> str:
    """Write what was read, each line with the place of its upper left corner in percent.

    Empty where nothing was. It stands between marks, as data; a model that was trained to be told
    what is read knows another form, without marks: there one line stands for each that was read,
    and an empty line ends them, so that nothing that was read can look like what follows it. Either
    ends with an empty line: templates write parts one after the other, and a question would run
    into the last line.
    """
    high, wide = seen.page.shape[:2]
    lines = []
    for row in seen.rows[:_MOST_LINES]:
        box = row.box
        x, y = round(100 * box.x0 / wide), round(100 * box.y0 / high)
        lines.append(f"({x}%, {y}%) {_in_one_line(row.text)}")
    lines += [f"{code.name}: {_in_one_line(code.content)}" for code in seen.codes]
    if not lines:
        return ""
    told = "\n".join(lines)
    return quoted(_HEAD, told) + "\n" if marked else f"{_HEAD}:\n{told}\n\n"


def _in_one_line(text: str) -> str:
    return " ".join(tamed(text).split())
