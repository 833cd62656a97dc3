// Vercel's AI SDK with its provider for compatible servers, which asks for chat completions.
import { readFileSync } from "node:fs";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, Output, streamText } from "ai";
import { z } from "zod";

const say = (kind, answer) => console.log(JSON.stringify({ kind, answer }));
const provider = createOpenAICompatible({
  name: "sightline", baseURL: process.env.OPENAI_BASE_URL, apiKey: process.env.OPENAI_API_KEY,
  supportsStructuredOutputs: true,
});
const model = provider("gpt-4o");
const messages = [{
  role: "user",
  content: [
    { type: "text", text: "What is the total?" },
    { type: "file", mediaType: "image/png", data: readFileSync(process.env.PICTURE) },
  ],
}];
const Receipt = z.object({ merchant: z.string(), total: z.string() });

say("vision", (await generateText({ model, messages })).text);

const pieces = [];
for await (const piece of streamText({ model, messages }).textStream) pieces.push(piece);
say("stream", pieces);

const filled = await generateText({ model, messages, output: Output.object({ schema: Receipt }) });
say("structured", filled.output);
