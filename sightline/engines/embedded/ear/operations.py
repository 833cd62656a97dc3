"""What is done with the words that the matcher marks."""

from __future__ import annotations

from typing import Literal, get_args

Operation = Literal[
    "none", "quote", "yes", "no", "has", "lacks", "count", "sum", "difference", "average", "most",
    "least", "highest", "lowest", "over", "under", "count over", "count under", "whole",
]  # fmt: skip
OPERATIONS: tuple[Operation, ...] = get_args(Operation)
