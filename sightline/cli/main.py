"""`sightline`: finds the command and runs it; errors become one line on stderr.

Exit codes: 0 done, 1 failed (of `retiring`: some found), 2 wrong use, 130 interrupted.
"""

from __future__ import annotations

import sys
from importlib import import_module

from sightline import __version__
from sightline.cli.screen import complain
from sightline.errors import SightlineError, UsageError

COMMANDS = {
    "ask": 'Ask about pictures: sightline ask receipt.png "What is the total?"',
    "decide": 'How likely answers are: sightline decide photo.jpg --question "Is there a cat?"',
    "describe": "A film in words: sightline describe film.mp4",
    "narrate": "A film with a voice over it: sightline narrate film.mp4",
    "watch": "A camera or stream in words: sightline watch 0",
    "bulk": 'The same question over many: sightline bulk FOLDER "QUESTION" --out FILE',
    "inspect": "What a model will see of pictures, and miss: sightline inspect photo.jpg",
    "tokens": "What pictures cost before they are sent: sightline tokens photo.jpg",
    "models": "Open models for this machine: sightline models",
    "retiring": "Models in your code that OpenAI ends: sightline retiring FOLDER",
    "voices": "Who speaks under which name: sightline voices --sample FOLDER",
    "pull": "Download a model: sightline pull smolvlm2-500m",
    "use": "Answer with a model from now on: sightline use smolvlm2-500m",
    "rm": "Delete a downloaded model: sightline rm smolvlm2-500m",
    "keys": "API keys of a server: sightline keys add NAME",
    "doctor": "What this machine has for the engines, and lacks",
    "completion": "Completion for a shell: sightline completion bash",
    "conformance": "How a server keeps to the API: sightline conformance --base-url URL",
    "playground": "A page for people: sightline playground --base-url URL",
    "mcp": "Tools for agents, over MCP: sightline mcp --root FOLDER",
    "serve": "Serve the API for any OpenAI client: sightline serve --port 8000",
}


def usage() -> str:
    """Write the top-level help."""
    lines = [
        "Sightline: ask about pictures, here or over OpenAI's vision API.",
        "",
        "usage: sightline COMMAND [OPTIONS]",
        "",
        *(f"  {name:<12}{text}" for name, text in COMMANDS.items()),
        "",
        "  sightline COMMAND --help tells more; sightline --version tells the version.",
    ]
    return "\n".join(lines)


_FIRST = """\
Sightline: ask about pictures and films, here or over OpenAI's vision API.

  sightline ask photo.jpg "What does the sign say?"   a question about pictures
  sightline ask photo.jpg                             a conversation about them
  sightline describe film.mp4 --timeline              a film in words
  sightline narrate film.mp4                          a film with a voice over it
  sightline watch 0                                   a camera, a line at a time
  sightline serve                                     the API, for any OpenAI client
  sightline doctor                                    what is missing, and how to mend it
  sightline --help                                    every command"""


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    if not arguments:
        print(_FIRST)
        return 0
    if arguments[0] in ("-h", "--help", "help"):
        print(usage())
        return 0
    if arguments[0] in ("-V", "--version"):
        print(f"sightline {__version__}")
        return 0
    name = arguments[0]
    if name not in COMMANDS:
        complain("sightline", f"there is no command {name!r}. Commands: {', '.join(COMMANDS)}.")
        return 2
    try:
        return int(import_module(f"sightline.cli.{name}").run(arguments[1:]))
    except UsageError as error:
        complain(f"sightline {name}", error.line)
        return 2
    except SightlineError as error:
        complain(f"sightline {name}", error.line)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output went away; keep Python from saying so at exit.
        sys.stderr.close()
        return 1


if __name__ == "__main__":
    sys.exit(main())
