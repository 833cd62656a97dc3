"""LangChain: `ChatOpenAI`, which reads OPENAI_BASE_URL and OPENAI_API_KEY."""

from asking import PICTURE, QUESTION, Receipt, encoded, say
from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI

model = ChatOpenAI(model="gpt-4o")
shown = {"type": "image", "base64": encoded(PICTURE), "mime_type": "image/png"}
message = HumanMessage(content=[{"type": "text", "text": QUESTION}, shown])

say("vision", model.invoke([message]).text)
say("stream", [chunk.text for chunk in model.stream([message])])
say("structured", model.with_structured_output(Receipt).invoke([message]))
