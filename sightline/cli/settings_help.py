"""The help of `sightline serve`: its settings in groups, the usual ones first.

`--help` shows what most people set, `--help-all` everything.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from shutil import get_terminal_size
from typing import Any

from sightline.cli.installed import InstalledParser
from sightline.cli.use import with_used
from sightline.errors import SightlineError
from sightline.settings import TABLE, Setting, load

_COLUMN, _WIDEST = 26, 100
_MIB = 1024 * 1024
# What is in `--help`; the rest of each group is in `--help-all`.
_USUAL: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Where it listens", ("host", "port", "uds", "tls_cert", "tls_key")),
    ("Who answers", ("engine", "model", "upstream_url", "upstream_key", "models_dir", "assist",
                     "redact")),
    ("Who may ask", ("keys", "requests_per_minute", "cors_origins", "trusted_hosts")),
    ("What is taken", ("max_request_bytes", "max_images", "allow_private_urls", "allowed_hosts")),
    ("Page and voices", ("playground", "speech", "speech_url", "hearing", "hearing_url")),
    ("How it runs", ("workers", "threads", "max_active", "zero_retention", "admin_port",
                     "log_format", "log_level")),
)  # fmt: skip
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
        groups = [(title, [rows[name] for name in names]) for title, names in _USUAL]
        hidden = len(TABLE) - sum(len(settings) for _, settings in groups)
        text = self._written(groups)
        return f"{text}\nsightline serve --help-all tells of {hidden} more.\n"

    def format_all(self) -> str:
        """Write the help with every setting."""
        usual = {name: title for title, names in _USUAL for name in names}
        groups: dict[str, list[Setting]] = {title: [] for title in (*dict(_USUAL), _LAST)}
        for row in TABLE:
            groups[usual.get(row.name) or _group(row.name)].append(row)
        return self._written(groups.items())

    def _written(self, groups: Iterable[tuple[str, Sequence[Setting]]]) -> str:
        width = min(get_terminal_size((_WIDEST, 24)).columns, _WIDEST) - 1
        lines = [f"usage: {self.usage}", "", *textwrap.wrap(str(self.description), width)]
        for title, rows in groups:
            lines += ["", f"{title}:"]
            for row in rows:
                lines += _line(_flag(row), f"{row.help}{_default(row)}", width)
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
