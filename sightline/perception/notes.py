"""What was read in a picture, as text that stands after it for a model to answer from."""

from __future__ import annotations

from sightline.perception.survey import Survey

_MOST_LINES = 200


def note(seen: Survey) -> str:
    """Write what was read, each line with the place of its upper left corner in percent.

    Empty where nothing was. It ends with an empty line: templates write parts one after the other,
    and a question would run into the last line.
    """
    picture = seen.picture
    lines = []
    for row in seen.rows[:_MOST_LINES]:
        box = row.box
        x, y = round(100 * box.x0 / picture.width), round(100 * box.y0 / picture.height)
        lines.append(f"({x}%, {y}%) {row.text}")
    lines += [f"{code.name}: {code.content}" for code in seen.codes]
    if not lines:
        return ""
    head = "Text read in this picture, with the place of each line:\n"
    return head + "\n".join(lines) + "\n\n"
