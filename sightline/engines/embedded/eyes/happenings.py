"""What happens in a film, from what was measured in its frames: when, with what, until when.

What is not sure is left out: a thing that the detector misses in a frame has not gone, one that the
camera passes by has not moved.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

from sightline.engines.embedded.evidence import Exhibit
from sightline.engines.embedded.eyes import film_objects, followed, phrases
from sightline.engines.embedded.eyes.film import FilmExhibit, main_colours
from sightline.engines.embedded.eyes.followed import Followed, Take
from sightline.engines.embedded.eyes.happening import Group, Happening, What
from sightline.engines.embedded.eyes.printed import printed
from sightline.perception import camera, scene

_OPENING_S = 1.6  # in which a scene shows what it is of
_STAYS_S = 4.0  # for which what has happened is worth a sentence
_MOST_NAMES = 3
_EXACT, _SURE_COUNT = 0.7, 0.85  # share of frames, and probability, from which on a count is told
_COVERED = 0.8  # of a box by others of its kind, from which on it may be of the same thing as they
_SEVERAL, _ALONE = 3, 0.1  # of a box by others, up to which it stands apart
_EDGE = 0.04  # of the width
_MOVED, _CROSSED = 0.2, 0.45  # of the width
_DWINDLED = 2.5  # times, by which animals have to have become smaller
_SLOW_S = 3.0  # from which on a thing is told to move before it is where it goes
_LARGER = 1.8  # times, from which on a thing has come nearer
_PANNED, _ZOOMED = 0.15, 1.25
_RUN_S = 1.5  # for which colours have to last
_MAIN_SHARE = 0.04  # of the picture, from which on a thing's colour is told
_DETAIL_S = 3.5  # after which a scene's details may be told
# Whose middle is their colour: that of a cup is of what is in it.
_PAINTED = frozenset("car bus truck train airplane refrigerator couch umbrella suitcase".split())
_PLACED = 0.6  # share of a scene's frames that have to agree on where it is
# Broader kinds that people say.
_BROAD = frozenset("boat fruit vegetable food".split())


def happenings(shown: FilmExhibit) -> list[Happening]:
    """Find what happens in a film, in order."""
    times = [0.0 if time_s is None else time_s for time_s in shown.times]
    found: list[Happening] = []
    parts, lines = followed.takes(shown), printed(shown)
    for number_, take in enumerate(parts):
        after = take.last + 1
        end = _cut_s(shown, times, after) if after < len(times) else _end(shown, times)
        is_read = any(take.first <= each.first <= take.last for each in lines)
        found += _Scene(shown, times, take, number_, end, parts, is_read=is_read).all()
    for each in lines:
        until = max(times[each.last], times[each.first] + 1.0)
        is_sign = shown.exhibits[each.first].survey.look.kind == "photograph"
        what: What = "signs" if is_sign else "reads"
        number_ = _scene_of(parts, each.first)
        found.append(Happening(what, times[each.first], until, 8, (), each.lines, number_))
    if shown.about is not None:
        found += [
            Happening("black", at, until, 3) for at, until in shown.about.black if at > _OPENING_S
        ]
    return _once(sorted(found, key=lambda h: (h.at_s, -h.weight)))


def _once(found: Sequence[Happening]) -> list[Happening]:
    """Leave out looks of scenes that are those of the one before: as dark, of the same colours.

    That another scene is of some animal too says nothing new either, nor that one goes black that
    was told to be black or dark.
    """
    kept: list[Happening] = []
    look: tuple[str, ...] = ()
    likely: set[tuple[Group, ...]] = set()
    for each in found:
        if each.words == ("likely",):
            if each.groups in likely:
                continue
            likely.add(each.groups)
        if each.what == "black" and {"black", "dark", "mostly black"} & set(look):
            continue
        if each.what == "opens" and not each.groups:
            if each.words == look:
                continue
            look = each.words
        elif each.what == "opens":
            look = ()
        kept.append(each)
    return kept


def _cut_s(shown: FilmExhibit, times: Sequence[float], first: int) -> float:
    """Say when a scene begins whose first frame is `first`."""
    known = shown.about.scenes if shown.about is not None else None
    before = times[first - 1] if first else -1.0
    return min((s for s in known or () if before < s <= times[first] + 1e-6), default=times[first])


def _end(shown: FilmExhibit, times: Sequence[float]) -> float:
    return shown.about.duration_s if shown.about is not None else times[-1] + 1.0


def _scene_of(parts: Sequence[Take], place: int) -> int:
    return next(i for i, take in enumerate(parts) if take.first <= place <= take.last)


class _Scene:
    """Finds what happens in one scene."""

    def __init__(
        self,
        shown: FilmExhibit,
        times: Sequence[float],
        take: Take,
        number_: int,
        end_s: float,
        parts: Sequence[Take],
        *,
        is_read: bool,
    ) -> None:
        self._is_read = is_read  # text is told of it
        self._shown, self._times, self._take = shown, times, take
        self._number, self._end_s, self._parts = number_, end_s, parts
        self._begin_s = _cut_s(shown, times, take.first)
        self._early = [
            i for i in range(take.first, take.last + 1) if times[i] <= self._begin_s + _OPENING_S
        ]
        self._at_first = self._seen_at_first()

    def all(self) -> Iterator[Happening]:
        """Give all of it."""
        yield from self._opening()
        for one in self._take.things:
            if not one.centres:
                yield from self._unnamed(one)
            else:
                yield from self._coming(one)
                yield from self._moving(one)
                yield from self._going(one)
        yield from self._view()
        yield from self._detail()

    def _happening(
        self,
        what: What,
        at: int,
        weight: int,
        *groups: Group,
        words: tuple[str, ...] = (),
        lasts_s: float = _STAYS_S,
        key: int = 0,
    ) -> Happening:
        at_s = self._begin_s if at == self._take.first else self._times[at]
        until = min(self._end_s, at_s + lasts_s)
        return Happening(what, at_s, until, weight, groups, words, self._number, key)

    # --- what it is of ------------------------------------------------------------------------

    def _seen_at_first(self) -> dict[str, list[int]]:
        """Count the things of each kind in the frames with which the scene begins."""
        told = {one.name for one in self._take.things}
        found: dict[str, list[int]] = {}
        for place in self._early:
            there = Counter(one.name for one in self._take.things if one.first <= place <= one.last)
            seen = self._shown.exhibits[place].survey.seen
            loose = {t.name for t in (seen.things if seen else ())} & told
            for name in loose - set(there):
                there[name] = 1
            for name, count in there.items():
                found.setdefault(name, []).append(count)
        least = 2 if len(self._early) > 2 else 1
        return {name: counts for name, counts in found.items() if len(counts) >= least}

    def _groups(self) -> tuple[Group, ...]:
        made: list[Group] = []
        for one in self._take.things:  # the largest first
            if one.name in self._at_first and one.name not in (g.name for g in made):
                made.append(self._group(one.name))
        return tuple(made[:_MOST_NAMES])

    def _group(self, name: str) -> Group:
        mine = [one for one in self._take.things if one.name == name]
        if any(not one.centres for one in mine):
            return _unnamed(mine[0])
        counts = self._at_first[name]
        usual, agreed = Counter(counts).most_common(1)[0]
        seen = followed.seen_at_once([self._shown.exhibits[place] for place in self._early], name)
        if max(counts) == 1 and seen > 1:
            return Group(name, -1)  # there are others, which are less sure
        if max(counts) == 1:
            side = self._side(mine[0], mine[0].first) if len(mine) == 1 else ""
            return Group(name, 1, side if mine[0].share < 0.3 else "")
        if seen == 1 and not film_objects.is_alive(name):
            return Group(name, 1)
        covered = [followed.covered(one, mine) for one in mine]
        apart = sum(share < _COVERED for share in covered)
        if apart < len(mine):  # one box may lie over two things, or over a part of one
            return Group(name, -1 if apart > 1 else 1)
        sure = all(one.probability >= _SURE_COUNT for one in mine) and seen <= usual
        sure = sure and (usual < _SEVERAL or max(covered) <= _ALONE) and usual < phrases.AT_LEAST
        if agreed >= _EXACT * len(counts) and sure:
            return Group(name, usual) if usual != 1 else Group(name, -1)
        return Group(name, 0 if min(counts) >= _SEVERAL else -1)

    def _side(self, one: Followed, place: int) -> str:
        x = one.centres[one.places.index(place)][0]
        return "on the left" if x < 0.34 else "on the right" if x > 0.66 else ""

    def _where(self) -> str:
        """Say where the scene is: in the snow, outdoors, indoors; "" where that is not sure."""
        part = self._shown.exhibits[self._take.first : self._take.last + 1]
        seen = [e.survey.seen.scene for e in part if e.survey.seen and e.survey.seen.scene]
        whole = scene.over(seen)
        if whole is None or 2 * len(seen) < len(part):
            return ""
        if whole.is_snow:
            return "in the snow"
        agreed = sum(one.place == whole.place for one in seen)
        return whole.place if agreed >= _PLACED * len(seen) else ""

    def _opening(self) -> Iterator[Happening]:
        groups, where = self._groups(), self._where()
        take, kind = self._take, self._take.kind
        if not groups and (likely := self._likely(kind)):
            groups = (Group(likely),)
            where = "likely"
        part = self._shown.exhibits[take.first : take.last + 1]
        drawn = any(e.survey.seen is not None and e.survey.seen.drawn for e in part)
        known = (
            {one.name for one in self._parts[self._number - 1].things} if self._number else set()
        )
        if groups and {group.name for group in groups} <= known and not self._is_back():
            return  # another view of the same
        if groups or where == "in the snow":
            what: What = "returns" if groups and self._is_back() else "opens"
            yield self._happening(
                what, take.first, 10, *groups, words=("" if drawn else where,),
                lasts_s=self._end_s - self._begin_s,
            )  # fmt: skip
        elif not take.things and not self._is_read:
            yield from self._colours() if _is_drawn(part) else self._light(part)

    def _likely(self, kind: str) -> str:
        """Name what a scene is of in which no thing was found, as far as people have a word."""
        part = self._shown.exhibits[self._take.first : self._take.last + 1]
        if followed.is_animal(part, kind):
            return "animal" if kind in followed.SCHOLARLY else kind
        return kind if kind and (kind in _BROAD or not followed.is_broad(self._shown, kind)) else ""

    def _is_back(self) -> bool:
        """Say whether the scene goes on where one before the last was."""
        first = self._shown.exhibits[self._take.first].survey.picture.pixels
        return any(
            camera.shift(self._shown.exhibits[take.last].survey.picture.pixels, first) is not None
            for take in self._parts[: max(0, self._number - 1)]
        )

    def _light(self, part: Sequence[Exhibit]) -> Iterator[Happening]:
        """Tell of a photograph of which nothing is known whether it is dark, or its colours."""
        dark = sum(exhibit.survey.look.light == "dark" for exhibit in part)
        if 2 * dark > len(part):
            yield self._happening("opens", self._take.first, 5, words=("photograph", "dark"))
        elif self._number == 0:
            names = main_colours(part)
            names[0] = f"mostly {names[0]}"
            yield self._happening("opens", self._take.first, 8, words=("photograph", *names))

    def _colours(self) -> Iterator[Happening]:
        """Tell the colours of a scene of which nothing else is known, and what becomes of them."""
        runs: list[tuple[int, int, list[str]]] = []
        for place in range(self._take.first, self._take.last + 1):
            names = main_colours([self._shown.exhibits[place]])
            if runs and runs[-1][2][0] == names[0]:
                runs[-1] = runs[-1][0], place, runs[-1][2]
            else:
                runs.append((place, place, names))
        before: list[str] = []
        for first, last, names in runs:
            lasts = self._times[last] - self._times[first]
            if before and lasts < _RUN_S:
                continue
            gone = tuple(before[:1])
            what: What = "turns" if before else "opens"
            told = names[:1] if before and names[-1] in before else names
            weight = 5 if before or self._number else 8
            yield self._happening(
                what, first, weight, words=("colours", *gone, *told), lasts_s=max(lasts, 2.0)
            )
            before = names

    # --- what comes, moves and goes -----------------------------------------------------------

    def _unnamed(self, one: Followed) -> Iterator[Happening]:
        group = _unnamed(one)
        if one.name not in self._at_first:
            # That they were not there before is not known: what is not told apart is found late.
            yield self._happening("seen", one.first, 9, group, lasts_s=8.0, key=id(one))
        shares = [thing.share for thing in one.things]
        third = len(shares) // 3
        ends = statistics.median(shares[:third] or [0]), statistics.median(shares[-third:] or [0])
        if third >= 3 and ends[1] * _DWINDLED <= ends[0]:
            last = one.places[-third]
            yield self._happening("dwindles", last, 4, group, key=id(one))

    def _coming(self, one: Followed) -> Iterator[Happening]:
        take, group = self._take, Group(one.name)
        if one.first <= self._early[-1] or self._was_seen(one):
            return
        beside = any(
            other.name == one.name and other.first < one.first <= other.last
            for other in take.things
        )
        words = ("another",) if beside else ()
        box = one.things[0].box
        if take.stands(one.first - 1, one.first):
            if one.name in scene.INDOOR_THINGS or not followed.changed(
                self._shown, box, one.first - 1, one.first
            ):
                return  # it was there and was not found
            side = self._edge(one, 0)
            what: What = "enters" if side else "appears"
            words = (*words, side or self._side(one, one.first))
            yield self._happening(what, one.first, 9, group, words=words, key=id(one))
        elif not beside:
            path = take.path(one.first - 1, one.first)
            yield self._happening(
                "seen" if path is None else "reached", one.first, 6, group, key=id(one)
            )

    def _was_seen(self, one: Followed) -> bool:
        """Say whether something like it was seen before in the scene, and not followed."""
        names = film_objects.ANIMALS if one.name in film_objects.ANIMALS else {one.name}
        tracked = {id(t) for other in self._take.things for t in other.things}
        return any(
            thing.name in names and id(thing) not in tracked
            for place in range(self._take.first, one.first)
            for seen in [self._shown.exhibits[place].survey.seen]
            for thing in (seen.things if seen else ())
        )

    def _edge(self, one: Followed, at: int) -> str:
        """Name the side at which a thing comes in, at -1 leaves; "" where it is not at one."""
        box = one.things[at].box
        width = self._shown.exhibits[one.places[at]].survey.picture.width
        x = [centre[0] for centre in one.centres]
        inward = x[min(2, len(x) - 1)] - x[0] if at == 0 else x[max(0, len(x) - 3)] - x[-1]
        reach = _EDGE * width + box.width * 0.25 if at == -1 else _EDGE * width
        if box.x0 <= reach and inward > 0.02:
            return "left"
        return "right" if box.x1 >= width - reach and inward < -0.02 else ""

    def _moving(self, one: Followed) -> Iterator[Happening]:
        take = self._take
        fixed = one.name in scene.INDOOR_THINGS  # nobody moves a table: it is seen otherwise
        if fixed or len(one.places) < 3 or not take.stands(one.first, one.last):
            return
        group = Group(one.name)
        start = one.centres[0][0]
        far = [i for i, (x, _) in enumerate(one.centres) if abs(x - start) >= _MOVED]
        if far:
            whole = one.centres[-1][0] - start
            right = one.centres[far[0]][0] > start
            took = self._times[one.places[far[-1]]] - self._times[one.places[far[0]]]
            if abs(whole) >= _MOVED and (whole > 0) == right and took >= _SLOW_S:
                side = "right" if right else "left"
                yield self._happening(
                    "moves", one.places[far[0]], 7, group, words=(side,), key=id(one), lasts_s=took
                )
                words = ("", "")
            elif abs(whole) >= _CROSSED and (whole > 0) == right:
                at = next(i for i in far if abs(one.centres[i][0] - start) >= _CROSSED)
                words = ("left", "right") if right else ("right", "left")
            else:
                at, end = far[0], _third(one.centres[-1][0])
                words = (_third(start), end) if end != _third(start) else ("", "")
            if any(words):
                yield self._happening(
                    "crosses", one.places[at], 7, group, words=words, key=id(one), lasts_s=2.5
                )
        shares = [thing.share for thing in one.things]
        larger = shares[-1] / max(shares[0], 1e-6)
        still = abs(one.centres[-1][0] - start) < _CROSSED
        if still and larger >= _LARGER:
            at = next(i for i, share in enumerate(shares) if share >= _LARGER * shares[0])
            yield self._happening("nears", one.places[at], 7, group, key=id(one))
        elif still and larger <= 1 / _LARGER:
            at = next(i for i, share in enumerate(shares) if share <= shares[0] / _LARGER)
            yield self._happening("recedes", one.places[at], 7, group, key=id(one))

    def _going(self, one: Followed) -> Iterator[Happening]:
        take, after = self._take, one.last + 1
        if after > take.last or len(one.places) < 3 or not take.stands(one.last, after):
            return
        if one.name in scene.INDOOR_THINGS or not self._was_there(one, after):
            return
        side = self._edge(one, -1)
        group = Group(one.name)
        what: What = "leaves" if side else "goes"
        yield self._happening(what, after, 7, group, words=(side,), key=id(one), lasts_s=1.5)

    def _was_there(self, one: Followed, after: int) -> bool:
        """Say whether a thing has gone: its place changes, to what it was before the thing came."""
        box = one.things[-1].box
        if not followed.changed(self._shown, box, one.last, after):
            return False
        before = one.first - 1
        known = before >= self._take.first and self._take.stands(before, after)
        return known and not followed.changed(self._shown, box, before, after)

    def _view(self) -> Iterator[Happening]:
        """Tell how the view moves, where it does so for a while in one direction."""
        take = self._take
        x, y, zoom, told = 0.0, 0.0, 1.0, ""
        for i, step in enumerate(take.shifts):
            if step is None or not followed.is_moved(step):
                x, y, zoom, told = 0.0, 0.0, 1.0, ""
                continue
            x, y, zoom = x + step.x, y + step.y, zoom * step.zoom
            now = self._direction(x, y, zoom)
            if now and now != told:
                told = now
                main = self._main(take.first + i + 1)
                groups = (main,) if main is not None and now == "closes in" else ()
                way = (
                    ("right" if x < 0 else "left") if abs(x) > abs(y) else "down" if y < 0 else "up"
                )
                what: What = "tilts" if now == "pans" and way in ("up", "down") else now
                words = (way,) if now == "pans" else ()
                yield self._happening(what, take.first + i, 6, *groups, words=words)

    def _direction(
        self, x: float, y: float, zoom: float
    ) -> Literal["", "pans", "closes in", "widens"]:
        if zoom >= _ZOOMED:
            return "closes in"
        if zoom <= 1 / _ZOOMED:
            return "widens"
        return "pans" if max(abs(x), abs(y)) >= _PANNED else ""

    def _main(self, place: int) -> Group | None:
        """Give what is largest in a frame, where one kind stands out."""
        there = [one for one in self._take.things if one.first <= place <= one.last]
        if not there:
            return None
        name = there[0].name
        count = sum(one.name == name for one in there)
        return Group(name, 1 if count == 1 else -1)

    # --- what else may be told ----------------------------------------------------------------

    def _detail(self) -> Iterator[Happening]:
        late = [
            i for i in range(self._take.first, self._take.last + 1)
            if self._times[i] >= self._begin_s + _DETAIL_S
        ]  # fmt: skip
        if not late:
            return
        there = [o for o in self._take.things if o.first <= late[0] <= o.last and o.centres]
        names = Counter(one.name for one in self._take.things)
        for one in there:
            known = one.name in _PAINTED and followed.covered(one, there) <= _ALONE
            colour = _colour(one) if known else ""
            if names[one.name] == 1 and one.share >= _MAIN_SHARE and colour:
                yield self._happening(
                    "detail", late[0], 2, Group(one.name), words=(colour,), key=id(one)
                )
                return
        about = self._shown.about
        scenes = about.movement if about is not None else ()
        mine = [
            m for m in scenes if m.start_s <= self._begin_s + 0.5 and m.end_s >= self._end_s - 0.5
        ]
        moves = any(followed.is_moved(step) for step in self._take.shifts)  # what it passes stirs
        unknown = None in self._take.shifts and not moves
        if unknown and mine and mine[0].amount in ("moderate", "strong"):
            place = mine[0].place
            yield self._happening("stirs", late[0], 1, words=(place or "",), lasts_s=12.0)


def _unnamed(one: Followed) -> Group:
    """Call animals that were not told apart: one, or several where several were seen at once."""
    return Group(one.name, 1 if one.most == 1 else -1)


def _is_drawn(part: Sequence[Exhibit]) -> bool:
    return 2 * sum(e.survey.look.kind == "photograph" for e in part) <= len(part)


def _third(x: float) -> str:
    return "left" if x < 0.34 else "right" if x > 0.66 else "middle"


def _colour(one: Followed) -> str:
    """Name the colour of a thing's middle, where most of its frames agree on one."""
    named = [name for _, name in phrases.of_known_colour(one.things)]
    if not named or 2 * len(named) < len(one.things):
        return ""
    name, most = Counter(named).most_common(1)[0]
    return name if most >= _EXACT * len(named) and " or " not in name else ""
