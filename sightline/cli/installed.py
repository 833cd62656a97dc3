"""What installed packages bring: engines and voices, named by the help and by doctor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sightline.cli import parsing

if TYPE_CHECKING:
    from sightline.plugins import Registry


class InstalledParser(parsing.Parser):
    """A parser whose help ends with the installed engines and voices that its flags may name."""

    def format_help(self) -> str:
        """Write the help."""
        return super().format_help() + self.installed()

    def installed(self) -> str:
        """Name the installed engines and voices, where there are any to name."""
        flags = {flag for action in self._actions for flag in action.option_strings}
        lines = []
        for flag, (noun, registry) in registries().items():
            found = [f"{each.name} ({each.package})" for each in registry.installed()]
            if flag in flags and found:
                lines.append(f"\nInstalled {noun}: {', '.join(found)}.\n")
        return "".join(lines)


def registries() -> dict[str, tuple[str, Registry[Any]]]:
    """Give the tables of what a flag can name, each with the word for what is in it."""
    from sightline.engines.engine import ENGINES
    from sightline.hearing.transcriber import SOURCES as HEARING
    from sightline.voices.voice import SOURCES

    return {
        "--engine": ("engines", ENGINES),
        "--speech": ("sources of voices", SOURCES),
        "--hearing": ("sources of transcripts", HEARING),
    }


def advice() -> list[str]:
    """Say which installed engines and voices cannot be had by their names."""
    return [
        f"{each.package} brings {noun} under the name {each.name}, which stays the built-in one's; "
        f"give {flag} its class, as package.module:Class."
        for flag, (noun, registry) in registries().items()
        for each in registry.hidden()
    ]
