"""What the tests run in, made the same for whoever starts them, and from wherever."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import ssl
import sys
import tempfile
from functools import cache
from pathlib import Path

# What a person may have set for their own use of what is tested, or of what it stands on.
_OWN = ("SIGHTLINE_", "OPENAI_", "HF_", "XDG_", "LC_", "OTEL_", "GRADIO_", "RAY_", "PROMETHEUS_")
_NAMES = {
    "http_proxy", "https_proxy", "all_proxy", "no_proxy", "lang", "language", "tz", "columns", "lines",
    "term", "no_color", "force_color", "clicolor", "clicolor_force", "curl_ca_bundle",
    "requests_ca_bundle", "ssl_cert_file", "ssl_cert_dir", "netrc",
}  # fmt: skip


def settle() -> None:
    """Settle the signals, the environment, the home, the umask and the working directory.

    Commands that tests start inherit them all.
    """
    # What a shell leaves to run by itself (`nohup`, `&` in a script) ignores these, and so would a
    # command that a test interrupts. A handler here is none after exec: commands get the default,
    # and this process goes on ignoring the signals.
    for each in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        if signal.getsignal(each) is signal.SIG_IGN:
            signal.signal(each, lambda *_: None)
    for name in list(os.environ):
        if name.startswith(_OWN) or name.lower() in _NAMES:
            del os.environ[name]
    os.environ["LC_ALL"] = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    os.environ["TERM"] = "dumb"
    # Hundreds of processes import the package: what was compiled for one is kept for the next.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    # The extra `voice` is installed where tests run: those that are not of it speak at once.
    os.environ["SIGHTLINE_SPEECH"] = "espeak"
    home = tempfile.mkdtemp(prefix="sightline-home-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ["HOME"] = home
    os.umask(0o022)
    os.chdir(Path(__file__).parents[1])


def trust_once() -> None:
    """Have clients of this process share what it trusts: to load that takes 20 ms for each of hundreds."""
    import httpcore2

    load = httpcore2.default_ssl_context

    @cache
    def loaded(trust_env: bool, *named: str | None) -> ssl.SSLContext:
        return load(_trust_env=trust_env)

    def default_ssl_context(*, _trust_env: bool = True) -> ssl.SSLContext:
        return loaded(_trust_env, *map(os.environ.get, ("SSL_CERT_FILE", "SSL_CERT_DIR")))

    httpcore2.default_ssl_context = default_ssl_context


def uncounted() -> dict[str, str]:
    """Give the environment of a process that may write nothing: not even which lines it ran."""
    return {name: said for name, said in os.environ.items() if not name.startswith("COVERAGE_")}
