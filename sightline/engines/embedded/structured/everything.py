"""JSON of all that was measured, where no attributes are named."""

from __future__ import annotations

from typing import Any

from sightline.engines.embedded.evidence import Exhibit
from sightline.engines.embedded.eyes import box_formats, objects_json
from sightline.engines.embedded.paper import concepts


def everything(exhibits: list[Exhibit]) -> dict[str, Any]:
    """Give all that was measured, for JSON that names no attributes."""
    pictures = []
    for e in exhibits:
        s = e.survey
        pictures.append(
            {
                "kind": s.look.kind,
                "width": s.picture.original_size[0],
                "height": s.picture.original_size[1],
                "text": e.sheet.lines,
                "fields": {name: f.value for name, f in concepts.labelled(e.sheet).items()},
                **({"things": _things(e)} if s.seen is not None and s.seen.things else {}),
                "codes": [{"type": c.name, "content": c.content} for c in s.codes],
                "colours": [
                    {"name": c.full_name, "hex": c.hex, "share": round(c.share, 3)}
                    for c in s.colours
                ],
            }
        )
    return pictures[0] if len(pictures) == 1 else {"pictures": pictures}


def _things(e: Exhibit) -> list[dict[str, Any]]:
    return objects_json.told(e, box_formats.BoxFormat())
