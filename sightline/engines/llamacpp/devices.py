"""What llama.cpp computes on here, printed as JSON by a process that it may end."""

import json

import xllamacpp

print(
    json.dumps(
        [
            {
                "name": device["name"],
                "free": device["memory_free"],
                "gpu": device["type"].name.endswith("GPU"),
            }
            for device in xllamacpp.get_device_info()
        ]
    )
)
