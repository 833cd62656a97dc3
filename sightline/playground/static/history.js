// Conversations that are kept, in this browser alone and only where that is asked for.

import { html, useEffect, useState } from "./vendor/preact.js";
import { Dialog, Icon, IconButton, save, Trouble } from "./ui.js";
import { dataUrl } from "./files.js";
import { keepAs, kept } from "./kept.js";

const KEPT = "sightline.history";
/** What is said where it is not kept. */
export const UNKEPT = { message: "This browser does not keep the conversation.", hint: "It has no room, or keeps nothing in a private window: delete some, or go on without history." };

export const isKept = () => kept("localStorage", KEPT) === "on";

/** Have conversations kept from now on, or not; those that were kept go with a no. */
export async function setKept(on) {
  keepAs("localStorage", KEPT, on ? "on" : "");
  if (on !== isKept()) throw UNKEPT;
  if (!on) await act("readwrite", (store) => store.clear());
}

function act(mode, work) {
  return new Promise((resolve, reject) => {
    let opening;
    try {
      opening = indexedDB.open("sightline", 1);
    } catch {
      reject(UNKEPT);
      return;
    }
    opening.onupgradeneeded = () => opening.result.createObjectStore("conversations", { keyPath: "id" });
    opening.onerror = () => reject(UNKEPT);
    opening.onsuccess = () => {
      const database = opening.result;
      const done = database.transaction("conversations", mode);
      const asked = work(done.objectStore("conversations"));
      done.oncomplete = () => { database.close(); resolve(asked.result); };
      done.onabort = () => { database.close(); reject(UNKEPT); };
    };
  });
}

/** Keep a conversation, if that is wanted. Tells whether all is as wanted: a full disk keeps nothing. */
export async function keep(id, turns) {
  if (!isKept() || !turns.length) return true;
  const first = turns.find((turn) => turn.role === "user");
  const title = first.text || first.files[0]?.name || "Conversation";
  const plain = turns.map((turn) => (turn.role === "user"
    ? { ...turn, files: turn.files.map(({ shown, data, sheets, ...file }) => file) }
    : { ...turn, busy: false, error: null }));
  try {
    await act("readwrite", (store) => store.put({ id, title, updated: Date.now(), turns: plain }));
    return true;
  } catch {
    return false;
  }
}

function restored(turns) {
  for (const turn of turns) {
    for (const file of turn.files ?? []) file.shown = file.blob ? URL.createObjectURL(file.blob) : null;
  }
  return turns;
}

/** Write conversations as JSON, files within as data URLs. */
async function exported(list) {
  const out = [];
  for (const { title, updated, turns } of list) {
    const told = [];
    for (const turn of turns) {
      const files = [];
      for (const file of turn.files ?? []) {
        files.push({ name: file.name, url: file.url ?? (await dataUrl(file)) });
      }
      told.push({ role: turn.role, text: turn.text, ...(turn.files && { files }), ...(turn.usage && { usage: turn.usage }) });
    }
    out.push({ title, updated: new Date(updated).toISOString(), turns: told });
  }
  return new Blob([JSON.stringify({ conversations: out }, null, 2)], { type: "application/json" });
}

export function HistoryDialog({ current, onOpen, onClose }) {
  const [on, setOn] = useState(isKept());
  const [list, setList] = useState([]);
  const [error, setError] = useState(null);
  const load = async () => {
    try {
      setList((await act("readonly", (s) => s.getAll())).sort((a, b) => b.updated - a.updated));
    } catch (reason) {
      setError(reason);
    }
  };
  useEffect(() => { load(); }, []);
  const change = async (event) => {
    setError(null);
    try {
      await setKept(event.target.checked);
      setOn(isKept());
      if (!(await keep(current.id, current.turns))) throw UNKEPT;
    } catch (reason) {
      event.target.checked = isKept();
      setError(reason);
    }
    await load();
  };
  const open = (one) => {
    onOpen({ ...one, turns: restored(one.turns) });
    onClose();
  };
  // The focus goes on before what has it goes.
  const forget = async (id, row) => {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    (next?.querySelector("button") ?? row.closest("dialog").querySelector("input")).focus();
    await act("readwrite", (s) => s.delete(id));
    await load();
  };
  const forgetAll = async (event) => {
    event.target.closest("dialog").querySelector("input").focus();
    await act("readwrite", (s) => s.clear());
    await load();
  };
  return html`<${Dialog} title="History" onClose=${onClose}>
    <label class="switch"><input type="checkbox" checked=${on} onChange=${change} />
      Keep conversations in this browser</label>
    <p class="dim">Nothing is kept unless this is on. What is kept stays in this browser, pictures included;
      turning it off deletes it.</p>
    ${error && html`<${Trouble} error=${error} />`}
    ${on && html`
      <ul class="kept">${list.map((one) => html`
        <li key=${one.id}><button type="button" class="kept-open" onClick=${() => open(one)}>
          <span>${one.title}</span><time>${new Date(one.updated).toLocaleString()}</time></button>
          <${IconButton} icon="trash" label=${`Delete ${one.title}`} onClick=${(e) => forget(one.id, e.currentTarget.closest("li"))} /></li>`)}
        ${!list.length && html`<li class="dim">Nothing is kept yet.</li>`}
      </ul>
      <div class="actions">
        <button type="button" disabled=${!list.length} onClick=${async () => save(await exported(list), "sightline-history.json")}>
          <${Icon} name="download" />Export</button>
        <button type="button" disabled=${!list.length} onClick=${forgetAll}>
          <${Icon} name="trash" />Delete all</button>
      </div>`}
  </${Dialog}>`;
}
