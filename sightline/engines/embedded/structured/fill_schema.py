"""A JSON schema filled from what was measured; null where the pictures do not tell.

Nothing is inferred to make a schema happy. Where a strict schema allows neither null nor an
empty value for something that the picture does not tell, the whole is refused, naming it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sightline.engines.embedded import words
from sightline.engines.embedded.ask import ORDINALS
from sightline.engines.embedded.convert import (
    MISSING,
    convert,
    enum_from_text,
    nullable,
    type_of,
    words_in_english,
    words_of,
)
from sightline.engines.embedded.evidence import Exhibit
from sightline.engines.embedded.eyes import box_formats, objects_json
from sightline.engines.embedded.paper import choices, concepts, text_answers
from sightline.engines.embedded.paper.items import ROLES, line_items, table_rows, whole_rows
from sightline.engines.embedded.structured import json_by_example, printed_field
from sightline.engines.embedded.structured.everything import everything
from sightline.engines.embedded.structured.json_value import measured
from sightline.errors import InvalidRequest

_MOST_DEPTH = 8
_MOST_NODES = 2000
_MEMBERS_A_NODE = 100


_ORDINAL = re.compile(
    rf"(?:({'|'.join(ORDINALS)})_?(?:image|picture|photo)?_|(?:image|picture|photo)_?(\d)_)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Filled:
    """A filled schema: the value, and the paths that a strict schema leaves no honest value for."""

    value: Any
    untold: list[str] = field(default_factory=list)


def fill(
    schema: Mapping[str, Any], exhibits: list[Exhibit], *, strict: bool, wording: str = ""
) -> Filled:
    """Fill `schema` from pictures; several are read in turn until one tells.

    `wording` is the prompt, which may name what things are wanted and how boxes are written.
    """
    filler = _Filler(schema, exhibits, strict, wording)
    value = filler.value(schema, "", "", ())
    if value is MISSING:
        value = filler.untold(schema, "$")
    return Filled(value, filler.gaps)


class _Filler:
    def __init__(
        self, root: Mapping[str, Any], exhibits: list[Exhibit], strict: bool, wording: str
    ) -> None:
        self._root = root
        self._wording = wording
        self._boxes = box_formats.form_of(wording)
        self._exhibits = exhibits
        self._strict = strict
        self.gaps: list[str] = []
        self._filled = 0
        self._open: list[str] = []

    def value(self, schema: Any, name: str, about: str, parents: tuple[str, ...]) -> Any:
        """Fill one node; `MISSING` where nothing is told, or where a schema returns to itself."""
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        if reference is None:
            return self._node(schema, name, about, parents)
        if reference in self._open:
            return MISSING  # a picture is read once, not once for each level of a chain
        self._open.append(reference)
        try:
            return self._node(schema, name, about, parents)
        finally:
            self._open.pop()

    def _node(self, schema: Any, name: str, about: str, parents: tuple[str, ...]) -> Any:
        node = self._resolve(schema)
        # Each value may be held against every member.
        self._filled += 1 + len(node.get("enum", ())) // _MEMBERS_A_NODE
        if self._filled > _MOST_NODES:
            raise InvalidRequest(
                "The schema asks for too many values.",
                param="response_format",
                code="invalid_json_schema",
                hint=f"At most {_MOST_NODES} values are filled; a schema that refers to itself "
                "multiplies them.",
            )
        if len(parents) > _MOST_DEPTH:
            return MISSING
        about = str(node.get("description") or about)
        if "const" in node:
            return node["const"]
        for group in ("anyOf", "oneOf"):
            for branch in node.get(group, []):
                if self._resolve(branch).get("type") != "null":
                    filled = self.value(branch, name, about, parents)
                    if filled is not MISSING:
                        return filled
            if node.get(group):
                return MISSING
        if node.get("allOf"):
            merged: dict[str, Any] = {}
            for branch in node["allOf"]:
                merged.update(self._resolve(branch))
            return self.value({**merged, "description": about}, name, about, parents)
        kind = type_of(node)
        if kind is None and "properties" not in node and "enum" not in node:
            listed = self._untyped_list(name)
            if listed:
                return listed
        if kind == "object" or "properties" in node:
            return self._object(node, name, parents)
        if kind == "array":
            return self._array(node, name, about, parents)
        return self._scalar(node, kind, name, about, parents)

    def untold(self, schema: Any, path: str) -> Any:
        """Give what stands for "not told" at a node: null, or what a strict schema leaves."""
        node = self._resolve(schema)
        if not self._strict or nullable(node, self._resolve):
            return None
        kind = type_of(node)
        if kind == "array" or path.count(".") > _MOST_DEPTH:
            return [] if kind == "array" else None
        if kind == "string" and "enum" not in node:
            return ""
        if kind == "object" or "properties" in node:
            return {k: self.untold(s, f"{path}.{k}") for k, s in node.get("properties", {}).items()}
        self.gaps.append(path.removeprefix("$.") or path)
        return None

    def _resolve(self, node: Any) -> dict[str, Any]:
        for _ in range(16):
            if not isinstance(node, dict):
                return {}
            reference = node.get("$ref")
            if not isinstance(reference, str):
                return node
            target: Any = self._root
            for step in reference.lstrip("#").strip("/").split("/"):
                if step:
                    key = step.replace("~1", "/").replace("~0", "~")
                    target = target.get(key) if isinstance(target, dict) else None
            node = target
        return {}

    def _object(self, node: dict[str, Any], name: str, parents: tuple[str, ...]) -> Any:
        one = self._one_picture(name)
        if one is not None:
            return one._object(node, "", parents)
        placed = self._place(node, name)
        if placed is not MISSING:
            return placed
        filled: dict[str, Any] = {}
        told = False
        inside = (*parents, name) if name else parents
        for key, schema in node.get("properties", {}).items():
            item = self.value(schema, key, "", inside)
            if item is MISSING:
                item = self.untold(schema, ".".join(("$", *inside, key)))
            else:
                told = True
            filled[key] = item
        if not node.get("properties"):
            return everything(self._exhibits) if not name else MISSING
        return (
            filled
            if told or not parents
            else (MISSING if name and nullable(node, self._resolve) else filled)
        )

    def _one_picture(self, name: str) -> _Filler | None:
        """Give a filler for the one picture that an object is named after ("image_2")."""
        found = _OF_PICTURE.fullmatch(name)
        if found is None or len(self._exhibits) < 2:
            return None
        _, chosen = self._of(f"{name.lower()}_")
        if len(chosen) != 1:
            return None
        return _Filler(self._root, chosen, self._strict, self._wording)

    def _place(self, node: dict[str, Any], name: str) -> Any:
        """Fill an object that tells where a thing is: only numbers of its box, under its name."""
        properties = node.get("properties", {})
        sides = [box_formats.side_of(key, properties) for key in properties]
        if len(sides) < 2 or None in sides:
            return MISSING
        said = words_in_english(name)
        for e in self._exhibits:
            box = objects_json.place_of(e, said)
            if box is not None:
                return box_formats.written(box, name, node, None, self._boxes)
        return MISSING

    def _array(self, node: dict[str, Any], name: str, about: str, parents: tuple[str, ...]) -> Any:
        items, name = self._resolve(node.get("items", {})), name or str(node.get("title", ""))
        said = {
            words.stem(w)
            for w in (
                *words_in_english(name),
                *(words_of(parents[-1]) if parents and not name else []),
            )
        }
        found: list[Any]
        if said & {"picture", "image", "photo", "frame"} and "properties" in items:
            found = [
                _Filler(self._root, [e], self._strict, self._wording)._object(items, "", parents)
                for e in self._exhibits
            ]
        elif "properties" in items:
            found = self._objects(items, said)
        elif items.get("type") == "object" or (not items and said & _ROWS):
            found = [row for e in self._exhibits for row in whole_rows(e)]
        else:
            asked = words_in_english(name)
            found = [each for e in self._exhibits for each in choices.ticked(e, asked)]
            found = found or self._of_heading(name)
            found = found or self._list(said, words_of(name), about, node.get("maxItems"))
            kind = type_of(items)
            found = [v for v in (convert(f, kind, items) for f in found) if v is not MISSING]
        most = node.get("maxItems")
        return found if most is None else found[: int(most)]

    def _untyped_list(self, name: str) -> list[Any]:
        """Fill a plural name that comes without a type: the items of a receipt, the colours."""
        said = words_of(name)
        if said and words.stem(said[-1]) in _ROWS:
            return [row for e in self._exhibits for row in whole_rows(e)]
        if listed := self._of_heading(name):
            return listed
        if not said or not said[-1].endswith("s"):
            return []
        if {words.stem(w) for w in said} & {"item", "product", "article", "good", "purchase"}:
            rows = [row for e in self._exhibits for row in line_items(e.sheet)]
            # A chart's number is a value, not a price.
            return [{k: v for k, v in r.items() if k != "price" or "value" not in r} for r in rows]
        if said[-1] in ("colours", "colors", "lines", "codes", "barcodes"):
            return self._list({words.stem(w) for w in said}, said, "")
        return []

    def _of_heading(self, name: str) -> list[Any]:
        """Give the lines of the part of a page that a name heads: "Ingredients", "skills"."""
        said = words_of(name)
        if not said or not said[-1].endswith("s"):
            return []
        return [line for e in self._exhibits for line in text_answers.points(said[-1], e.sheet)]

    def _objects(self, items: dict[str, Any], said: set[str]) -> list[Any]:
        properties = items["properties"]
        rows: list[dict[str, Any]] = []
        for e in self._exhibits:
            if said & {"code", "barcode", "qr", "qrcode"}:
                rows += [
                    {
                        "type": c.name,
                        "kind": c.name,
                        "format": c.symbology,
                        "content": c.content,
                        "value": c.content,
                        "data": c.content,
                        "text": c.content,
                    }
                    for c in e.survey.codes
                ]
            elif said & {"colour", "color"}:
                rows += [
                    {
                        "name": c.full_name,
                        "colour": c.full_name,
                        "color": c.full_name,
                        "hex": c.hex,
                        "share": c.share,
                        "percentage": round(100 * c.share, 1),
                        "proportion": c.share,
                    }
                    for c in e.survey.colours
                ]
            elif said & {"line", "text", "word"}:
                rows += [
                    {"text": line, "content": line, "line": i + 1, "number": i + 1}
                    for i, line in enumerate(e.sheet.lines)
                ]
            elif objects_json.has_box(properties):
                rows += objects_json.rows(e, said, self._prose)
            else:
                priced = line_items(e.sheet)
                if not priced or not _are_items(properties):
                    listed = table_rows(e, list(properties))
                    if listed:
                        rows += listed
                        continue
                rows += priced or (
                    objects_json.rows(e, said, self._prose)
                    if objects_json.is_of_things(e, said)
                    else []
                )
        names = {key: words_in_english(key) for key in properties}
        made = [
            {
                key: self._cell(self._resolve(schema), key, row, names)
                for key, schema in properties.items()
            }
            for row in rows
        ]
        return [row for row in made if any(value not in (None, "") for value in row.values())]

    @property
    def _prose(self) -> str:
        """The prompt without an example of JSON, whose values are none of its wishes."""
        return re.split(r"[\[{]", self._wording, maxsplit=1)[0]

    def _cell(
        self,
        schema: dict[str, Any],
        key: str,
        row: dict[str, Any],
        names: Mapping[str, list[str]],
    ) -> Any:
        """Fill a key of a row; `names` are those of all keys beside it, as words."""
        box = row.get("box")
        if isinstance(box, box_formats.PlacedBox):
            placed = self._placed(box, schema, key, names)
            if placed is not None:
                return placed
        english, wanted = " ".join(names[key]), {words.stem(w) for w in names[key]}
        found: Any = MISSING
        if key in row or english in row:
            found = row[key if key in row else english]
        else:
            for role, called in ROLES.items():
                if role in row and wanted & called:
                    found = row[role]
                    break
        if isinstance(found, box_formats.PlacedBox):
            return self.untold(schema, f"$.{key}")
        if found is not MISSING:
            found = convert(found, type_of(schema, self._resolve), schema)
        return self.untold(schema, f"$.{key}") if found is MISSING else found

    def _placed(
        self,
        box: box_formats.PlacedBox,
        schema: dict[str, Any],
        key: str,
        beside: Mapping[str, Any],
    ) -> Any:
        """Write a thing's place as an attribute wants it; None where it is of something else."""
        order = schema.get(json_by_example.ORDER)
        if set(words_of(key)) & box_formats.NAMES or (order and box_formats.sides(order)):
            typed = {**schema, "type": type_of(schema, self._resolve)}
            return box_formats.written(box, key, typed, order, self._boxes)
        side = box_formats.side_of(key, beside)
        single = type_of(schema, self._resolve) in (None, "number", "integer")
        return box.side(side, self._boxes.scale) if side is not None and single else None

    def _list(
        self, said: set[str], name: list[str], about: str, most: int | None = None
    ) -> list[Any]:
        found: list[Any] = []
        for e in self._exhibits:
            if said & {"tag", "keyword"} and not e.sheet.rows[3:]:
                found += objects_json.tags(e, most)
                continue
            if said & {"colour", "color"}:
                found += [c.full_name for c in e.survey.colours]
            elif said & {"code", "barcode", "qr", "qrcode"} and not said & {
                "promo",
                "zip",
                "product",
            }:
                found += [c.content for c in e.survey.codes]
            elif said & {"line", "text", "content", "transcription", "ocr"}:
                found += e.sheet.lines
            elif said & {"word"}:
                found += [w for line in e.sheet.lines for w in line.split()]
            elif said & {"item", "product", "article", "good", "category", "label"}:
                priced = [row["name"] for row in line_items(e.sheet)]
                found += priced or objects_json.names(e, said)
            elif objects_json.is_of_things(e, said):
                found += objects_json.names(e, said)
            elif said & {"price", "amount"}:
                found += e.sheet.every("money")
            else:
                concept, left = concepts.concept_of([words.stem(w) for w in name] or name)
                if concept is not None and not left and concept.alone and concept.kind:
                    found += e.sheet.every(concept.kind)
        return list(dict.fromkeys(found))

    def _scalar(
        self,
        node: dict[str, Any],
        kind: str | None,
        name: str,
        about: str,
        parents: tuple[str, ...],
    ) -> Any:
        name, chosen = self._of(name)
        if kind != "boolean" or len(chosen) < 2:
            return self._first(chosen, node, kind, name, about, parents)
        # Of several pictures it is so where it is of any, and not where it is of none.
        told = [self._first([e], node, kind, name, about, parents) for e in chosen]
        return True if True in told else MISSING if MISSING in told else told[0]

    def _of(self, name: str) -> tuple[str, list[Exhibit]]:
        """Choose the picture that a name means ("second_has_dog"), and give the rest of the name."""
        found = _ORDINAL.match(name)
        if found is None or len(self._exhibits) < 2:
            return name, self._exhibits
        word = next(filter(None, found.groups()))
        place = (int(word) if word.isdigit() else ORDINALS[word.lower()]) - 1
        if place >= len(self._exhibits):
            return name, self._exhibits
        return name[found.end() :] or name, [self._exhibits[place]]

    def _first(
        self,
        exhibits: list[Exhibit],
        node: dict[str, Any],
        kind: str | None,
        name: str,
        about: str,
        parents: tuple[str, ...],
    ) -> Any:
        said = words_in_english(name)
        for e in exhibits:
            # The colour of a thing is that thing's, never the picture's.
            of_thing = objects_json.is_colour(e, said)
            found = MISSING if of_thing else _at_hand(e, node, kind, name, about)
            if found is MISSING:
                found = objects_json.value(e, said, kind, words_of(parents[-1]) if parents else ())
            if "enum" in node and (found is MISSING or convert(found, kind, node) is MISSING):
                found = objects_json.chosen(e, node["enum"])
            if found is MISSING and (of_thing or printed_field.shown_only(e, said)):
                continue
            if found is MISSING:
                found = printed_field.told(e, name, about, kind, parents)
            if found is not MISSING:
                converted = convert(found, kind, node)
                if converted is not MISSING:
                    return converted
            if "enum" in node:
                chosen = enum_from_text(node["enum"], e, name)
                if chosen is not MISSING:
                    return chosen
        return MISSING


def _at_hand(e: Exhibit, node: dict[str, Any], kind: str | None, name: str, about: str) -> Any:
    """Give what is ticked, what stands beside the very label, or what is measured, in this order."""
    said = words_in_english(name)
    ticked = choices.field(e, said, kind)
    if ticked is not None:
        return ticked
    found = measured(e, " ".join(said), about, kind, node)
    if kind == "boolean":
        return found
    label = printed_field.labelled(e, name, measured=found is not MISSING)
    return found if label is None else label


_ROWS = frozenset("table row entry transaction booking departure record".split())
_OF_PICTURE = re.compile(r"(?:image|picture|photo|img)[ _-]?\d", re.IGNORECASE)


def _are_items(names: Iterable[str]) -> bool:
    """Say whether all names are of what a receipt's items have."""
    known = set.union(*ROLES.values())
    return all({words.stem(w) for w in words_of(name)} & known for name in names)
