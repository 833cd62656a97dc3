// The API as any client uses it: requests with the key that was typed in, and errors as sentences.

import { keepAs, kept } from "./kept.js";

/** Where the API is: beside the page, also where a proxy serves both under a path of its own. */
export const BASE = new URL("../v1", location.href).href;

let key = kept("sessionStorage", "sightline.key");

/** The key that goes with each request; it is kept for as long as the tab is open. */
export const apiKey = () => key;

export function setApiKey(value) {
  key = value.trim();
  keepAs("sessionStorage", "sightline.key", key);
}

/** What went wrong, as a sentence, and a hint that says what to do. */
export class ApiError extends Error {
  constructor(message, { status = 0, code = null, param = null, hint = "" } = {}) {
    super(message);
    Object.assign(this, { status, code, param, hint });
  }
}

const HINTS = {
  0: "See that it is running and that this machine reaches it, then try again.",
  401: "Enter your key in the settings.",
  404: "Choose another model.",
  413: "Send fewer or smaller files.",
  429: "Wait a moment, then try again.",
  503: "Wait a moment, then try again.",
};

let refused = { length: Infinity }; // what was too large for the server, which need not be sent again

export async function request(path, { method = "GET", json, form, signal } = {}) {
  const headers = {};
  if (/[^ -~]/.test(key)) { // no header can hold it
    throw new ApiError("A key is of letters without accents, digits and signs.", { status: 401, hint: HINTS[401] });
  }
  if (key) headers.authorization = `Bearer ${key}`;
  if (json !== undefined) headers["content-type"] = "application/json";
  const body = json === undefined ? form : JSON.stringify(json);
  if (body?.length >= refused.length) throw refused.error;
  return fetched(BASE + path, { method, headers, signal, body }).catch((error) => {
    if (error.status === 413 && body.length) refused = { length: body.length, error };
    throw error;
  });
}

/** Fetch what is the server's; what goes wrong is an `ApiError`, or an `AbortError` as it is. */
export async function fetched(url, options) {
  let reply;
  try {
    reply = await fetch(url, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError("The server cannot be reached.", { hint: HINTS[0] });
  }
  if (!reply.ok) throw await refusal(reply);
  return reply;
}

async function refusal(reply) {
  let told = {};
  try {
    told = lookedAt((await reply.json()).error);
  } catch {
    // A proxy's page says nothing that helps.
  }
  const wait = Number(reply.headers.get("retry-after"));
  const hint = told.hint || HINTS[reply.status] || (reply.status >= 500 ? "Try again." : "");
  return new ApiError(told.message || `The server answered with ${reply.status}.`, {
    status: reply.status,
    code: told.code,
    param: told.param,
    hint: wait > 1 && reply.status === 429 ? `Try again in ${wait} seconds.` : hint,
  });
}

/** What a server tells of an error: its texts, whatever else came in their places. */
function lookedAt(error) {
  const texts = typeof error === "string" ? { message: error } : error ?? {};
  return Object.fromEntries(["message", "code", "param", "hint"].map((name) =>
    [name, typeof texts[name] === "string" ? texts[name] : null]));
}

export async function models() {
  return (await (await request("/models")).json()).data.map((model) => model.id);
}

/** Count what a request would cost; nothing is asked of the engine. */
export async function count(body, signal) {
  const { model, messages, response_format } = body;
  const json = { model, messages, ...(response_format && { response_format }) };
  const reply = await request("/chat/completions/input_tokens", { method: "POST", json, signal });
  return reply.json();
}

/** Have some of a document's pages drawn, as they are looked at; each is a data URL. Tells how many it has. */
export async function pages(file, wanted) {
  const reply = await request("/documents/pages", { method: "POST", json: { file, pages: wanted } });
  const told = await reply.json();
  return { total: told.total_pages, urls: told.data.map((page) => page.image_url.url) };
}

/** Ask, and tell of the answer as it comes: `heard({text, usage, finish})`. */
export async function chat(body, signal, heard) {
  const json = { ...body, stream: true, stream_options: { include_usage: true } };
  const reply = await request("/chat/completions", { method: "POST", json, signal });
  for await (const data of events(reply.body)) {
    if (data === "[DONE]") return;
    const chunk = chunkOf(data);
    if (chunk.error) {
      const { message, ...told } = lookedAt(chunk.error);
      throw new ApiError(message || "The answer broke off.", { ...told, hint: told.hint || "Try again." });
    }
    const choice = chunk.choices?.[0];
    heard({
      text: choice?.delta?.content ?? choice?.delta?.refusal ?? "",
      finish: choice?.finish_reason ?? null,
      usage: chunk.usage ?? null,
    });
  }
  throw brokenOff();
}

function chunkOf(data) {
  try {
    return JSON.parse(data) ?? {};
  } catch {
    throw new ApiError("The answer is none of the API's.", { hint: "See which server is behind, then try again." });
  }
}

const brokenOff = () => new ApiError("The answer broke off.", { hint: HINTS[0] });

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { done, value } = await reader.read().catch((error) => {
      throw error.name === "AbortError" ? error : brokenOff(); // in the browser's words otherwise
    });
    if (done) return;
    held += value;
    const lines = held.split("\n");
    held = lines.pop();
    for (const line of lines) if (line.startsWith("data:")) yield line.slice(5).trim();
  }
}
