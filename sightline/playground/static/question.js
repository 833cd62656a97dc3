// A conversation as the body of a request, and what comes back put where it belongs.

import { onlyPictures, questionsOf } from "./decisions.js";
import { dataUrl, part } from "./files.js";

/** The question of those who ask none. */
export const USUAL =
  "What does it show? Tell me what is in the picture, and any interesting details.";
const INCLUDE = ["evidence", "things"];
/** Models whose engines only answer, and refuse to be asked where it stands. */
export const plain = new Set();

/** Make the body for the API's `path`; `sent` maps each part's place in it to its file. */
export async function bodyOf(turns, asked, data = dataUrl) {
  return asked.form?.kind === "decisions" ? decisionsOf(turns, asked, data) : chatOf(turns, asked, data);
}

/** Make one by which the cost is counted, which chats alone can be asked for. */
export async function countedBody(turns, asked) {
  if (asked.form?.kind !== "decisions") return bodyOf(turns, asked);
  onlyPictures(turns);
  return chatOf(turns, { ...asked, form: null });
}

async function decisionsOf(turns, asked, data) {
  onlyPictures(turns);
  const sent = new Map();
  const input = [];
  for (const turn of turns) {
    const content = [];
    for (const file of turn.files ?? []) {
      sent.set(`input[${input.length}].content[${content.length}]`, file);
      const { image_url } = await part(file, asked, data);
      content.push({ type: "input_image", image_url: image_url.url, detail: image_url.detail });
    }
    const text = turn === turns.at(-1) ? turn.text : worded(turn);
    if (text) content.push({ type: turn.role === "assistant" ? "output_text" : "input_text", text });
    if (content.length) input.push({ role: turn.role, content });
  }
  const body = { model: asked.model, input, questions: questionsOf(asked.form) };
  if (!plain.has(asked.model)) body.sightline = { include: INCLUDE };
  return { path: "/decisions", body, sent };
}

async function chatOf(turns, asked, data = dataUrl) {
  const { model, form } = asked;
  const messages = [];
  const sent = new Map();
  for (const turn of turns) {
    if (turn.role === "assistant") {
      if (turn.text) messages.push({ role: "assistant", content: turn.text });
      continue;
    }
    const content = [];
    for (const file of turn.files) {
      sent.set(`messages[${messages.length}].content[${content.length}]`, file);
      content.push(await part(file, asked, data));
    }
    content.push({ type: "text", text: worded(turn) });
    messages.push({ role: "user", content });
  }
  const body = { model, messages };
  if (!plain.has(model)) body.sightline = { include: INCLUDE };
  const format = responseFormat(form);
  if (format) body.response_format = format;
  return { path: "/chat/completions", body, sent };
}

function worded(turn) {
  if (turn.role === "assistant") return turn.text;
  if (turn.form?.kind === "decisions") {
    return [turn.text, ...turn.form.questions.map((each) => each.text)].filter(Boolean).join("\n");
  }
  const text = turn.text || USUAL;
  if (turn.form?.kind !== "attributes") return text;
  return `${text}\n\nReturn in JSON format and include the following attributes:\n\n${turn.form.text}`;
}

function responseFormat(form) {
  if (!form) return null;
  if (form.kind === "attributes") return { type: "json_object" };
  return { type: "json_schema", json_schema: { name: "answer", strict: true, schema: form.schema } };
}

/** Find whose a `param` of the server is. */
const fileOf = (sent, param) => sent.get(/^(?:messages|input)\[\d+\]\.content\[\d+\]/.exec(param)?.[0]);

/** Put what the server tells of a request with the files that it speaks of. */
export function told(own, sent) {
  const seen = new Map(); // of each file's id: how it is seen, page by page
  for (const image of own?.images ?? []) {
    const file = fileOf(sent, image.param);
    if (file) seen.set(file.id, [...(seen.get(file.id) ?? []), image]);
  }
  const films = new Map();
  for (const video of own?.videos ?? []) {
    const file = fileOf(sent, video.param);
    if (file) films.set(file.id, video);
  }
  const marks = (list, kind) => (list ?? []).flatMap((one, place) => {
    const file = fileOf(sent, one.param);
    return file ? [{ ...one, mark: kind, number: place, file: file.id }] : [];
  });
  return {
    seen, films, evidence: marks(own?.evidence, "evidence"), things: marks(own?.things, "thing"),
    note: own?.note ?? "",
  };
}

/** Say how a file is seen, in words. */
export function seenAs(file, facts) {
  const film = facts?.films.get(file.id);
  if (film) {
    const sound = film.audio ? "with sound" : "without sound";
    return `${film.frames.length} of ${film.total_frames} frames of ${film.duration_s.toFixed(1)} s, `
      + `${sound} · ${film.tokens.toLocaleString("en")} tokens`;
  }
  const views = facts?.seen.get(file.id) ?? [];
  if (!views.length) return "";
  const cost = views.reduce((sum, view) => sum + view.tokens, 0).toLocaleString("en");
  if (file.kind === "document") {
    return `${views.length} ${views.length === 1 ? "page" : "pages"} · ${cost} tokens`;
  }
  const [view] = views;
  const tiles = view.tiles ? ` in ${view.tiles[0]} × ${view.tiles[1]} tiles` : "";
  return `${view.size.join(" × ")}, seen as ${view.seen.join(" × ")}${tiles} · ${cost} tokens`;
}
