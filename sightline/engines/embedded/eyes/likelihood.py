"""How likely a kind of thing is in a picture at all: found, perhaps, or not found.

Weighed on half of 50 COCO photographs and measured on the other by `training/eyes/there.py`: of what
was told with 0.9 or more 97 % of 66 were there, with 0.8 to 0.9 92 % of 25, 0.7 to 0.8 85 % of 13,
0.6 to 0.7 75 % of 16, 0.5 to 0.6 44 % of 18, 0.4 to 0.5 51 % of 35, 0.3 to 0.4 25 % of 56; of kinds
of which nothing was found, 63 of 3,748.
"""

from __future__ import annotations

import math

from sightline.engines.embedded.eyes import phrases
from sightline.engines.embedded.eyes.lexicon import Meant
from sightline.perception.things import Sighting

WEIGHTS = (0.378, 1.087)
MISSED = 0.0125
_MOST = 0.9995  # surer than anything that was measured, and still no certainty
# Of 272 plain drawings whose shapes were told, one was told wrongly (docs/eyes.md).
_DRAWN = 0.996


def there(wanted: Meant, seen: Sighting) -> float | None:
    """Give how likely a thing that is meant is there; None where that is not known."""
    if not wanted.things:
        return None
    if seen.drawn:
        return _DRAWN if phrases.of(wanted, seen.things) else 1 - _DRAWN
    found = {thing.name: 0.0 for thing in (*seen.things, *seen.perhaps)}
    for thing in (*seen.things, *seen.perhaps):
        found[thing.name] = max(found[thing.name], thing.probability)
    meant = [share for name, share in found.items() if name in wanted.things]
    if not meant:
        # Of a word for many kinds there may be one that the detector does not know.
        return None if wanted.is_broad else MISSED
    return min(_MOST, 1 - math.prod(1 - _weighed(share) for share in meant))


def _weighed(share: float) -> float:
    held = min(max(share, 0.002), 0.998)
    return 1 / (1 + math.exp(-(WEIGHTS[0] + WEIGHTS[1] * math.log(held / (1 - held)))))
