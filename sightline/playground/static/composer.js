// Where a question is written: files, words, model, detail, form of the answer, and what it costs.

import { html, useEffect, useRef, useState } from "./vendor/preact.js";
import { apiKey, count } from "./api.js";
import { ACCEPT, byUrl, made, taken } from "./files.js";
import { countedBody, told } from "./question.js";
import { Dialog, Icon, IconButton, tokens, Trouble } from "./ui.js";
import { Thumb } from "./stage.js";

const DETAILS = ["auto", "low", "high", "original"];
const FRAMES = [0, 4, 8, 16, 32, 64];
const WAIT_MS = 350;
const HEAVY_BYTES = 4_000_000; // files that are not sent again for each word that is typed

/** Buttons that bring files in, and what is dropped or pasted anywhere on the page. */
export function useFiles(onFiles, active) {
  const input = useRef();
  const [over, setOver] = useState(false);
  const [dialog, setDialog] = useState(null);
  const [error, setError] = useState(null);
  const [reading, setReading] = useState(0); // lots of files on their way: what is sent goes with them
  const last = useRef(Promise.resolve());
  // One lot after the other, so that files stand in the order in which they came. The list is copied
  // at once: a browser empties that of an event when the event is over.
  const bring = (list) => {
    const files = [...list];
    setReading((n) => n + 1);
    last.current = last.current.then(async () => {
      const { found, refused } = await taken(files).finally(() => setReading((n) => n - 1));
      const hints = [...new Set(refused.map((each) => each.hint))].join(" ");
      setError(refused.length ? { message: refused.map((each) => each.message).join(" "), hint: hints } : null);
      if (found.length) onFiles(found);
    });
  };
  useEffect(() => {
    if (!active) return undefined;
    const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
    const handlers = {
      dragover: (e) => { if (holdsFiles(e)) { e.preventDefault(); setOver(true); } },
      dragleave: (e) => { if (!e.relatedTarget) setOver(false); },
      drop: (e) => { if (holdsFiles(e)) { e.preventDefault(); setOver(false); bring(e.dataTransfer.files); } },
      paste: (e) => { if (e.clipboardData?.files.length) { e.preventDefault(); bring(e.clipboardData.files); } },
    };
    for (const [name, act] of Object.entries(handlers)) document.addEventListener(name, act);
    return () => { for (const [name, act] of Object.entries(handlers)) document.removeEventListener(name, act); };
  });
  const parts = html`
    <input ref=${input} type="file" class="away" accept=${ACCEPT} multiple tabindex="-1" aria-label="Files"
      onChange=${(e) => { bring(e.target.files); e.target.value = ""; }} />
    ${over && html`<div class="drop-here"><p>Drop to add</p></div>`}
    ${dialog === "camera" && html`<${Camera} onFile=${(file) => onFiles([file])} onClose=${() => setDialog(null)} />`}
    ${dialog === "link" && html`<${ByUrl} onFile=${(file) => onFiles([file])} onClose=${() => setDialog(null)} />`}`;
  return { parts, error, reading, clear: () => setError(null), fail: setError, choose: () => input.current.click(), open: setDialog };
}

function ByUrl({ onFile, onClose }) {
  const [value, setValue] = useState("");
  const [error, setError] = useState(null);
  const add = (event) => {
    event.preventDefault();
    if (!URL.canParse(value) || !/^https?:/i.test(value)) {
      setError({ message: "That is not a URL.", hint: "It begins with http:// or https://." });
      return;
    }
    onFile(byUrl(value));
    onClose();
  };
  return html`<${Dialog} title="Add by URL" onClose=${onClose}>
    <form onSubmit=${add} class="fields">
      <label>Address of a picture, a film or a PDF
        <input type="url" value=${value} autofocus placeholder="https://example.com/picture.jpg"
          onInput=${(e) => { setValue(e.target.value.trim()); setError(null); }} /></label>
      <p class="dim">The server fetches it when you ask; this page does not.</p>
      ${error && html`<${Trouble} error=${error} />`}
      <div class="actions"><button class="main">Add</button></div>
    </form></${Dialog}>`;
}

const INSECURE = { message: "A browser gives a page its camera over HTTPS alone.", hint: "Choose a file, or have the page served with --tls-cert." };

function Camera({ onFile, onClose }) {
  const video = useRef();
  const [error, setError] = useState(null);
  const [ready, setReady] = useState(false);
  useEffect(() => {
    let stream = null;
    let isOver = false;
    const begin = async () => {
      try {
        if (!window.isSecureContext) throw INSECURE;
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
        if (isOver) stream.getTracks().forEach((track) => track.stop());
        else video.current.srcObject = stream;
      } catch (reason) {
        setError(reason === INSECURE ? INSECURE : reason.name === "NotAllowedError"
          ? { message: "The camera may not be used.", hint: "Allow it in the browser's address bar, then try again." }
          : { message: "There is no camera to use.", hint: "Connect one, or choose a file." });
      }
    };
    begin();
    return () => { isOver = true; stream?.getTracks().forEach((track) => track.stop()); };
  }, []);
  const take = async () => {
    const { videoWidth: width, videoHeight: height } = video.current;
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext("2d").drawImage(video.current, 0, 0);
    onFile(await made(await canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 }), "camera.jpg", "picture"));
    onClose();
  };
  return html`<${Dialog} title="Take a picture" onClose=${onClose}>
    ${error ? html`<${Trouble} error=${error} />` : html`
      <video ref=${video} class="camera" autoplay playsinline muted aria-label="The camera"
        onLoadedData=${() => setReady(true)}></video>
      <div class="actions"><button type="button" class="main" disabled=${!ready} onClick=${take}>Take it</button></div>`}
  </${Dialog}>`;
}

/** What a request would cost, counted by the server once nothing has changed for a moment. */
export function useCost(turns, asked, active) {
  const [cost, setCost] = useState({});
  const bytes = turns.flatMap((t) => t.files ?? []).reduce((sum, f) => sum + (f.blob?.size ?? 0), 0);
  const words = (turn) => (bytes > HEAVY_BYTES ? "" : turn.text);
  const signature = JSON.stringify([
    turns.map((t) => [words(t), t.files?.map((f) => f.id), t.form]), asked, active, apiKey(),
  ]);
  useEffect(() => {
    if (!active || !asked.model) {
      setCost({});
      return undefined;
    }
    const ending = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const { body, sent } = await countedBody(turns, asked);
        const found = await count(body, ending.signal);
        setCost({ tokens: found.input_tokens, facts: told(found.sightline, sent) });
      } catch (error) {
        if (error.name !== "AbortError") setCost({ error });
      }
    }, WAIT_MS);
    return () => { clearTimeout(timer); ending.abort(); };
  }, [signature]);
  return cost;
}

/** Say in what form an answer comes. */
export const formName = (form) => (!form ? "As text" : form.kind === "decisions" ? "As decisions" : "As JSON");

export function Choices({ models, asked, onAsked, hasFilm, id = "" }) {
  return html`
    <label class="pick"><span class="away">Model</span>
      <select id=${`model${id}`} value=${asked.model} onChange=${(e) => onAsked({ ...asked, model: e.target.value })}>
        ${models.map((model) => html`<option key=${model} value=${model}>${model}</option>`)}
      </select></label>
    <label class="pick"><span class="away">Detail</span>
      <select id=${`detail${id}`} value=${asked.detail} onChange=${(e) => onAsked({ ...asked, detail: e.target.value })}>
        ${DETAILS.map((name) => html`<option key=${name} value=${name}>${`Detail: ${name}`}</option>`)}
      </select></label>
    ${hasFilm && html`<label class="pick"><span class="away">Frames of a film</span>
      <select id=${`frames${id}`} value=${asked.frames ?? 0} onChange=${(e) => onAsked({ ...asked, frames: Number(e.target.value) })}>
        ${FRAMES.map((most) => html`<option key=${most} value=${most}>${`Frames: ${most || "auto"}`}</option>`)}
      </select></label>`}`;
}

export function Composer(props) {
  const {
    text, onText, files, onRemove, onOpen, getter, models, asked, onAsked, hasFilm, busy, onSend, onStop, cost, form,
    onForm, label,
  } = props;
  const field = useRef();
  const focus = () => { if (!matchMedia("(pointer: coarse)").matches) field.current.focus(); };
  useEffect(focus, []);
  // What was pressed to ask, or to stop, is gone by then; the focus goes on to the next question.
  useEffect(() => { if (document.activeElement === document.body) focus(); }, [busy]);
  const can = !getter.reading && (Boolean(text.trim() || files.length) && Boolean(asked.model));
  const send = (event) => {
    event.preventDefault();
    if (can && !busy) onSend();
  };
  const keys = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  };
  return html`
    ${getter.error && html`<${Trouble} error=${getter.error} />`}
    <form class="composer" onSubmit=${send}>
      ${files.length > 0 && html`<div class="thumbs">${files.map((file) => html`
        <${Thumb} key=${file.id} file=${file} onOpen=${() => onOpen(file)} onRemove=${() => { onRemove(file); focus(); }} />`)}</div>`}
      <textarea ref=${field} rows="1" aria-label=${label ?? "Question"} value=${text}
        placeholder="Ask about pictures, films or PDFs" onInput=${(e) => onText(e.target.value)} onKeyDown=${keys}></textarea>
      <div class="composer-bar">
        <div class="tools">
          <${IconButton} icon="add" label="Add pictures, films or PDFs" onClick=${getter.choose} />
          <${IconButton} icon="camera" label="Take a picture" onClick=${() => getter.open("camera")} />
          <${IconButton} icon="link" label="Add by URL" onClick=${() => getter.open("link")} />
          ${onForm && html`<button type="button" class="pill ${form ? "on" : ""}" title="Form of the answer" onClick=${onForm}>
            <${Icon} name="json" />${formName(form)}</button>`}
        </div>
        ${onAsked && html`<div class="picks"><${Choices} models=${models} asked=${asked} onAsked=${onAsked} hasFilm=${hasFilm} /></div>`}
        <output class="cost" aria-live="off">${cost.tokens !== undefined ? tokens(cost.tokens) : ""}</output>
        ${busy
          ? html`<button type="button" class="round" aria-label="Stop" title="Stop" onClick=${onStop}><${Icon} name="stop" /></button>`
          : html`<button class="round" aria-label="Send" title="Send" disabled=${!can}><${Icon} name="send" /></button>`}
      </div>
    </form>`;
}
