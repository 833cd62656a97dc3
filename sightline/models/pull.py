"""Models from the Hugging Face hub: downloaded, checked against the hub's hashes, and locked.

Mirrors, proxies, tokens and offline mode are `huggingface_hub`'s own settings (HF_ENDPOINT,
HTTPS_PROXY, HF_TOKEN, HF_HUB_OFFLINE). What was pulled once is held to: the same revision is asked
for again, and a file of that revision with another hash is refused.
"""

from __future__ import annotations

import hashlib
import io
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from sightline.errors import ModelFileError, UsageError, nearest
from sightline.models import gguf
from sightline.models.catalogue import catalogue
from sightline.models.store import Locked, LockedFile, Store, canonical, sha256

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo
    from huggingface_hub.utils.tqdm import tqdm

# Is told of steps: what is done, how much of it, and of how much; 0 where that is not known.
Heard = Callable[[str, float, float], None]

# Taken where no quantisation is named, the first that there is.
_PREFERRED = ("Q4_K_M", "Q8_0", "Q5_K_M", "Q4_0", "Q6_K", "F16", "BF16", "F32")
_EYE_PREFERRED = ("Q8_0", "F16", "BF16", "F32")
_HUB_NAME = re.compile(r"([\w.-]+/[\w.-]+?)(?::([\w.-]+))?$")
_SPARE = 64 << 20  # bytes left free on the disk


@dataclass(frozen=True, slots=True)
class PullRequest:
    """What is to be had: a repository of the hub and a quantisation, empty for the usual one.

    `files` are patterns of what is taken in place of a vision model's two halves.
    """

    name: str
    repo: str
    quantisation: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file as the hub lists it: with its SHA-256, or a small one with git's hash of it."""

    name: str
    bytes: int
    sha256: str
    git: str = ""


def wanted(name: str) -> PullRequest:
    """Understand a name of the catalogue or a hub id. Raises `UsageError`."""
    entry = catalogue().find(name)
    if entry is not None and entry.shipped:
        raise UsageError(
            f"The model {entry.name!r} comes with the package: it is here.",
            hint=f"Type: sightline serve --engine llamacpp --model {entry.name}",
        )
    if entry is not None:
        return PullRequest(entry.name, entry.repo, entry.quantisation)
    other = catalogue().other(name)
    if other is not None:
        return PullRequest(other.name, other.repo, "", other.files)
    hub = _HUB_NAME.match(name.removeprefix("https://huggingface.co/").removeprefix("hf.co/"))
    if hub is None:
        known = [each.name for each in catalogue().entries]
        known += [each.name for each in (*catalogue().voices, *catalogue().hearing)]
        raise UsageError(
            f"There is no model {name!r} in the catalogue.",
            hint=f"{nearest(name, known)} `sightline models` lists it; a hub id looks like "
            "OWNER/REPO:Q4_K_M.",
        )
    return PullRequest(canonical(name), hub[1], (hub[2] or "").upper())


def _unheard(step: str, done: float, of: float) -> None:
    """Tell nobody."""


def pull(
    store: Store,
    name: str,
    *,
    update: bool = False,
    heard: Heard = _unheard,
    begins: Callable[[int, str], None] = lambda size, licence: None,
) -> Locked:
    """Download a model, or see that it is here and whole; give what is locked.

    `begins` is told how many bytes are to come, and the model's licence, empty where the hub states
    none; `heard` of each step, what is downloaded and checked is counted in bytes. Two pulls of one
    model do not disturb each other: the second waits. Raises `ModelFileError`.
    """
    target = wanted(name)
    store.folder.mkdir(parents=True, exist_ok=True)
    with _alone(store, store.folder_of(target.name).name):
        held = store.locked().get(target.name)
        heard("Checking what is here", 0, 0)
        if held is not None and not update and _is_whole(store, held):
            return held
        revision = held.revision if held is not None and not update else None
        heard("Asking the hub", 0, 0)
        info = _ask(target, revision)
        files = _chosen(target, info)
        if held is not None and not update:
            _hold_to(held, files)
        folder = store.folder_of(target.name)
        _make_room(folder, files)
        begins(sum(file.bytes for file in files), _licence(target, info))
        done = [_fetch(target, str(info.sha), file, folder, heard) for file in files]
        eye = next((file.name for file in done if _is_eye(file.name)), "")
        text = next(file.name for file in done if not _is_eye(file.name))
        if target.files:
            text = next(file.name for file in done if file.name.endswith((".onnx", "model.bin")))
        elif gguf.read(folder / text).is_eye or not gguf.read(folder / eye).is_eye:
            raise ModelFileError(f"The repository {target.repo} holds no vision model in GGUF.")
        locked = Locked(target.name, target.repo, str(info.sha), text, eye, tuple(done))
        with _alone(store, "lock-file"):
            store.keep(locked)
        return locked


def _licence(target: PullRequest, info: ModelInfo) -> str:
    """Give a model's licence: the catalogue's, else what the hub's card says."""
    of = catalogue()
    known = {entry.name: entry.licence for entry in of.entries}
    known |= {entry.name: entry.licence for entry in (*of.voices, *of.hearing)}
    own = known.get(target.name, "")
    tags = (tag.partition(":")[2] for tag in info.tags or () if tag.startswith("license:"))
    return own or next(tags, "")


def remove(store: Store, name: str) -> Locked:
    """Delete a pulled model. Raises `ModelFileError` for one that is not here."""
    held = store.locked().get(canonical(name))
    entry = catalogue().find(name)
    if entry is not None and entry.shipped:
        raise UsageError(f"The model {entry.name!r} is part of the package and stays with it.")
    if held is None:
        raise ModelFileError(
            f"The model {name!r} is not installed.", hint=nearest(name, store.locked())
        )
    with _alone(store, store.folder_of(held.name).name):
        shutil.rmtree(store.folder_of(held.name), ignore_errors=True)
        with _alone(store, "lock-file"):
            store.forget(held.name)
    return held


@contextmanager
def _alone(store: Store, name: str) -> Iterator[None]:
    from filelock import FileLock

    with FileLock(store.folder / f".{name}.lock"):
        yield


def _is_whole(store: Store, held: Locked) -> bool:
    try:
        store.verify(held.name)
    except ModelFileError:
        return False
    return True


def _ask(target: PullRequest, revision: str | None) -> ModelInfo:
    from huggingface_hub import HfApi

    with _hub_errors(target):
        return HfApi().model_info(target.repo, revision=revision, files_metadata=True, timeout=30)


def _endpoint() -> str:
    from huggingface_hub import constants

    return constants.ENDPOINT


@contextmanager
def _hub_errors(target: PullRequest) -> Iterator[None]:
    """Put what the hub's library raises into our words."""
    import httpx2
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError:
        raise ModelFileError(
            f"{target.repo} is given only to those who accepted its terms.",
            hint=f"Accept them at {_endpoint()}/{target.repo}, then set HF_TOKEN to your token.",
        ) from None
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError):
        raise ModelFileError(
            f"The hub has no {target.repo}, or not in the locked revision.",
            hint="Check its name; for a private one set HF_TOKEN.",
        ) from None
    except errors.OfflineModeIsEnabled:
        raise ModelFileError(
            "The hub is not asked in offline mode.", hint="Unset HF_HUB_OFFLINE to pull."
        ) from None
    except (errors.HfHubHTTPError, errors.FileMetadataError, httpx2.HTTPError) as error:
        status = getattr(getattr(error, "response", None), "status_code", None)
        told = f" It answers with status {status}." if status else ""
        raise ModelFileError(
            f"The hub cannot be reached, or broke off.{told}",
            hint="Try again: what has come is kept. HF_ENDPOINT names a mirror.",
        ) from None
    except (errors.EntryNotFoundError, errors.LocalEntryNotFoundError):
        raise ModelFileError(
            "The hub cannot be reached, or broke off.",
            hint="Try again: what has come is kept. HF_ENDPOINT names a mirror.",
        ) from None
    except OSError as error:
        if error.errno == 28:  # ENOSPC
            raise ModelFileError(
                "The disk is full.", hint="Make room and pull again: what has come is kept."
            ) from None
        raise ModelFileError(
            "The download failed.", hint="Try again: what has come is kept."
        ) from None


def _chosen(target: PullRequest, info: ModelInfo) -> list[HubFile]:
    """Choose the text model in its quantisation, all of its parts, and the vision half."""
    if target.files:
        return _matching(target, info)
    files = []
    for sibling in info.siblings or ():
        name = sibling.rfilename
        if not name.lower().endswith(".gguf") or _is_beside(name):
            continue
        if sibling.lfs is None or not re.fullmatch(r"[0-9a-f]{64}", sibling.lfs.sha256 or ""):
            raise ModelFileError(f"The hub states no SHA-256 for {name}.")
        _check_inside(target, name)
        files.append(HubFile(name, int(sibling.lfs.size), sibling.lfs.sha256))
    eyes = [file for file in files if _is_eye(file.name)]
    texts = [file for file in files if not _is_eye(file.name)]
    if not texts or not eyes:
        missing = "vision half (mmproj*.gguf)" if texts else "GGUF file"
        raise ModelFileError(
            f"The repository {target.repo} has no {missing}.",
            hint="Choose one that is made for llama.cpp and pictures.",
        )
    quantisation = target.quantisation or _first(_PREFERRED, texts)
    several = [f for f in texts if _is_of(f.name, quantisation)]
    if not several:
        known = sorted({q for q in _PREFERRED if any(_is_of(f.name, q) for f in texts)})
        raise ModelFileError(
            f"{target.repo} has no {quantisation}.", hint=f"It has: {', '.join(known) or 'others'}."
        )
    eye_quantisation = _first(_EYE_PREFERRED, eyes)
    eye = next((f for f in eyes if _is_of(f.name, eye_quantisation)), eyes[0])
    return [*_one_model(target, several), eye]


_PART = re.compile(r"(.+)-(\d{5})-of-(\d{5})\.gguf$", re.IGNORECASE)


def _one_model(target: PullRequest, files: Sequence[HubFile]) -> list[HubFile]:
    """Choose one of several text models: in one file, or all of its parts in their order.

    The plainest name is that of the model itself; variants of it have longer ones. Raises
    `ModelFileError` where a part is missing.
    """
    split: dict[tuple[str, int], dict[int, HubFile]] = {}
    whole = []
    for file in files:
        part = _PART.match(file.name)
        if part is None:
            whole.append(file)
        else:
            split.setdefault((part[1], int(part[3])), {})[int(part[2])] = file
    if whole:
        return [min(whole, key=lambda file: (len(file.name), file.name))]
    name, count = min(split, key=lambda key: (len(key[0]), key))
    parts = split[name, count]
    if sorted(parts) != list(range(1, count + 1)):
        raise ModelFileError(
            f"The repository {target.repo} has {len(parts)} of the {count} parts of {name}.",
            hint="Choose another quantisation, or try again when it is complete.",
        )
    return [parts[i] for i in sorted(parts)]


def _is_beside(name: str) -> bool:
    """Say whether a file is no half of a model: a head that drafts, or how it was quantised."""
    path = PurePosixPath(name.lower())
    drafts = path.name.startswith("mtp-") or "draft" in path.name or "mtp" in path.parts[:-1]
    return drafts or "imatrix" in path.name


def _matching(target: PullRequest, info: ModelInfo) -> list[HubFile]:
    """Choose the files of the patterns wanted; each pattern has to have one."""
    files = []
    for sibling in info.siblings or ():
        name = sibling.rfilename
        if not any(PurePosixPath(name).match(pattern) for pattern in target.files):
            continue
        _check_inside(target, name)
        if sibling.lfs is not None and sibling.lfs.sha256:
            files.append(HubFile(name, int(sibling.lfs.size), sibling.lfs.sha256))
        elif sibling.size is not None and sibling.blob_id:
            files.append(HubFile(name, int(sibling.size), "", sibling.blob_id))
        else:
            raise ModelFileError(f"The hub states no hash for {name}.")
    for pattern in target.files:
        if not any(PurePosixPath(file.name).match(pattern) for file in files):
            raise ModelFileError(f"The repository {target.repo} has no {pattern}.")
    return files


def _check_inside(target: PullRequest, name: str) -> None:
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise ModelFileError(f"The repository {target.repo} holds a file outside itself.")


def _is_right(path: Path, file: HubFile, heard: Heard) -> bool:
    """Say whether a file is the one that the hub lists."""
    if not path.is_file() or path.stat().st_size != file.bytes:
        return False
    if file.sha256:
        step = f"Checking {file.name}"
        return sha256(path, lambda done: heard(step, done, file.bytes)) == file.sha256
    # What git calls a file's hash; the hub tells no other of small ones.
    head = f"blob {file.bytes}\0".encode()
    return hashlib.sha1(head + path.read_bytes(), usedforsecurity=False).hexdigest() == file.git


def _first(order: Sequence[str], files: Iterable[HubFile]) -> str:
    names = [file.name for file in files]
    return next((q for q in order if any(_is_of(name, q) for name in names)), "")


def _is_of(name: str, quantisation: str) -> bool:
    if not quantisation:
        return True
    return bool(re.search(rf"(?i)(?<![A-Z0-9_]){re.escape(quantisation)}(?![A-Z0-9_])", name))


def _is_eye(name: str) -> bool:
    return "mmproj" in PurePosixPath(name).name.lower()


def _hold_to(held: Locked, files: Sequence[HubFile]) -> None:
    hashes = {file.name: file.sha256 for file in held.files}
    for file in files:
        if file.sha256 and hashes.get(file.name, file.sha256) != file.sha256:
            raise ModelFileError(
                f"The hub states another SHA-256 for {file.name} than the one that is locked.",
                hint="Do not trust it. To take the new one all the same: sightline pull --update.",
            )


def _make_room(folder: Path, files: Sequence[HubFile]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    here = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    need = sum(file.bytes for file in files) - here + _SPARE
    free = shutil.disk_usage(folder).free
    if need > free:
        raise ModelFileError(
            f"The disk has {free / 1e9:.1f} GB free; {need / 1e9:.1f} GB are needed.",
            hint="Make room, or name another folder with SIGHTLINE_MODELS_DIR.",
        )


def _fetch(
    target: PullRequest, revision: str, file: HubFile, folder: Path, heard: Heard
) -> LockedFile:
    from huggingface_hub import hf_hub_download

    path = folder / file.name
    if not _is_right(path, file, heard):
        with _hub_errors(target):
            path = Path(
                hf_hub_download(
                    target.repo,
                    file.name,
                    revision=revision,
                    local_dir=folder,
                    force_download=path.is_file(),
                    tqdm_class=_telling(heard, f"Getting {file.name}", file.bytes),
                )
            )
        if not _is_right(path, file, heard):
            path.unlink(missing_ok=True)
            raise ModelFileError(
                f"What came for {file.name} is not what the hub says it is (its hash).",
                hint="Nothing of it was kept. Try again, or another mirror.",
            )
    state = path.stat()
    digest = file.sha256 or sha256(path)
    return LockedFile(file.name, digest, file.bytes, (state.st_size, state.st_mtime_ns))


def _telling(heard: Heard, step: str, of: int) -> type[tqdm]:
    """Make the bar with which the hub's library counts bytes tell of them instead of drawing."""
    from huggingface_hub.utils.tqdm import tqdm

    class Telling(tqdm):
        """Counts, and draws nothing."""

        def __init__(self, *args: object, **options: object) -> None:
            options |= {"file": io.StringIO(), "disable": False}
            super().__init__(*args, **options)  # type: ignore[no-untyped-call]

        def update(self, n: float = 1) -> None:
            """Count what came."""
            super().update(n)
            heard(step, self.n, of)

    return Telling
