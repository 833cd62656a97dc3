// The JavaScript SDK: `new OpenAI()`, which reads OPENAI_BASE_URL and OPENAI_API_KEY.
import { readFileSync } from "node:fs";
import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";

const say = (kind, answer) => console.log(JSON.stringify({ kind, answer }));
const client = new OpenAI();
const url = `data:image/png;base64,${readFileSync(process.env.PICTURE).toString("base64")}`;
const messages = [{
  role: "user",
  content: [
    { type: "text", text: "What is the total?" },
    { type: "image_url", image_url: { url } },
  ],
}];
const Receipt = z.object({ merchant: z.string(), total: z.string() });

const reply = await client.chat.completions.create({ model: "gpt-4o", messages });
say("vision", reply.choices[0].message.content);

const pieces = [];
for await (const chunk of await client.chat.completions.create({ model: "gpt-4o", messages, stream: true })) {
  pieces.push(chunk.choices[0]?.delta?.content ?? "");
}
say("stream", pieces);

const filled = await client.chat.completions.parse({
  model: "gpt-4o", messages, response_format: zodResponseFormat(Receipt, "receipt"),
});
say("structured", filled.choices[0].message.parsed);
