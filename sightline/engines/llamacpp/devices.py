"""What llama.cpp computes on here, printed by a process that it may end: a name a line."""

import xllamacpp

print(*(device["name"] for device in xllamacpp.get_device_info()), sep="\n")
