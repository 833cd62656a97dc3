"""Makes the files of `weights/` from pinned packages; see `training/README.md`."""
