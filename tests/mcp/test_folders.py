"""The folders that pictures and films may be read from by path."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sightline.errors import ImageError, UsageError
from sightline.mcp.folders import Folders


def test_folders_hold_against_what_leads_out(tmp_path: Path) -> None:
    root, out = tmp_path / "root", tmp_path / "out"
    (root / "inner").mkdir(parents=True)
    out.mkdir()
    (out / "key").write_bytes(b"secret")
    (root / "inner" / "file").write_bytes(b"mine")
    (root / "within").symlink_to("inner/file")
    (root / "folder").symlink_to(out)
    (root / "circle").symlink_to("circle")
    os.mkfifo(root / "pipe")
    folders = Folders([root])
    for named in ("inner/file", "within", "inner/../inner/file", str(root / "within")):
        assert folders.read(named, "film", 100) == b"mine"
    assert folders.read("inner/file", "film", 2) == b"min"  # one more, so that it shows
    for named in ("folder/key", "../out/key", str(out / "key"), "circle", "pipe", "inner", ""):
        with pytest.raises(ImageError) as caught:
            folders.read(named, "film", 100)
        assert caught.value.param == "film"
        assert str(tmp_path) not in caught.value.line
    with pytest.raises(UsageError):
        Folders([root / "inner" / "file"])
