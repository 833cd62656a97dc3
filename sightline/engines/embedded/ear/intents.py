"""What a question about a photograph asks for; `training/ear/asks` has the wordings."""

from __future__ import annotations

from typing import Literal, get_args

Intent = Literal[
    "exists", "exists_not", "exists_number", "exists_colour", "exists_side", "count",
    "count_colour", "count_all", "count_difference", "more_of", "where", "colour", "which",
    "which_colour", "which_side", "choice", "main", "beside", "beside_yes", "larger", "further",
    "held", "list", "list_json", "boxes", "describe", "brief", "caption", "doing", "room", "inside",
    "weather", "private", "part", "which_picture", "every_picture", "compare", "text", "quality",
    "other",
]  # fmt: skip
INTENTS: tuple[Intent, ...] = get_args(Intent)
