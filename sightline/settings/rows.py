"""The rows of the table of settings: default, help, least value; the unit is in the name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sightline.settings.table import Settings

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
class Rows:
    """The table: each field is a row (name, type, default, help), frozen after start."""

    host: str = _row("127.0.0.1", "Address to listen on.")
    port: int = _row(8000, "Port to listen on; 0 picks a free one and prints it.", 0)
    engine: str = _row(
        "nano",
        "The engine that answers: nano (or embedded; offline: measures, and sees what is drawn), "
        "reader (embedded: measures alone), llamacpp (an open model on this machine), upstream "
        "(another OpenAI-compatible server), mirror (says what it was sent), the name of an "
        "installed package's, or package.module:Class. Where it is left out a model means "
        "llamacpp, and an upstream_url upstream.",
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
        0,
        "Requests that each process of llamacpp works on at once; 0 has them share four, as far as "
        "the memory allows.",
        0,
        route=True,
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
    seen_keep_s: float = _row(
        60.0,
        "Seconds for which embedded engines keep what they read and saw in a picture (texts, "
        "places, names, never pixels) for the client that sent it, counted from its last question "
        "about it; 0 keeps nothing.",
        0,
    )
    max_seen_bytes: int = _row(
        16 * MIB, "Most bytes of that, of all clients; the oldest go first. 0 keeps nothing.", 0
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
        "auto",
        "Whose voices speak: espeak (embedded, robotic), kokoro (neural, after `sightline pull "
        "kokoro`), auto (kokoro where it is here, else espeak), upstream (another "
        "OpenAI-compatible server), the name of an installed package's, or package.module:Class.",
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
        "`sightline pull whisper-base`), llamacpp (a model in GGUF that hears), upstream "
        "(another OpenAI-compatible server), the name of "
        "an installed package's, or package.module:Class.",
    )
    hearing_url: str = _row("", "Base URL of the server that hears, with hearing upstream.")
    hearing_key: str = _row("", "Its key.", secret=True)
    hearing_model: str = _row(
        "",
        "Its model, empty for the one asked for; of this machine a pulled model, a folder "
        "of Whisper's or a GGUF file, empty for the best that was pulled.",
    )
    hear_films_s: float = _row(
        600.0,
        "Longest film of a question in which what is said is heard, in seconds, where something "
        "here hears; 0 for none.",
        0,
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
