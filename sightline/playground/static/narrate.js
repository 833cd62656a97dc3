// A film with a voice over it: a script that is written and changed, spoken, and a film to keep.

import { html, useEffect, useRef, useState } from "./vendor/preact.js";
import { request } from "./api.js";
import { CodeDialog } from "./code.js";
import { useFiles } from "./composer.js";
import { exampleFiles, FILM } from "./examples.js";
import { clock, Icon, IconButton, newId, save, saveText, Trouble } from "./ui.js";

export const VOICES = ["alloy", "ash", "ballad", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer", "verse",
  "marin", "cedar"];
const POLL_MS = 500;
const NEW_S = 3; // of a text that is added
const STYLES = ["Short and factual.", "In the style of David Attenborough.", "For children.", "As a sports commentator."];

/** Send a film, wait for what is made of it, and tell how far it is. */
async function narrated(film, fields, signal, heard) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", film.blob, film.name);
  let job = await (await request("/video/narrations", { method: "POST", form, signal })).json();
  const where = `/video/narrations/${job.id}`;
  try {
    while (job.status === "queued" || job.status === "in_progress") {
      heard(job);
      await new Promise((resolve) => { setTimeout(resolve, POLL_MS); });
      job = await (await request(where, { signal })).json();
    }
  } catch (error) {
    request(where, { method: "DELETE" }).catch(() => {});
    throw error;
  }
  if (job.status !== "completed") throw Object.assign(new Error(job.error?.message ?? "It was not made."), { hint: job.error?.hint ?? "" });
  return { job, where };
}

export function Narrate({ models, asked, onAsked, active, onSettings }) {
  const [film, setFilm] = useState(null);
  const [style, setStyle] = useState("");
  const [voice, setVoice] = useState("onyx");
  const [language, setLanguage] = useState("en");
  const [keepSound, setKeepSound] = useState(true);
  const [script, setScript] = useState([]);
  const [step, setStep] = useState(null);
  const [error, setError] = useState(null);
  const [made, setMade] = useState(null);
  const [isCoded, setCoded] = useState(false); // whether its request is shown
  const player = useRef();
  const writing = useRef();
  const working = useRef(null);
  const getter = useFiles((found) => {
    const next = found.find((file) => file.kind === "film");
    if (!next || !next.blob) {
      setError({ message: "That is no film.", hint: "Choose a film of this machine: MP4, MOV, MKV or WebM." });
      return;
    }
    working.current?.abort(); // what is made of the one before
    setFilm(next);
    setMade(null);
    setScript([]);
    setError(null);
  }, active);
  useEffect(() => () => { if (made) URL.revokeObjectURL(made.url); }, [made]);

  const fieldsOf = (more) => ({
    voice, language: language.trim() || "en", keep_audio: String(keepSound), model: asked.model,
    ...(style.trim() && { style: style.trim() }), ...more,
  });
  const work = async (more, then) => {
    const ending = new AbortController();
    working.current = ending;
    setError(null);
    setStep({ step: "Sending the film", progress: 0 });
    try {
      const found = await narrated(film, fieldsOf(more), ending.signal, setStep);
      await then(found, ending.signal);
    } catch (reason) {
      if (reason.name !== "AbortError") setError(reason);
    }
    if (working.current === ending) setStep(null);
  };
  const rows = (segments) => segments.map((segment) => ({ id: newId(), ...segment }));
  const write = () => work({ script_only: "true" }, ({ job }) => setScript(rows(job.segments)));
  const spoken = () => {
    const segments = script.filter((row) => row.text.trim())
      .map(({ start_s, end_s, text }) => ({ start_s, end_s, text: text.trim() }));
    return segments.length ? { script: JSON.stringify({ segments }) } : {};
  };
  const speak = () => {
    return work(spoken(), async ({ job, where }, signal) => {
      const blob = await (await request(`${where}/content`, { signal })).blob();
      setMade({ blob, url: URL.createObjectURL(blob), job });
      setScript(rows(job.segments));
    });
  };
  const change = (id, more) => setScript(script.map((row) => (row.id === id ? { ...row, ...more } : row)));
  /** Begin a text where the film stands. */
  const add = () => {
    const { currentTime = 0, duration = NaN } = player.current ?? {};
    const end = Number.isFinite(duration) ? duration : currentTime + NEW_S;
    const start_s = Math.max(0, Math.min(currentTime, end - 0.5));
    const made = { id: newId(), start_s, end_s: Math.min(start_s + NEW_S, end), text: "" };
    setScript([...script, made].sort((a, b) => a.start_s - b.start_s));
  };
  /** Take a row away; the focus goes on to what comes after it. */
  const remove = (row, after) => {
    setScript(script.filter((each) => each !== row));
    (after.querySelector("textarea") ?? after).focus();
  };
  // What was pressed to choose a film is gone by then; the focus goes on to what comes next.
  useEffect(() => {
    if (film && document.activeElement === document.body) writing.current.focus();
  }, [film]);
  const go = (time) => { if (player.current) player.current.currentTime = time; };
  const isBusy = step !== null;

  return html`
    <div class="narrate">
      ${getter.parts}
      <section class="film-side" aria-label="The film">
        ${film
          ? html`<video ref=${player} controls playsinline src=${made?.url ?? film.shown}
              aria-label=${made ? "The narrated film" : film.name}></video>`
          : html`<button type="button" class="drop-zone" onClick=${getter.choose}><${Icon} name="film" />
              <strong>Drop a film here</strong><span>or click to choose one</span></button>`}
        ${!film && html`<button type="button" class="quiet" onClick=${async () => setFilm((await exampleFiles(FILM))[0])}>
          <${Icon} name="film" />Take the example</button>`}
        <div class="step" role="status">${isBusy
          ? html`<span>${step.step || "Waiting for its turn"} …</span><progress max="100" value=${step.progress}></progress>
              <button type="button" onClick=${() => working.current.abort()}>Stop</button>`
          : made ? html`<span>${made.job.report.join("; ") || "Every segment fits."}</span>`
            : html`<span class="dim">${film ? film.name : ""}</span>`}
        </div>
        ${!error && getter.error && html`<${Trouble} error=${getter.error} />`}
        ${error && html`<${Trouble} error=${error}>
          ${error.status === 401 && html`<button type="button" onClick=${onSettings}>Enter the key</button>`}</${Trouble}>`}
        ${made && html`<div class="actions start">
          ${outputs(film, made, script).map(([name, keep]) => html`
            <button type="button" key=${name} onClick=${keep}><${Icon} name="download" />${name}</button>`)}
        </div>`}
      </section>
      <section class="script-side" aria-label="How it is narrated">
        <div class="fields grid">
          <label class="whole">Style
            <input list="styles" value=${style} placeholder="Short and factual." onInput=${(e) => setStyle(e.target.value)} />
            <datalist id="styles">${STYLES.map((each) => html`<option value=${each} />`)}</datalist></label>
          <label>Model
            <select value=${asked.model} onChange=${(e) => onAsked({ ...asked, model: e.target.value })}>
              ${models.map((model) => html`<option key=${model} value=${model}>${model}</option>`)}</select></label>
          <div class="field"><label for="voice">Voice</label><span class="with-button">
            <select id="voice" value=${voice} onChange=${(e) => setVoice(e.target.value)}>
              ${VOICES.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}</select>
            <${Hear} voice=${voice} language=${language} onError=${setError} /></span></div>
          <label>Language <input value=${language} size="6" onInput=${(e) => setLanguage(e.target.value)} /></label>
          <label class="switch"><input type="checkbox" checked=${keepSound} onChange=${(e) => setKeepSound(e.target.checked)} />
            Keep the film's sound</label>
        </div>
        <div class="actions start">
          <button type="button" ref=${writing} disabled=${!film} aria-disabled=${isBusy} onClick=${() => isBusy || write()}>Write the script</button>
          <button type="button" class="main" disabled=${!film} aria-disabled=${isBusy} onClick=${() => isBusy || speak()}>
            ${script.length ? "Speak the script" : "Write and speak"}</button>
          ${film && html`<button type="button" class="quiet" disabled=${isBusy} onClick=${getter.choose}>Another film</button>
            <button type="button" class="quiet" onClick=${() => setCoded(true)}><${Icon} name="code" />Code</button>`}
        </div>
        <fieldset class="script"><legend>Script</legend>
          ${!script.length && html`<p class="dim">What is said comes here, a row for each stretch of the film,
            to be changed as you like, or to be written by yourself.</p>`}
          ${script.map((row) => html`
            <div class="segment" key=${row.id}>
              <button type="button" class="time" onClick=${() => go(row.start_s)} aria-label=${`Go to ${clock(row.start_s)}`}>
                ${clock(row.start_s)}–${clock(row.end_s)}</button>
              <textarea rows="2" aria-label=${`Text from ${clock(row.start_s)}`} value=${row.text}
                onInput=${(e) => change(row.id, { text: e.target.value })}></textarea>
              <${IconButton} icon="trash" label=${`Remove the text from ${clock(row.start_s)}`}
                onClick=${(e) => remove(row, e.currentTarget.closest(".segment").nextElementSibling)} />
            </div>`)}
          ${film && html`<button type="button" class="quiet" disabled=${isBusy} onClick=${add}>
            <${Icon} name="add" />Add a text where the film stands</button>`}
        </fieldset>
      </section>
      ${isCoded && html`<${CodeDialog} onClose=${() => setCoded(false)} requestOf=${async () => ({
        path: "/video/narrations", fields: fieldsOf(spoken()), file: film.name, made: named(film) })} />`}
    </div>`;
}

/** Plays a sentence by a voice. */
function Hear({ voice, language, onError }) {
  const [isBusy, setBusy] = useState(false);
  const play = async () => {
    setBusy(true);
    onError(null);
    try {
      const json = { model: "tts-1", voice, input: `This is ${voice}.`, ...(language.trim() && { language: language.trim() }) };
      const sound = await (await request("/audio/speech", { method: "POST", json })).blob();
      const audio = new Audio(URL.createObjectURL(sound));
      audio.addEventListener("ended", () => URL.revokeObjectURL(audio.src));
      await audio.play();
    } catch (error) {
      onError(error);
    }
    setBusy(false);
  };
  return html`<${IconButton} icon="play" label=${`Hear ${voice}`} disabled=${isBusy} onClick=${play} />`;
}

/** What can be kept of a narrated film, and what keeps it. */
const outputs = (film, made, script) => [
  ["Film", () => save(made.blob, named(film, made.blob.type))],
  ["SRT", () => saveText(subtitles(script, ","), "narration.srt", "application/x-subrip")],
  ["WebVTT", () => saveText(`WEBVTT\n\n${subtitles(script, ".")}`, "narration.vtt", "text/vtt")],
  ["Script", () => {
    const segments = script.map(({ id, ...row }) => row);
    saveText(JSON.stringify({ segments }, null, 2), "narration.json", "application/json");
  }],
];

const named = (film, type = "") => `${film.name.replace(/\.\w+$/, "")}-narrated.${type.includes("matroska") ? "mkv" : "mp4"}`;

function subtitles(script, mark) {
  const time = (value) => {
    const whole = new Date(Math.round(value * 1000)).toISOString().slice(11, 23);
    return whole.replace(".", mark);
  };
  return script.map((row, i) => `${i + 1}\n${time(row.start_s)} --> ${time(row.end_s)}\n${row.text}\n`).join("\n");
}
