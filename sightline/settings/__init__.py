"""Every setting, in one table; the only module that reads the environment or the settings file.

The table makes the flags of `sightline serve`, the SIGHTLINE_* variables, the keys of the TOML
file and the reference page. A flag beats the environment, which beats the file, which beats the
default. The file may also route public model names, each by a table `[models."NAME"]` that holds
rows of its own. `Settings` is frozen once read.
"""

from sightline.settings.loading import client_key, convert, load
from sightline.settings.rows import FILE_VARIABLE, MIB, PREFIX, Setting, Value
from sightline.settings.table import EMBEDDED, TABLE, Settings

__all__ = [
    "EMBEDDED",
    "FILE_VARIABLE",
    "MIB",
    "PREFIX",
    "TABLE",
    "Setting",
    "Settings",
    "Value",
    "client_key",
    "convert",
    "load",
]
