"""A question about a picture by URL, as OpenAI's guide of November 2023 has it."""

import sys

from openai import OpenAI

client = OpenAI()

response = client.chat.completions.create(
  model="gpt-4-vision-preview",
  messages=[
    {
      "role": "user",
      "content": [
        {"type": "text", "text": "What’s in this image?"},
        {
          "type": "image_url",
          "image_url": {
            "url": sys.argv[1],
          },
        },
      ],
    }
  ],
  max_tokens=300,
)

print(response.choices[0])
