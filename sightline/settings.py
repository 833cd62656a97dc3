"""Every setting, in one table; the only module that reads the environment or the settings file.

The table makes the flags of `sightline serve`, the SIGHTLINE_* variables, the keys of the TOML
file and the reference page. A flag beats the environment, which beats the file, which beats the
default. The file may also route public model names, each by a table `[models."NAME"]` that holds
rows of its own. `Settings` is frozen once read.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, cast, get_args

from sightline.errors import UsageError
from sightline.types import Effort

PREFIX = "SIGHTLINE_"
FILE_VARIABLE = PREFIX + "CONFIG"
MIB = 1024 * 1024
Value = int | float | bool | str


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table: the type is that of the default; the unit is in the name."""

    name: str
    default: Value
    help: str
    least: float | None = None
    route: bool = False
    secret: bool = False

    @property
    def flag(self) -> str:
        """The command-line flag."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable."""
        return PREFIX + self.name.upper()


def _row(
    default: Any,
    help: str,
    least: float | None = None,
    *,
    route: bool = False,
    secret: bool = False,
) -> Any:
    """Make a row; `route` ones may differ for a model, `secret` ones are never printed."""
    told = {"help": help, "least": least, "route": route, "secret": secret}
    return field(default=default, metadata=told, repr=not secret)


@dataclass(frozen=True, slots=True)
class Settings:
    """The table: each field is a row (name, type, default, help), frozen after start."""

    host: str = _row("127.0.0.1", "Address to listen on.")
    port: int = _row(8000, "Port to listen on; 0 picks a free one and prints it.", 0)
    engine: str = _row(
        "nano",
        "The engine that answers: nano (embedded, offline: measures, and sees what is drawn), "
        "reader (embedded: measures alone), llamacpp (an open model on this machine), upstream "
        "(another OpenAI-compatible server), mirror (says what it was sent), the name of an "
        "installed package's, or package.module:Class.",
        route=True,
    )
    model: str = _row(
        "",
        "What the engine runs. llamacpp: a name of `sightline models`, a GGUF file, REPO:QUANT of "
        "the Hugging Face hub, or auto for the best that was pulled and suits this machine. "
        "Several, separated by commas or named again, are loaded when a request asks for one, and "
        "the first answers to every other name; empty is every one that was pulled. "
        "upstream: the model's name there; empty passes on the one asked. "
        "Another's engine: whatever it takes.",
        route=True,
    )
    mmproj: str = _row(
        "", "The vision half of a GGUF model; empty finds mmproj*.gguf beside it.", route=True
    )
    draft: str = _row(
        "",
        "What drafts the answers of a model of llamacpp, which it checks, so that they come "
        "sooner: a GGUF file, of a small model with the same vocabulary or of a head for this one, "
        "or own for the heads in the model's own file.",
        route=True,
    )
    models_dir: str = _row("", "Where models are kept; empty for the user's data folder.")
    upstream_url: str = _row(
        "",
        "Base URL of the upstream, for example http://127.0.0.1:11434/v1. Of several, separated "
        "by commas, the first that can be reached answers.",
        route=True,
    )
    upstream_key: str = _row("", "The upstream's API key.", route=True, secret=True)
    upstream_kind: str = _row(
        "auto",
        "What the upstream is: openai, vllm, sglang, ollama, llamacpp, sightline, other, or auto "
        "to find out.",
        route=True,
    )
    assist: bool = _row(
        False,
        "Put what can be read in a picture before the question, for models that read badly.",
        route=True,
    )
    redact: str = _row(
        "",
        "What is covered in pictures, frames and pages before another server gets them, separated "
        "by commas: text:PATTERN (lines in which a regular expression is found), text:card, "
        "text:email, text:phone, codes (QR and bar codes), faces (people as a whole, by the "
        "detector). Only what the measuring finds; embedded engines and llamacpp send nothing.",
        route=True,
    )
    profile: str = _row(
        "",
        "Size and count pictures as this model id does; empty for the id asked for.",
        route=True,
    )
    context: int = _row(
        0,
        "Most tokens of one exchange; 0 for what the model and the memory allow.",
        0,
        route=True,
    )
    max_output: int = _row(
        0, "Most tokens of an answer; 0 for what the model allows.", 0, route=True
    )
    slots: int = _row(
        0, "Requests that llamacpp works on at once; 0 as the memory allows.", 0, route=True
    )
    replicas: int = _row(
        0,
        "Processes of llamacpp for one model; with two, pictures are looked at in one while text "
        "is written in the other. 0 takes two where cores and memory allow.",
        0,
        route=True,
    )
    engine_threads: int = _row(
        0, "Threads of llamacpp; 0 leaves a core free for the rest.", 0, route=True
    )
    image_tokens: int = _row(
        0,
        "Most tokens that llamacpp makes of one picture; 0 for what suits the kind of model, 64 "
        "to 1280.",
        0,
        route=True,
    )
    image_min_tokens: int = _row(
        0,
        "Fewest tokens that llamacpp makes of one picture, which is enlarged for that; 0 for what "
        "the kind of model needs, for Qwen 1024, without which it cannot say where things are.",
        0,
        route=True,
    )
    reasoning_effort: str = _row(
        "none",
        "How much a model of llamacpp thinks before it answers, where a request does not say: "
        "none, minimal, low, medium, high, xhigh or max.",
        route=True,
    )
    reasoning_budget: int = _row(
        0,
        "Most tokens that a model of llamacpp may think in, never more than half of an answer's; "
        "0 for 128 to 32768 by the effort.",
        0,
        route=True,
    )
    gpu_layers: int = _row(
        -1,
        "Layers that llamacpp puts on a GPU, where its build has one; -1 for all.",
        -1,
        route=True,
    )
    model_keep_s: float = _row(
        300.0,
        "Seconds without a request after which a model of llamacpp is unloaded, where there are "
        "several; -1 keeps it. A single one is kept unless this is set.",
        -1,
        route=True,
    )
    max_models_bytes: int = _row(
        0,
        "Most bytes of memory that loaded models may take together; the one asked for longest ago "
        "makes room. 0 for nine tenths of what is free at the start.",
        0,
    )
    cache_mib: int = _row(
        256,
        "Memory for what was already looked at, in MiB for each process of llamacpp; 0 keeps none.",
        0,
        route=True,
    )
    cache_life_s: float = _row(
        3600.0, "Seconds after which what was looked at is looked at anew.", 1, route=True
    )
    zero_retention: bool = _row(
        False, "Keep nothing of a request once it is answered, in memory either."
    )
    responses_keep_s: float = _row(
        3600.0,
        "Seconds for which responses, conversations and stored completions are kept, in memory.",
        0,
    )
    max_kept_bytes: int = _row(
        256 * MIB, "Most bytes of what is kept in memory; the oldest go first.", 0
    )
    files_dir: str = _row("", "Where uploaded files are kept; empty for the user's data folder.")
    files_quota_bytes: int = _row(1024 * MIB, "Most bytes of uploaded files together.", 0)
    files_key_quota_bytes: int = _row(
        512 * MIB, "Most bytes of one key's uploaded files, where keys are needed.", 0
    )
    file_keep_s: float = _row(
        3600.0,
        "Seconds for which a picture or document is kept unless its upload says otherwise.",
        1,
    )
    engine_silence_s: float = _row(
        600.0,
        "Seconds that an engine may take for the next piece of an answer, or a model to load.",
        1,
        route=True,
    )
    threads: int = _row(0, "Threads that read pictures; 0 takes one for each core.", 0)
    max_request_bytes: int = _row(72 * MIB, "Largest request body, in bytes.", 1)
    max_image_bytes: int = _row(20 * MIB, "Largest single picture, encoded, in bytes.", 1)
    max_images: int = _row(500, "Most pictures in one request.", 1)
    max_images_bytes: int = _row(
        50 * MIB, "Most bytes of all pictures of one request together, encoded.", 1
    )
    max_image_pixels: int = _row(100_000_000, "Largest picture, in pixels, before scaling.", 1)
    max_source_pixels: int = _row(
        1_000_000_000, "Most pixels of all pictures of one request together, before scaling.", 1
    )
    image_decode_s: float = _row(
        2.0,
        "Seconds of processor time that decoding one picture may take, and a tenth of a second "
        "more for each megapixel of it.",
        0.1,
    )
    max_images_pixels: int = _row(
        600_000_000, "Most pixels of all pictures of one request together, after scaling.", 1
    )
    max_image_ratio: float = _row(
        200.0, "Longest side of a picture over its shortest; more is refused.", 1
    )
    max_video_bytes: int = _row(256 * MIB, "Largest single video, encoded, in bytes.", 1)
    max_videos: int = _row(8, "Most videos in one request.", 1)
    max_video_s: float = _row(14_400.0, "Longest video, in seconds.", 1)
    max_video_frames: int = _row(1500, "Most frames that are looked at in one video.", 1)
    video_decode_s: float = _row(60.0, "Seconds of work that decoding one video may take.", 1)
    max_file_bytes: int = _row(50 * MIB, "Largest single document (PDF), in bytes.", 1)
    max_files: int = _row(100, "Most documents in one request.", 1)
    max_file_pages: int = _row(100, "Most pages of all documents of one request together.", 1)
    file_draw_s: float = _row(
        60.0, "Seconds of work that drawing one document may take; a page of it, a quarter.", 1
    )
    max_batch_bytes: int = _row(200 * MIB, "Largest input file of a batch, in bytes.", 1)
    max_batch_requests: int = _row(50_000, "Most requests of one batch.", 1)
    max_batch_running: int = _row(8, "Requests of all batches that are worked on at once.", 1)
    max_open_batches: int = _row(100, "Most batches of one key that have not ended.", 1)
    batch_window_s: float = _row(
        86_400.0, "Seconds after which a batch ends, with what was answered until then.", 1
    )
    views: str = _row(
        "auto",
        "How an engine gets a picture at detail high: whole, tiles (overview, then 512-pixel "
        "tiles), or auto, as the engine sees best.",
    )
    lower_detail: bool = _row(
        False, "Lower pictures to detail low where a request would not fit the context, and say so."
    )
    refuse_captchas: bool = _row(True, "Refuse pictures of CAPTCHAs, as the API does.")
    keys: str = _row(
        "auto",
        "Whether requests need an API key of `sightline keys`: required, off, or auto, which needs "
        "none on loopback and on a Unix socket, and one everywhere else.",
    )
    keys_file: str = _row("", "Where keys are kept; empty for the user's data folder.")
    requests_per_minute: int = _row(
        0, "Most requests of one key to one model in a minute; 0 for any number.", 0
    )
    tokens_per_minute: int = _row(
        0, "Most tokens of one key with one model in a minute; 0 for any number.", 0
    )
    limits_url: str = _row(
        "memory://",
        "Where rate limits are counted: memory://, or redis://HOST:PORT/N for several servers.",
        secret=True,
    )
    limits_away: str = _row(
        "open",
        "What is done while Redis is away: open answers without limits, closed refuses with 503.",
    )
    max_active: int = _row(256, "Requests read, answered or waiting at once; more get a 503.", 1)
    max_held_bytes: int = _row(
        2048 * MIB,
        "Most bytes that all requests hold at once: bodies, what is fetched and decoded for them, "
        "pixels. More get a 503.",
        1,
    )
    max_request_held_bytes: int = _row(
        1280 * MIB, "Most bytes that one request may hold at once; more get a 413.", 1
    )
    max_running: int = _row(
        0,
        "Requests that one engine works on at once, others wait; 0 for what the engine can.",
        0,
        route=True,
    )
    max_queue: int = _row(
        128, "Requests that may wait for one engine; more get a 503.", 0, route=True
    )
    max_queue_s: float = _row(
        60.0, "Seconds that a request may wait for its engine; then it gets a 503.", 0, route=True
    )
    body_timeout_s: float = _row(
        30.0, "Seconds without a byte after which an upload, or a request's head, is given up.", 0.1
    )
    drain_s: float = _row(
        30.0, "Seconds that requests may go on after SIGTERM; then they end with an error.", 0
    )
    drain_delay_s: float = _row(
        0.0, "Seconds for which new requests are still taken after SIGTERM, /readyz being down.", 0
    )
    workers: int = _row(
        1, "Server processes on one port; each has engines and, in memory, limits of its own.", 1
    )
    uds: str = _row("", "Listen on a Unix socket at this path in place of host and port.")
    tls_cert: str = _row("", "Certificate (PEM) to serve HTTPS with; needs tls_key.")
    tls_key: str = _row("", "Its private key (PEM).")
    cors_origins: str = _row(
        "",
        "Origins of web pages that may ask this server, as https://app.example.com, separated by "
        "commas; empty for none but its own, * for any.",
    )
    trusted_hosts: str = _row(
        "",
        "Further names by which clients reach this server, as vision.example.com behind a proxy, "
        "separated by commas; *.example.com takes every name under it, * any. Loopback names are "
        "always taken, and elsewhere addresses too.",
    )
    admin_port: int = _row(
        0,
        "Port on 127.0.0.1 for /metrics, /healthz and /readyz; /metrics is then there alone. 0 for "
        "none: /metrics is then on the main port where no key is needed.",
        0,
    )
    admin_host: str = _row("127.0.0.1", "Address of the admin port.")
    otel: str = _row(
        "",
        "OpenTelemetry collector to send traces to (OTLP over HTTP), for example "
        "http://127.0.0.1:4318; needs the extra otel.",
    )
    otel_content: bool = _row(False, "Put questions and answers (no pictures) into the traces.")
    fetch_timeout_s: float = _row(20.0, "Seconds that fetching one picture by URL may take.", 0.001)
    allowed_hosts: str = _row(
        "",
        "Fetch pictures from these hosts alone, separated by commas; *.example.com takes every "
        "host under it. Empty takes all.",
    )
    allow_private_urls: bool = _row(
        False, "Fetch pictures from loopback and private addresses too (for a trusted network)."
    )
    private_networks: str = _row(
        "",
        "Private networks to fetch pictures from, as 10.1.0.0/16, separated by commas; any port.",
    )
    playground: bool = _row(True, "Serve the page for people at / and /playground.")
    speech: str = _row(
        "espeak",
        "Whose voices speak: espeak (embedded, robotic), kokoro (neural, after `sightline pull "
        "kokoro`), upstream (another OpenAI-compatible server), the name of an installed "
        "package's, or package.module:Class.",
    )
    speech_url: str = _row("", "Base URL of the server whose voices speak, with speech upstream.")
    speech_key: str = _row("", "Its key.", secret=True)
    speech_model: str = _row(
        "", "Its model, empty for the one asked for; with kokoro a folder that holds its files."
    )
    max_speech_chars: int = _row(
        4096, "Most characters of one text to speak. The API takes 4096; more are spoken too.", 1
    )
    max_speeches: int = _row(8, "Texts spoken at once.", 1)
    hearing: str = _row(
        "whisper",
        "Who writes down what is said: whisper (on this machine, by faster-whisper, after "
        "`sightline pull whisper-base`), upstream (another OpenAI-compatible server), the name of "
        "an installed package's, or package.module:Class.",
    )
    hearing_url: str = _row("", "Base URL of the server that hears, with hearing upstream.")
    hearing_key: str = _row("", "Its key.", secret=True)
    hearing_model: str = _row(
        "",
        "Its model, empty for the one asked for; with whisper a pulled model, or a folder that "
        "holds one, empty for the best that was pulled.",
    )
    max_audio_bytes: int = _row(25 * MIB, "Most bytes of a sound to transcribe.", 1)
    max_audio_s: float = _row(14_400.0, "Most seconds of one; 0 for any.", 0)
    max_transcriptions: int = _row(8, "Sounds taken at once to be transcribed; more get a 503.", 1)
    max_narrations: int = _row(1, "Films narrated at once; eight times as many may wait.", 1)
    narrations_quota_bytes: int = _row(
        4096 * MIB,
        "Most bytes on the disk of films to be narrated and narrated ones; more get a 503.",
        0,
    )
    narrations_key_quota_bytes: int = _row(
        2048 * MIB, "The same for one key's films, where keys are needed.", 0
    )
    narration_keep_s: float = _row(3600.0, "Seconds for which a narrated film is kept.", 1)
    keep_alive_s: float = _row(10.0, "Seconds of silence before a stream sends a comment.", 0.001)
    log_format: str = _row("text", "How lines are logged: text, or json, one object a line.")
    log_level: str = _row("info", "How much is logged to stderr: debug, info, warning or error.")

    # Public model names with settings of their own; not a row of the table.
    routes: tuple[tuple[str, Settings], ...] = field(default=(), metadata={"table": False})
    # The rows that were set at all, by whatever; of what is left, a default may be the user's own.
    named: frozenset[str] = field(
        default=frozenset(), metadata={"table": False}, compare=False, repr=False
    )

    @property
    def models_folder(self) -> Path:
        """Where models are kept."""
        return _data(self.models_dir, "models")

    @property
    def state_folder(self) -> Path:
        """Where unfinished work is kept until it is done: texts, never pictures."""
        return _user_folder("XDG_STATE_HOME", ".local/state") / "state"

    @property
    def keys_path(self) -> Path:
        """The file of API keys."""
        return _data(self.keys_file, "keys.sqlite")

    @property
    def files_folder(self) -> Path:
        """Where uploaded files are kept."""
        return _data(self.files_dir, "files")

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches the server."""
        return bool(self.uds) or self.host in ("localhost", "::1") or self.host.startswith("127.")

    @property
    def needs_keys(self) -> bool:
        """Whether a request needs an API key."""
        return self.keys == "required" or (self.keys == "auto" and not self.is_local)

    @property
    def worker_threads(self) -> int:
        """How many threads may decode and measure at once: never more than the cores."""
        cores = os.cpu_count() or 1
        return min(self.threads or cores, cores)

    @property
    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The private networks that may be fetched from. Raises `UsageError` for what is none."""
        try:
            return tuple(map(ip_network, _listed(self.private_networks)))
        except ValueError:
            raise UsageError(
                f"{self.private_networks!r} is not a valid value for private_networks.",
                hint="Write networks as 10.1.0.0/16 or fd00::/8, separated by commas.",
            ) from None

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that may be fetched from, in lower case; empty for all."""
        return _listed(self.allowed_hosts)

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins of web pages that may ask, in lower case. Raises `UsageError`."""
        hint = (
            "Write origins as https://app.example.com, without a path, separated by commas; null "
            "is that of pages from a file."
        )
        return _listed(self.cors_origins, "cors_origins", _ORIGIN, hint)

    @property
    def server_names(self) -> tuple[str, ...]:
        """The names of this server beyond loopback's, in lower case. Raises `UsageError`."""
        hint = (
            "Write names as vision.example.com or *.example.com, without scheme and port, "
            "separated by commas."
        )
        return _listed(self.trusted_hosts, "trusted_hosts", _SERVER_NAME, hint)


_ANY = re.compile(r"[^,]*")
_ORIGIN = re.compile(r"\*|null|[a-z][a-z0-9+.-]*://[^/?#\s@]+")
_SERVER_NAME = re.compile(r"\*|(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")


def _listed(
    text: str, name: str = "", form: re.Pattern[str] = _ANY, hint: str = ""
) -> tuple[str, ...]:
    """Read what stands between commas, in lower case. Raises `UsageError` for another form."""
    found = tuple(each.strip().lower() for each in text.split(",") if each.strip())
    for each in found:
        if not form.fullmatch(each):
            raise UsageError(f"{each[:80]!r} is not a valid value for {name}.", hint=hint)
    return found


def _data(named: str, usual: str) -> Path:
    """Give a path that is named, or the usual one in the user's data folder."""
    if named:
        return Path(named).expanduser()
    return _user_folder("XDG_DATA_HOME", ".local/share") / usual


TABLE: tuple[Setting, ...] = tuple(
    Setting(f.name, cast(Value, f.default), **f.metadata)
    for f in fields(Settings)
    if f.metadata.get("table", True)
)
_ROWS = {row.name: row for row in TABLE}
_CHOICES = {
    "reasoning_effort": get_args(Effort),
    "keys": ("auto", "required", "off"),
    "limits_away": ("open", "closed"),
    "log_format": ("text", "json"),
    "log_level": ("debug", "info", "warning", "error"),
    "views": ("auto", "whole", "tiles"),
    "upstream_kind": (
        "auto", "openai", "vllm", "sglang", "ollama", "llamacpp", "sightline", "other",
    ),
}  # fmt: skip


def convert(row: Setting, value: object, origin: str) -> Value:
    """Turn `value` (text, or TOML's own type) into the type of the row's default.

    Raises `UsageError`, naming `origin`, when it does not fit.
    """
    kind = type(row.default)
    shown = "***" if row.secret else repr(str(value)[:80])
    wrong = UsageError(
        f"{origin}: {shown} is not a valid value for {row.name}.",
        hint=f"{row.help} It takes a {_WORDS[kind]}; the default is {row.default}.",
    )
    converted: Value
    if kind is bool:
        text = str(value).strip().lower()
        if text not in _TRUE | _FALSE:
            raise wrong
        return text in _TRUE
    if isinstance(value, bool):
        raise wrong
    try:
        converted = kind(cast(Any, value))
    except (TypeError, ValueError):
        raise wrong from None
    if row.least is not None and not float(converted) >= row.least:
        raise wrong
    return converted


def load(
    flags: Mapping[str, object] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    file: str | Path | None = None,
) -> Settings:
    """Read the settings: `flags` (None where not given) over environment over file over default.

    `environment` is the process's own where left out; its SIGHTLINE_CONFIG names the file where
    `file` does not. Raises `UsageError` for an unknown name, a wrong type or an unreadable file.
    """
    env = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    routed: dict[str, Any] = {}
    path = file or env.get(FILE_VARIABLE)
    if path:
        read = _read_file(Path(path))
        routed = read.pop("models", {})
        for name, value in read.items():
            if name not in _ROWS:
                raise UsageError(
                    f"Unknown setting {name!r} in {path}.",
                    hint="`sightline serve --help` lists the settings.",
                )
            values[name] = convert(_ROWS[name], value, str(path))
    for row in TABLE:
        if row.variable in env:
            values[row.name] = convert(row, env[row.variable], row.variable)
    for name, value in (flags or {}).items():
        if value is not None and name in _ROWS:
            values[name] = convert(_ROWS[name], value, _ROWS[name].flag)
    settings = Settings(**values)
    _choices(settings)
    # Refused at the start, not at the first request.
    _ = settings.networks, settings.origins, settings.server_names
    if max(settings.port, settings.admin_port) > 65535:
        raise UsageError(f"Port {settings.port} does not exist.", hint="Use 0 to 65535.")
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise UsageError("HTTPS needs tls_cert and tls_key.", hint="Give both files.")
    settings = replace(settings, named=frozenset(values))
    return replace(settings, routes=_routes(settings, routed, f"{path}"))


def _choices(settings: Settings) -> None:
    for name, allowed in _CHOICES.items():
        value = getattr(settings, name)
        if value not in allowed:
            raise UsageError(
                f"{value!r} is not a valid value for {name}.",
                hint=f"Use {', '.join(allowed[:-1])} or {allowed[-1]}.",
            )


def _routes(settings: Settings, tables: object, path: str) -> tuple[tuple[str, Settings], ...]:
    """Read the tables of models; each has the settings of all, and its own over them."""
    if not isinstance(tables, dict):
        raise UsageError(
            f"{path}: models is not a table.", hint='Write [models."NAME"] above each one\'s rows.'
        )
    routes = []
    for public, table in tables.items():
        if not isinstance(table, dict):
            raise UsageError(
                f"{path}: models.{public} is not a table.",
                hint=f'Write [models."{public}"] above its rows.',
            )
        # The files of one model are not those of another.
        own: dict[str, Any] = {"model": "", "mmproj": "", "draft": ""}
        for name, value in table.items():
            if name not in _ROWS or not _ROWS[name].route:
                allowed = ", ".join(row.name for row in TABLE if row.route)
                raise UsageError(
                    f"{path}: a model has no setting {name!r}.", hint=f"It has: {allowed}."
                )
            own[name] = convert(_ROWS[name], value, f'{path}, models."{public}"')
        route = replace(settings, **own)
        _choices(route)
        routes.append((public, route))
    return tuple(routes)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise UsageError(
            f"The settings file {path} cannot be read.",
            hint=f"Check the path given by --config or {FILE_VARIABLE}.",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise UsageError(
            f"The settings file {path} is not valid TOML.",
            hint='Write one setting a line, such as: port = 8000 or host = "127.0.0.1".',
        ) from None


_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_WORDS = {int: "whole number", float: "number", bool: "true or false", str: "text"}


def _user_folder(variable: str, usual: str) -> Path:
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    else:
        base = os.environ.get(variable) or str(Path.home() / usual)
    return Path(base) / "sightline"


def client_key(flag: str | None, base_url: str) -> str:
    """Give the key to send to another server: the flag's, SIGHTLINE_API_KEY, or a placeholder.

    OPENAI_API_KEY is sent to api.openai.com alone, never to another server.
    """
    key = flag or os.environ.get("SIGHTLINE_API_KEY")
    if not key and re.match(r"https://api\.openai\.com(/|$)", base_url):
        key = os.environ.get("OPENAI_API_KEY")
    return key or "none"
