"""LlamaIndex: its `OpenAI` LLM, which reads OPENAI_API_KEY and takes the base URL."""

import os

from asking import PICTURE, QUESTION, Receipt, say
from llama_index.core.llms import ChatMessage, ImageBlock, TextBlock
from llama_index.llms.openai import OpenAI

model = OpenAI(model="gpt-4o", api_base=os.environ["OPENAI_BASE_URL"])
message = ChatMessage(role="user", blocks=[TextBlock(text=QUESTION), ImageBlock(path=PICTURE)])

say("vision", model.chat([message]).message.content)
say("stream", [piece.delta or "" for piece in model.stream_chat([message])])
say("structured", model.as_structured_llm(Receipt).chat([message]).raw)
