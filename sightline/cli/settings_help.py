"""The help of `sightline serve`: its settings in groups, the usual ones first.

`--help` shows what most people set, `--help-all` everything.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from shutil import get_terminal_size
from types import MappingProxyType
from typing import Any

from sightline.cli.installed import InstalledParser
from sightline.cli.use import with_used
from sightline.errors import SightlineError
from sightline.settings import TABLE, Setting, load

_COLUMN, _WIDEST = 29, 100
_MIB = 1024 * 1024
# What is in `--help`, in a line each; the rest, and all in whole sentences, in `--help-all`.
_USUAL: dict[str, dict[str, str]] = {
    "Where it listens": {
        "host": "Address.",
        "port": "Port; 0 picks a free one.",
        "uds": "Unix socket in place of host and port.",
        "tls_cert": "Certificate (PEM) for HTTPS.",
        "tls_key": "Its private key (PEM).",
    },
    "Who answers": {
        "engine": "nano, reader, llamacpp, upstream.",
        "model": "Of `sightline models`, a GGUF file, or upstream's.",
        "upstream_url": "Base URL of the server behind upstream.",
        "upstream_key": "Its API key.",
        "models_dir": "Folder of models.",
        "assist": "Tell a model what can be read.",
        "redact": "Cover faces, codes, text:email, text:phone …",
    },
    "Who may ask": {
        "keys": "required, off or auto.",
        "requests_per_minute": "Of one key to one model; 0 for any.",
        "cors_origins": "Web pages that may ask, by their origins.",
        "trusted_hosts": "Names that it has behind a proxy.",
    },
    "What is taken": {
        "max_request_bytes": "Largest body.",
        "max_images": "Pictures in one request.",
        "allow_private_urls": "Fetch from private addresses too.",
        "allowed_hosts": "Fetch pictures from these hosts alone.",
    },
    "Page and voices": {
        "playground": "The page, at / and /playground.",
        "speech": "espeak, kokoro, upstream.",
        "speech_url": "Base URL of the server behind upstream.",
        "hearing": "whisper, upstream.",
        "hearing_url": "Base URL of the server behind upstream.",
    },
    "How it runs": {
        "workers": "Server processes on one port.",
        "threads": "Threads of pictures; 0 for each core.",
        "max_active": "Requests at once; more get a 503.",
        "zero_retention": "Keep nothing that is answered.",
        "admin_port": "Of /metrics, on 127.0.0.1; 0 for none.",
        "log_format": "text, json.",
        "log_level": "debug, info, warning, error.",
    },
}
# Of the rest, a setting is of the first group in which a beginning of its name stands.
_BEGINNINGS = {
    "Where it listens": ("host",),
    "Page and voices": ("speech", "max_speech", "max_narr", "narrat", "hearing", "max_audio",
                        "max_transcr"),
    "Files and batches": ("files_", "file_keep", "max_batch", "max_open", "batch_", "responses_",
                          "max_kept"),
    "Who may ask": ("keys", "requests_", "tokens_", "limits_"),
    "How it runs": ("drain", "admin", "otel", "log_", "max_active", "max_held", "max_request_held",
                    "max_running", "max_queue", "body_", "keep_alive"),
    "What is taken": ("max_image", "max_video", "max_file", "max_source", "max_request",
                      "image_decode", "video_", "file_draw", "fetch", "private", "allowed", "views",
                      "lower_", "refuse_"),
    "Who answers": ("",),
}  # fmt: skip
_LAST = "Files and batches"


class SettingsParser(InstalledParser):
    """A parser whose help has the settings in groups."""

    def format_help(self) -> str:
        """Write the short help."""
        rows = {row.name: row for row in TABLE}
        groups = [(title, [rows[name] for name in names]) for title, names in _USUAL.items()]
        hidden = len(TABLE) - sum(len(settings) for _, settings in groups)
        text = self._written(
            groups, {n: told for names in _USUAL.values() for n, told in names.items()}
        )
        return f"{text}--help-all tells of {hidden} more, and more of each.\n"

    def format_all(self) -> str:
        """Write the help with every setting."""
        usual = {name: title for title, names in _USUAL.items() for name in names}
        groups: dict[str, list[Setting]] = {title: [] for title in (*_USUAL, _LAST)}
        for row in TABLE:
            groups[usual.get(row.name) or _group(row.name)].append(row)
        return self._written(groups.items())

    def _written(
        self,
        groups: Iterable[tuple[str, Sequence[Setting]]],
        brief: Mapping[str, str] = MappingProxyType({}),
    ) -> str:
        width = min(get_terminal_size((_WIDEST, 24)).columns, _WIDEST) - 1
        lines = [f"usage: {self.usage}", "", *textwrap.wrap(str(self.description), width)]
        for title, rows in groups:
            lines += ["", f"{title}:"]
            for row in rows:
                lines += _line(_flag(row), f"{brief.get(row.name, row.help)}{_default(row)}", width)
        lines += ["", "Itself:"]
        for action in self._actions:
            if action.dest not in {row.name for row in TABLE}:
                flags = ", ".join(action.option_strings)
                shown = f"{flags} {action.metavar}" if action.metavar else flags
                lines += _line(shown, action.help or "", width)
        lines += ["", *textwrap.wrap(str(self.epilog), width, break_on_hyphens=False)]
        if changed := _changed():
            lines += textwrap.wrap(f"Set otherwise here: {changed}.", width, break_on_hyphens=False)
        return "\n".join([*lines, self.installed()]).rstrip() + "\n"


class HelpAll(argparse.Action):
    """The flag `--help-all`."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help, default=argparse.SUPPRESS)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any, **__: Any) -> None:
        """Print it and end."""
        if isinstance(parser, SettingsParser):
            sys.stdout.write(parser.format_all())
        parser.exit()


def default(row: Setting) -> str:
    """Write a default as it is said; empty where the row's own words say what none means."""
    if isinstance(row.default, bool):
        return "on" if row.default else "off"
    if row.name.endswith("_bytes"):
        return f"{row.default} ({int(row.default) // _MIB} MiB)"
    return f"{row.default:g}" if isinstance(row.default, float) else str(row.default)


def _default(row: Setting) -> str:
    told = default(row)
    return f" Default: {told}." if told else ""


def _group(name: str) -> str:
    return next(title for title, starts in _BEGINNINGS.items() if name.startswith(starts))


def _flag(row: Setting) -> str:
    if isinstance(row.default, bool):
        return f"--[no-]{row.flag.removeprefix('--')}"
    return f"{row.flag} {_value(row)}"


def _value(row: Setting) -> str:
    if isinstance(row.default, str):
        return "TEXT"
    return "SECONDS" if row.name.endswith("_s") else "N"


def _line(flag: str, text: str, width: int) -> Iterator[str]:
    wrapped = textwrap.wrap(text, max(20, width - _COLUMN), break_on_hyphens=False)
    if len(flag) > _COLUMN - 4:
        yield f"  {flag}"
    else:
        yield f"  {flag:<{_COLUMN - 2}}{wrapped.pop(0)}"
    for each in wrapped:
        yield " " * _COLUMN + each


def _changed() -> str:
    """Name what the environment, the settings file or `sightline use` set; empty for nothing."""
    try:
        now = with_used(load())
    except SightlineError:
        return ""  # `serve` itself says what is wrong; help is to be had all the same
    told = []
    for row in TABLE:
        value = getattr(now, row.name)
        if value != row.default:
            told.append(f"{row.flag} {'***' if row.secret else value}")
    return ", ".join(told)
