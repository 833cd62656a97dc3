// What every part of the page is made of: icons, dialogs, messages, and how numbers are written.

import { html, useEffect, useLayoutEffect, useRef, useState } from "./vendor/preact.js";

const PATHS = {
  add: "M12 5v14M5 12h14",
  camera: "M4 8h3l2-3h6l2 3h3v11H4zM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z",
  link: "M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-6-6l-1.5 1.5M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 6 6l1.5-1.5",
  send: "M12 19V6M6 11l6-6 6 6",
  stop: "M7 7h10v10H7z",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h10v11H9zM15 9V5H5v11h4",
  retry: "M19 12a7 7 0 1 1-2-5M19 4v4h-4",
  edit: "M5 19h4L19 9l-4-4L5 15zM13 7l4 4",
  code: "M9 7l-5 5 5 5M15 7l5 5-5 5",
  json: "M9 5c-3 0-1 6-4 7 3 1 1 7 4 7M15 5c3 0 1 6 4 7-3 1-1 7-4 7",
  history: "M12 7v5l3 2M4 12a8 8 0 1 0 2.5-5.8M4 4v4h4",
  settings: "M4 8h9M17 8h3M4 16h3M11 16h9M15 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM9 18a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  fresh: "M5 19h14M6 15l9.5-9.5a2 2 0 0 1 3 3L9 18l-4 1z",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  open: "M14 5h5v5M19 5l-7 7M10 5H5v14h14v-5",
  play: "M8 5l11 7-11 7z",
  download: "M12 5v10M7 11l5 5 5-5M5 20h14",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  picture: "M4 5h16v14H4zM4 16l5-5 5 5 2-2 4 4M15.5 10a1 1 0 1 0 0-2 1 1 0 0 0 0 2z",
  film: "M4 5h16v14H4zM8 5v14M16 5v14M4 9.5h4M4 14.5h4M16 9.5h4M16 14.5h4",
  document: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
};

export const Icon = ({ name }) => html`
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${PATHS[name]} /></svg>`;

/** A button that is a picture alone; `label` is its name. */
export const IconButton = ({ icon, label, ...more }) => html`
  <button type="button" class="icon-button" aria-label=${label} title=${label} ...${more}>
    <${Icon} name=${icon} />
  </button>`;

/** A dialog over the page; closing it gives the focus back. */
export function Dialog({ title, onClose, wide, children }) {
  const box = useRef();
  const [id] = useState(() => `d${Math.random().toString(36).slice(2)}`);
  useLayoutEffect(() => {
    const before = document.activeElement;
    box.current.showModal();
    return () => before?.focus?.();
  }, []);
  return html`
    <dialog ref=${box} class=${wide ? "wide" : ""} aria-labelledby=${id}
      onClose=${onClose} onClick=${(e) => e.target === box.current && e.detail < 2 && box.current.close()}>
      <div class="dialog-body">
        <header><h2 id=${id}>${title}</h2>
          <${IconButton} icon="close" label="Close" onClick=${() => box.current.close()} /></header>
        ${children}
      </div>
    </dialog>`;
}

/** Take the focus on to the button after some rows, before the last of them goes. */
export function onwards(row) {
  if (row.nextElementSibling.matches("button")) row.nextElementSibling.focus();
}

/** A choice of a few, as buttons of which one is down. */
export const Choice = ({ label, value, options, onChange }) => html`
  <div class="choice" role="group" aria-label=${label}>
    ${options.map(([id, text]) => html`
      <button type="button" key=${id} aria-pressed=${id === value} onClick=${() => onChange(id)}>
        ${text}</button>`)}
  </div>`;

/** Dots that move until something is there; `text` says what, to who does not see them. `of` is much of it. */
export function Waiting({ text, of }) {
  const [past, setPast] = useState(0); // seconds
  useEffect(() => {
    const timer = setInterval(() => setPast((old) => old + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return html`<p class="waiting"><i></i><i></i><i></i><span class="away">${text}</span>
    ${past > 2 && html`<span class="dim">${of}${past} s</span>`}</p>`;
}

/** An error as a sentence, and what to do about it. */
export const Trouble = ({ error, children }) => html`
  <div class="trouble" role="alert">
    <p><strong>${error.message}</strong> ${error.hint ?? ""}</p>${children}
  </div>`;

/** Write a text to the clipboard; over plain HTTP a browser has none but that of a selection. */
async function written(text, beside) {
  try {
    await navigator.clipboard.writeText(text);
    return;
  } catch {
    // There is none, or it may not be used.
  }
  const area = document.createElement("textarea");
  area.className = "away";
  area.value = text;
  beside.after(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  beside.focus();
}

/** Copy, and say for a moment that it was done. */
export function CopyButton({ text, label = "Copy" }) {
  const [done, setDone] = useState(false);
  const box = useRef();
  useEffect(() => {
    if (!done) return undefined;
    const timer = setTimeout(() => setDone(false), 1500);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async () => {
    await written(typeof text === "function" ? await text() : text, box.current);
    setDone(true);
  };
  return html`<button type="button" class="quiet" ref=${box} onClick=${copy}>
    <${Icon} name="copy" />${done ? "Copied" : label}</button>`;
}

export const number = (value) => value.toLocaleString("en");
export const seconds = (value) => `${value.toFixed(1)}\u00a0s`;
export const tokens = (value) => `${number(value)} ${value === 1 ? "token" : "tokens"}`;

/** Write a time as players do. */
export function clock(time, digits = 1) {
  const whole = Math.floor(time / 60);
  const rest = (time % 60).toFixed(digits);
  return `${whole}:${rest.padStart(digits ? digits + 3 : 2, "0")}`;
}

/** Save what a browser holds as a file. */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export const saveText = (text, name, type) => save(new Blob([text], { type }), name);

let counter = 0;
export const newId = () => `${Date.now().toString(36)}-${counter++}`;
