"""The page: its tabs, and which button does what. All work goes over the API, in `client`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

# Before Gradio is imported: it tells its maker of every page otherwise.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import gradio as gr

from sightline.asking import Asker
from sightline.describing import Hearer, Wish, clock, describe
from sightline.errors import SightlineError, UsageError
from sightline.keys import credential
from sightline.media.reading import Order, reading
from sightline.narrating import STYLE, NarrateHearer, NarrateWish, Segment, narrate
from sightline.notes import About
from sightline.playground import client
from sightline.playground.client import Server
from sightline.playground.visitors import Visitors
from sightline.settings import Settings
from sightline.speaking import Speaker
from sightline.types import Detail, Sampling
from sightline.voices.voice import NAMES

_DETAILS = ["auto", "low", "high"]
_HOW = {
    "evenly": "Evenly",
    "scenes": "At changes of scene",
    "budget": "As a budget of tokens pays for",
}
_FULL = UsageError("The server's disk is full.", hint="Try again in a few minutes.")
# What is quick goes past Gradio's queue: at its end the queue's stream is closed, and what was
# asked for in that very moment is lost with it.
_AT_ONCE: dict[str, Any] = {"queue": False, "show_progress": "hidden"}
CSS = """
.gradio-container { max-width: min(1180px, 100vw) !important; min-width: 0 !important;
  margin: 0 auto !important; }
.gradio-container .main, .gradio-container .contain, .gradio-container .column,
.gradio-container .tabitem { min-width: 0; max-width: 100% !important; }
.gradio-container .row > * { min-width: min(150px, 100%) !important; }
.gradio-container .row > .column { min-width: min(320px, 100%) !important; }
#video-strip .grid-container {
  grid-template-columns: repeat(auto-fill, minmax(110px, 1fr)) !important; }
footer { display: none !important; }
.tiles { position: relative; max-width: 100%; max-height: 460px; margin: 0 auto; }
.tiles > * { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: fill; }
.tiles rect { fill: none; stroke: #e6285a; stroke-width: 3; vector-effect: non-scaling-stroke; }
#title { overflow: visible !important; }
#title h1 { margin: 0.4em 0 0; font-size: 1.5rem; }
button[role=tab] { padding-inline: 0.7em !important; }
button[role=tab].selected { color: var(--link-text-color) !important; }
.download-link { color: var(--link-text-color) !important; }
.told { opacity: 0.85; font-size: 0.9em; }
.told p { margin: 0.15em 0; }
.gradio-container .buttons > button { min-width: 0 !important; flex: 1 1 0 !important;
  align-self: stretch; padding-inline: 0.5em; font-size: 1rem; }
"""


def theme() -> Any:
    """Make the theme: typefaces of the reader's own machine, nothing from elsewhere."""
    return gr.themes.Default(
        primary_hue="blue",
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
        text_size=gr.themes.sizes.text_md,
    ).set(
        block_label_background_fill="*background_fill_secondary",
        block_label_background_fill_dark="*background_fill_secondary",
        block_label_text_color="*body_text_color",
        block_label_text_color_dark="*body_text_color",
        block_title_background_fill="none",
        block_title_background_fill_dark="none",
        block_title_padding="0",
        block_title_text_color="*body_text_color",
        block_title_text_color_dark="*body_text_color",
        # White and blue, and greys, far enough apart to be read: 4.5 to 1 or more.
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_dark="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        checkbox_label_background_fill_selected="*primary_700",
        checkbox_label_background_fill_selected_dark="*primary_700",
        checkbox_label_text_color_selected="white",
        checkbox_label_text_color_selected_dark="white",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_300",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        color_accent="*primary_700",
        link_text_color="*primary_700",
        link_text_color_dark="*primary_300",
    )


def build(base_url: Callable[[], str], settings: Settings, visitors: Visitors) -> Any:
    """Make the page. `base_url` tells, once it is asked for, which server answers.

    What a browser sends was checked by `guard`; what is made for it lies with its visitor's files.
    """
    with gr.Blocks(title="Sightline", analytics_enabled=False) as page:
        gr.Markdown("# Sightline", elem_id="title")
        with gr.Accordion("Server", open=False), gr.Row():
            key = gr.Textbox(
                label="API key", type="password", value="", placeholder="none is needed here"
            )
            model = gr.Dropdown(label="Model", choices=[], allow_custom_value=True)
        with gr.Tabs():
            with gr.Tab("Ask", id="ask"):
                looking = _ask(base_url, key, model)
            with gr.Tab("Video", id="video"):
                _video(base_url, settings, visitors, key, model)
            with gr.Tab("Narrate", id="narrate"):
                _narrate(base_url, settings, visitors, key, model)
            with gr.Tab("Compare", id="compare"):
                _compare(base_url, key, model)

        async def models(key_: str, request: gr.Request) -> Any:
            try:
                found = await Server(base_url(), _key(key_, request)).models()
            except SightlineError:
                return gr.update()  # the first question tells what is wrong
            ours = ("sightline-nano", "sightline-reader", "gpt-4o")
            usual = next((model for model in ours if model in found), None)
            return gr.update(choices=found, value=usual or (found[0] if found else None))

        # What a picture costs depends on the model, which is known only now.
        known = page.load(models, key, model, **_AT_ONCE)
        known.then(*looking, **_AT_ONCE)
        key.submit(models, key, model, **_AT_ONCE)
    return page


def _paths(gallery: Any) -> list[str]:
    """Give the files that a gallery shows."""
    return [str(item[0] if isinstance(item, tuple | list) else item) for item in gallery or []]


def _sources(gallery: Any, urls: str) -> list[str]:
    """Give files that were uploaded, and URLs. Raises `UsageError` for a line that is none.

    What is typed is never taken for a path: it would be one of the server's.
    """
    lines = [line.strip() for line in (urls or "").splitlines() if line.strip()]
    for line in lines:
        if not client.is_web(line):
            raise UsageError("That is not a URL.", hint="It begins with http:// or https://.")
    return [*_paths(gallery), *lines]


def _key(typed: str, request: gr.Request) -> str:
    """Give the key that is typed in, else the one that the browser was asked for."""
    return typed.strip() or credential(request.headers.get("authorization", ""), basic=True)


def _detail(name: str) -> Detail:
    return cast(Detail, name if name in _DETAILS else "auto")


def _wrong(error: SightlineError) -> gr.Error:
    return gr.Error(client.sentence(error), duration=None, print_exception=False)


def _ask(base_url: Callable[[], str], key: Any, model: Any) -> tuple[Any, Any, Any]:
    """Make the tab; give how its costs are told: the function, its inputs and its outputs."""
    # What was said lies with the server: the pictures' paths, the turns as texts, and what the chat
    # shows. A browser is shown it, and never asked for it.
    talk = gr.State({})
    with gr.Row():
        with gr.Column(scale=5):
            gallery = gr.Gallery(
                label="Pictures: drop, paste, or take one", interactive=True, height=260, columns=3,
                sources=["upload", "webcam", "clipboard"], file_types=["image"], type="filepath",
                elem_id="ask-pictures", buttons=[], object_fit="contain",
            )  # fmt: skip
            urls = gr.Textbox(label="Or by URL, one a line", value="", lines=1, max_lines=4)
            instruction = gr.Textbox(
                label="Question", value=client.INSTRUCTION, lines=2, elem_id="ask-question"
            )
            attributes = gr.Textbox(
                label="JSON attributes",
                info="A list of attributes, or a JSON schema; empty for an answer in words.",
                placeholder="- name: name of the object\n- color: color of the object",
                lines=2, elem_id="ask-attributes",
            )  # fmt: skip
            with gr.Row():
                detail = gr.Radio(_DETAILS, value="auto", label="Detail")
                tiles = gr.Checkbox(label="Show the tiles", value=False)
            cost = gr.Markdown(elem_classes="told", elem_id="ask-cost")
            shown = gr.HTML(visible=False, elem_id="ask-tiles")
            with gr.Row(elem_classes="buttons"):
                send = gr.Button("Ask", variant="primary", elem_id="ask-send")
                stop = gr.Button("Stop", elem_id="ask-stop")
                again = gr.Button("Begin anew")
        with gr.Column(scale=6):
            chat = gr.Chatbot(
                label="Answer", height=460, elem_id="ask-chat", buttons=["copy"],
                placeholder="The answer comes here, and what follows is about the same pictures.",
            )  # fmt: skip
            spent = gr.Markdown(elem_classes="told", elem_id="ask-spent")
            with gr.Accordion("The request", open=False):
                curl = gr.Code(label="curl", language="shell", interactive=False)
                python = gr.Code(label="Python", language="python", interactive=False)

    def look(gallery_: Any, urls_: str, model_: str, detail_: str, tiles_: bool) -> Any:
        try:
            sources = _sources(gallery_, urls_)
        except SightlineError as error:
            return client.sentence(error), gr.update(visible=False)
        said = client.costs(sources, model_, _detail(detail_)) if sources else ""
        drawn = client.tiled(sources[0], model_, _detail(detail_)) if tiles_ and sources else ""
        return said, gr.update(value=drawn, visible=bool(drawn))

    looked = [gallery, urls, model, detail, tiles]
    for each in looked:
        each.change(look, looked, [cost, shown], **_AT_ONCE)

    async def ask(
        key_: str, model_: str, gallery_: Any, urls_: str, instruction_: str, attributes_: str,
        detail_: str, talk_: dict[str, Any], request: gr.Request,
    ) -> AsyncGenerator[Any]:  # fmt: skip
        try:
            pictures = talk_.get("pictures") or (_sources(gallery_, urls_), _detail(detail_))
            if not pictures[0]:
                raise UsageError("There is no picture.", hint="Drop one, paste one or give a URL.")
            turn, more = client.question(instruction_, attributes_, (), pictures[1])
            turns = [*talk_.get("turns", ()), turn]
            messages = await asyncio.to_thread(client.pictured, turns, *pictures)
            body = {"model": model_ or "gpt-4o", "messages": messages, **more}
            written = client.as_curl(base_url(), body), client.as_python(base_url(), body)
            said = [*talk_.get("shown", ()), {"role": "user", "content": instruction_.strip()}]
            async with aclosing(Server(base_url(), _key(key_, request)).ask(body)) as answers:
                async for answer in answers:
                    text = _fenced(answer.text) if more else answer.text
                    grown = [*said, {"role": "assistant", "content": text or "…"}]
                    told = [*turns, {"role": "assistant", "content": answer.text}]
                    kept = {"pictures": pictures, "turns": told, "shown": grown}
                    yield grown, kept, answer.cost, *written
        except SightlineError as error:
            raise _wrong(error) from None

    outputs = [chat, talk, spent, curl, python]
    inputs = [key, model, gallery, urls, instruction, attributes, detail, talk]
    asking = gr.on([send.click, instruction.submit], ask, inputs, outputs, show_progress="minimal",
                   concurrency_limit=None)  # fmt: skip
    stop.click(None, None, None, cancels=[asking])
    again.click(lambda: ([], {}, "", "", ""), None, outputs, **_AT_ONCE)
    chat.clear(lambda: ({}, "", "", ""), None, outputs[1:], **_AT_ONCE)
    # Other pictures are another conversation.
    gr.on([gallery.change, urls.change], lambda: ({}, []), None, [talk, chat], **_AT_ONCE)
    return look, looked, [cost, shown]


def _folder(visitors: Visitors, request: gr.Request) -> Path:
    """Make a folder for files of the page's visitor. Raises `gr.Error`. Reads the disk."""
    try:
        return visitors.made(request.session_hash)
    except SightlineError as error:
        raise _wrong(error) from None
    except OSError:
        raise _wrong(_FULL) from None


def _drawn(pixels: Any, path: Path) -> str:
    """Write a picture among its visitor's files; give its path. Raises `gr.Error`."""
    from PIL import Image

    try:
        Image.fromarray(pixels).save(path)
    except OSError:
        path.unlink(missing_ok=True)
        raise _wrong(_FULL) from None
    return str(path)


def _fenced(text: str) -> str:
    return f"```json\n{text}\n```" if text.lstrip().startswith(("{", "[")) else text


def _sampling(how: str, frames: float, budget: float) -> Sampling:
    if how == _HOW["scenes"]:
        return Sampling(scenes=True, most=max(1, int(frames)))
    if how == _HOW["budget"]:
        return Sampling(budget=max(1, int(budget)))
    return Sampling(frames=max(1, int(frames)))


def _asker(base_url: str, settings: Settings, key: str, model: str) -> Asker:
    return Asker(settings, base_url=base_url, api_key=key.strip() or "none", model=model or None)


def _film(id: str) -> Any:
    return gr.Video(label="Film", sources=["upload", "webcam"], height=300, elem_id=id, buttons=[])


def _path(film: str | None) -> Path:
    """Give an uploaded film's path. Raises `gr.Error` where there is none."""
    if not film:
        raise _wrong(UsageError("There is no film.", hint="Drop one, or take one."))
    return Path(film)


def _plan() -> tuple[Any, Any, Any]:
    how = gr.Radio(list(_HOW.values()), value=_HOW["evenly"], label="Frames")
    with gr.Row():
        frames = gr.Slider(1, 120, value=12, step=1, label="How many, at most")
        budget = gr.Number(value=20_000, label="Budget in tokens", precision=0)
    return how, frames, budget


def _video(
    base_url: Callable[[], str], settings: Settings, visitors: Visitors, key: Any, model: Any
) -> None:
    with gr.Row():
        with gr.Column(scale=5):
            film = _film("video-film")
            how, frames, budget = _plan()
            prompt = gr.Textbox(
                label="Question", value="", placeholder="Empty for a title and a description"
            )
            with gr.Row(elem_classes="buttons"):
                look = gr.Button("Show the frames", elem_id="video-look")
                send = gr.Button("Describe", variant="primary", elem_id="video-send")
                stop = gr.Button("Stop")
            told = gr.Markdown(elem_classes="told", elem_id="video-told")
        with gr.Column(scale=6):
            strip = gr.Gallery(
                label="Frames, with their times", columns=4, height=300, interactive=False,
                elem_id="video-strip", buttons=[], object_fit="contain",
            )  # fmt: skip
            said = gr.Markdown(elem_id="video-said", min_height=120)

    def facts(about: About, count: int, tokens: int) -> str:
        sound = "with sound" if about.audio else "without sound"
        return (
            f"{count} of {about.total} frames of {about.duration_s:.1f} s, {sound}: {tokens} tokens"
        )

    async def frames_of(
        film_: str | None,
        how_: str,
        frames_: float,
        budget_: float,
        model_: str,
        request: gr.Request,
    ) -> Any:
        order = Order(
            _sampling(how_, frames_, budget_),
            model_ or "gpt-4o",
            "low",
            threads=settings.worker_threads,
        )
        try:
            async with reading(_path(film_), order, "film") as read:
                folder = await asyncio.to_thread(_folder, visitors, request)
                seen = [
                    (_drawn(f.pixels, folder / f"{f.index}.jpg"), f"{f.time_s:.1f} s")
                    async for f in read.frames()
                ]
                return seen, facts(read.about, len(seen), read.tokens)
        except SightlineError as error:
            raise _wrong(error) from None

    look.click(frames_of, [film, how, frames, budget, model], [strip, told])

    async def describe_(
        film_: str | None, how_: str, frames_: float, budget_: float, prompt_: str, key_: str,
        model_: str, request: gr.Request,
    ) -> AsyncGenerator[Any]:  # fmt: skip
        wish = Wish(
            _path(film_), _sampling(how_, frames_, budget_), prompt=prompt_.strip() or None,
            threads=settings.worker_threads,
        )  # fmt: skip
        pieces: asyncio.Queue[str | None] = asyncio.Queue()
        noted = [""]

        def known(about: About, count: int) -> None:
            noted[0] = facts(about, count, 0).rpartition(":")[0]
            pieces.put_nowait("")

        hearer = Hearer(
            film=known,
            progress=lambda done, of: noted.__setitem__(0, f"{done} of {of} parts described"),
            piece=pieces.put_nowait,
        )

        async def work() -> Any:
            try:
                key = _key(key_, request)
                async with _asker(base_url(), settings, key, model_) as asker:
                    return await describe(wish, asker, hearer)
            finally:
                pieces.put_nowait(None)

        working = asyncio.create_task(work())
        text = ""
        try:
            while (piece := await pieces.get()) is not None:
                text += piece
                yield text or "…", noted[0]
            found = await working
            spent = found.spent.get("prompt_tokens", 0), found.spent.get("completion_tokens", 0)
            yield found.text, f"{noted[0]}; {spent[0]} tokens in, {spent[1]} out"
        except SightlineError as error:
            raise _wrong(error) from None
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    going = send.click(
        describe_, [film, how, frames, budget, prompt, key, model], [said, told],
        concurrency_limit=None,
    )  # fmt: skip
    stop.click(None, None, None, cancels=[going])


def _narrate(
    base_url: Callable[[], str], settings: Settings, visitors: Visitors, key: Any, model: Any
) -> None:
    with gr.Row():
        with gr.Column(scale=5):
            film = _film("narrate-film")
            style = gr.Textbox(label="Style", value=STYLE, lines=2)
            with gr.Row():
                voice = gr.Dropdown(list(NAMES), value="onyx", label="Voice")
                language = gr.Textbox(label="Language", value="en", max_lines=1)
                keep = gr.Checkbox(label="Keep the film's sound", value=True)
            with gr.Row(elem_classes="buttons"):
                write = gr.Button("Write the script", elem_id="narrate-write")
                speak = gr.Button("Speak it", variant="primary", elem_id="narrate-speak")
                stop = gr.Button("Stop")
            told = gr.Markdown(elem_classes="told", elem_id="narrate-told")
        with gr.Column(scale=6):
            table = gr.Dataframe(
                headers=["from (s)", "to (s)", "text"], datatype=["number", "number", "str"],
                column_count=3, type="array", interactive=True, wrap=True, label="Script",
                column_widths=["15%", "15%", "70%"], elem_id="narrate-script", buttons=[],
            )  # fmt: skip
            made = gr.Video(
                label="The narrated film", interactive=False, elem_id="narrate-made", buttons=[]
            )
            files = gr.Files(label="To keep", interactive=False, elem_id="narrate-files")

    async def run(wish: NarrateWish, key_: str, model_: str) -> AsyncGenerator[Any]:
        steps: asyncio.Queue[str | None] = asyncio.Queue()
        hearer = NarrateHearer(lambda name, share: steps.put_nowait(f"{name} … {share:.0%}"))
        # The voices are the server's, as the pictures are seen by the server's engine.
        spoken = replace(
            settings, speech="upstream", speech_url=base_url(), speech_key=key_.strip()
        )

        async def work() -> Any:
            speaker = Speaker(spoken)
            try:
                async with _asker(base_url(), settings, key_, model_) as asker:
                    return await narrate(wish, asker, speaker, hearer)
            finally:
                await speaker.close()
                steps.put_nowait(None)

        working = asyncio.create_task(work())
        try:
            while (step := await steps.get()) is not None:
                yield step
            yield await working
        except SightlineError as error:
            raise _wrong(error) from None
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    def wish(
        film_: str | None, style_: str, voice_: str, language_: str, keep_: bool
    ) -> NarrateWish:
        return NarrateWish(
            _path(film_), None, style=style_.strip() or STYLE, voice=voice_,
            language=language_.strip() or "en", keep_audio=keep_, threads=settings.worker_threads,
        )  # fmt: skip

    async def script(
        film_: str | None,
        style_: str,
        voice_: str,
        language_: str,
        keep_: bool,
        key_: str,
        model_: str,
        request: gr.Request,
    ) -> AsyncGenerator[Any]:
        asked = wish(film_, style_, voice_, language_, keep_)
        async with aclosing(run(asked, _key(key_, request), model_)) as given:
            async for each in given:
                if isinstance(each, str):
                    yield gr.update(), each
                else:
                    rows = [[round(s.start_s, 2), round(s.end_s, 2), s.text] for s in each.segments]
                    yield rows, f"{len(rows)} segments; change them as you like"

    async def film_out(
        film_: str | None, style_: str, voice_: str, language_: str, keep_: bool, rows: Any,
        key_: str, model_: str, request: gr.Request,
    ) -> AsyncGenerator[Any]:  # fmt: skip
        segments = tuple(_segments(rows))
        if not segments:
            raise _wrong(UsageError("There is no script.", hint="Write one, or have it written."))
        folder = await asyncio.to_thread(_folder, visitors, request)
        asked = replace(
            wish(film_, style_, voice_, language_, keep_),
            output=folder / "narrated.mp4", script=segments,
            also=frozenset({"srt", "vtt", "json", "mp3"}),
        )  # fmt: skip
        async with aclosing(run(asked, _key(key_, request), model_)) as given:
            async for each in given:
                if isinstance(each, str):
                    yield gr.update(), gr.update(), each
                else:
                    report = "; ".join(each.report) or "Every segment fits."
                    yield str(each.files[0]), [str(path) for path in each.files], report

    inputs = [film, style, voice, language, keep]
    writing = write.click(script, [*inputs, key, model], [table, told], concurrency_limit=None)
    speaking = speak.click(
        film_out, [*inputs, table, key, model], [made, files, told], concurrency_limit=None
    )
    stop.click(None, None, None, cancels=[writing, speaking])


def _segments(rows: Any) -> list[Segment]:
    """Read the table. Raises `gr.Error` for a row that is wrong."""
    found: list[Segment] = []
    for number, row in enumerate(rows or [], 1):
        if len(row) < 3 or not str(row[2] or "").strip():
            continue
        try:
            start, end = float(row[0]), float(row[1])
        except (TypeError, ValueError):
            raise _wrong(UsageError(f"Row {number} needs two times, in seconds.")) from None
        if end <= start or start < 0 or (found and start < found[-1].start_s):
            raise _wrong(
                UsageError(f"Row {number} does not follow in time: {clock(max(start, 0))}.")
            )
        found.append(Segment(start, end, " ".join(str(row[2]).split())))
    return found


def _compare(base_url: Callable[[], str], key: Any, model: Any) -> None:
    with gr.Row():
        gallery = gr.Gallery(
            label="Pictures", interactive=True, height=220, columns=3, type="filepath",
            sources=["upload", "webcam", "clipboard"], file_types=["image"],
            elem_id="compare-pictures", buttons=[], object_fit="contain",
        )  # fmt: skip
        question = gr.Textbox(label="Question", value=client.INSTRUCTION, lines=3)
    sides = []
    with gr.Row():
        for name, usual in (("One", "low"), ("Other", "high")):
            with gr.Column():
                other = gr.Textbox(
                    label=f"{name}: model", placeholder="the one chosen above", max_lines=1
                )
                detail = gr.Radio(_DETAILS, value=usual, label="Detail")
                said = gr.Markdown(elem_id=f"compare-{name.lower()}", min_height=120)
                sides.append((other, detail, said))
    with gr.Row(elem_classes="buttons"):
        send = gr.Button("Ask both", variant="primary", elem_id="compare-send")
        stop = gr.Button("Stop")

    async def ask(
        key_: str, model_: str, gallery_: Any, question_: str, one: str, detail_one: str,
        other: str, detail_other: str, request: gr.Request,
    ) -> AsyncGenerator[Any]:  # fmt: skip
        key = _key(key_, request)
        grown = asyncio.Event()
        texts = ["…", "…"]

        async def side(place: int, name: str, detail_: str) -> None:
            turn, more = client.question(question_, "", _paths(gallery_), _detail(detail_))
            body = {"model": name.strip() or model_ or "gpt-4o", "messages": [turn], **more}
            async with aclosing(Server(base_url(), key).ask(body)) as answers:
                async for answer in answers:
                    texts[place] = f"{answer.text}\n\n*{answer.cost}*"
                    grown.set()

        try:
            if not _paths(gallery_):
                raise UsageError("There is no picture.", hint="Drop one or paste one.")
            tasks = [
                asyncio.create_task(side(0, one, detail_one)),
                asyncio.create_task(side(1, other, detail_other)),
            ]
            try:
                while not all(task.done() for task in tasks):
                    waiting = asyncio.create_task(grown.wait())
                    await asyncio.wait([*tasks, waiting], return_when=asyncio.FIRST_COMPLETED)
                    waiting.cancel()
                    grown.clear()
                    yield tuple(texts)
                    failed: Sequence[Any] = [t for t in tasks if t.done() and t.exception()]
                    if failed:
                        failed[0].result()
                yield tuple(texts)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        except SightlineError as error:
            raise _wrong(error) from None

    inputs = [key, model, gallery, question, *(item for side in sides for item in side[:2])]
    going = send.click(ask, inputs, [side[2] for side in sides], concurrency_limit=None)
    stop.click(None, None, None, cancels=[going])
