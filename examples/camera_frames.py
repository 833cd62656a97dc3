"""Two hundred frames of a camera, described, as a blog of 2024 has it. A film's file does as well."""

import base64
import os
import sys
import time

import cv2
from openai import OpenAI

# Initiate the video capturing object
cap = cv2.VideoCapture(int(sys.argv[1]) if sys.argv[1].isdigit() else sys.argv[1])

# Set an array to store the frames
base64Frames = []

for i in range(200):
    # Capture the frame
    ret, frame = cap.read()

    # Store the frame in the base64Frames array
    _, buffer = cv2.imencode(".jpg", frame)
    encoded_image = base64.b64encode(buffer).decode("utf-8")
    base64Frames.append(encoded_image)

    # Wait for 100ms before capturing the next frame
    time.sleep(0.01)

# Initialise Open AI client
client = OpenAI(api_key = os.environ.get("OPENAI_API_KEY"))

message = [
    { "role": "user",
        "content": [
        "These are frames of a video. Can you describe what you can see in no more than 20 words?",
        *map(lambda x: {"image": x, "resize": 768}, base64Frames[0::60]), ],
    },
]
parameters = { "model": "gpt-4-vision-preview", "messages": message, "max_tokens": 500 }

result = client.chat.completions.create(**parameters)
print(result.choices[0].message.content)
