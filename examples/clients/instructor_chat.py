"""Instructor around the OpenAI SDK, which reads OPENAI_BASE_URL and OPENAI_API_KEY."""

import instructor
from asking import PICTURE, QUESTION, Receipt, say

client = instructor.from_provider("openai/gpt-4o")
messages = [{"role": "user", "content": [QUESTION, instructor.Image.from_path(PICTURE)]}]

say("vision", client.create(response_model=str, messages=messages))
pieces = list(client.create_partial(response_model=Receipt, messages=messages))
say("stream", [f"{len(pieces)} pieces, ", f"the last {pieces[-1].total}"])
say("structured", client.create(response_model=Receipt, messages=messages))
