// The page: its head, its three parts, and what they share.

import { html, render, useEffect, useState } from "./vendor/preact.js";
import { apiKey, models, setApiKey } from "./api.js";
import { Chat } from "./chat.js";
import { Compare } from "./compare.js";
import { HistoryDialog } from "./history.js";
import { Narrate } from "./narrate.js";
import { keepAs } from "./kept.js";
import { Choice, Dialog, IconButton, newId, Trouble } from "./ui.js";

const PARTS = [["chat", "Chat", Chat], ["compare", "Compare", Compare], ["narrate", "Narrate", Narrate]];
const WIDE = matchMedia("(min-width: 1000px)");
const THEMES = [["", "As the system"], ["light", "Light"], ["dark", "Dark"]];

function SettingsDialog({ onKey, theme, onTheme, onClose }) {
  const [key, setKey] = useState(apiKey());
  const use = (event) => {
    event.preventDefault();
    setApiKey(key);
    onKey();
    onClose();
  };
  return html`<${Dialog} title="Settings" onClose=${onClose}>
    <form class="fields" onSubmit=${use}>
      <label>API key
        <input type="password" id="key" autocomplete="off" value=${key} placeholder="Empty where none is needed"
          onInput=${(e) => setKey(e.target.value)} /></label>
      <p class="dim">It goes with the requests of this tab alone, and is forgotten when the tab is closed.</p>
      <div class="field"><span>Colours</span>
        <${Choice} label="Colours" value=${theme} options=${THEMES} onChange=${onTheme} /></div>
      <div class="actions"><button class="main">Done</button></div>
    </form></${Dialog}>`;
}

const ICON = new URL("icon.svg", import.meta.url).href;

/** The part that the address names, so that a link and the way back lead to it. */
const named = () => PARTS.find(([id]) => `#${id}` === location.hash)?.[0] ?? "chat";
const started = () => ({ id: newId(), turns: [] });

function App() {
  const [part, setPart] = useState(named);
  const [visited, setVisited] = useState(new Set([part])); // what is begun there goes on elsewhere
  const [names, setNames] = useState([]);
  const [error, setError] = useState(null);
  const [asked, setAsked] = useState({ model: "", detail: "auto" });
  const [dialog, setDialog] = useState(null);
  const [conversation, setConversation] = useState(started);
  const [wide, setWide] = useState(WIDE.matches);
  const [theme, setTheme] = useState(document.documentElement.dataset.theme ?? "");

  const load = async () => {
    try {
      const found = await models();
      setNames(found);
      setAsked((old) => ({ ...old, model: found.includes(old.model) ? old.model : found[0] ?? "" }));
      setError(null);
    } catch (reason) {
      setError(reason);
    }
  };
  useEffect(() => { load(); }, []);
  useEffect(() => {
    const hear = () => setWide(WIDE.matches);
    WIDE.addEventListener("change", hear);
    return () => WIDE.removeEventListener("change", hear);
  }, []);
  const visit = (id) => {
    setPart(id);
    setVisited((old) => new Set([...old, id]));
  };
  useEffect(() => {
    const follow = () => visit(named());
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  const choose = (name) => {
    setTheme(name);
    document.documentElement.dataset.theme = name;
    keepAs("localStorage", "sightline.theme", name);
  };
  const shared = { models: names, asked, onAsked: setAsked, wide, onSettings: () => setDialog("settings") };
  return html`
    <header class="head">
      <h1 class="brand"><img src=${ICON} alt="" width="24" height="24" />Sightline</h1>
      <nav aria-label="Parts">${PARTS.map(([id, text]) => html`
        <button type="button" key=${id} aria-current=${part === id ? "page" : undefined} onClick=${() => { location.hash = id; visit(id); }}>
          ${text}</button>`)}</nav>
      <span class="head-tools">
        ${part === "chat" && html`
          <${IconButton} icon="fresh" label="New conversation" onClick=${() => setConversation(started())} />
          <${IconButton} icon="history" label="History" onClick=${() => setDialog("history")} />`}
        <${IconButton} icon="settings" label="Settings" onClick=${() => setDialog("settings")} />
      </span>
    </header>
    <main>
      ${error && html`<div class="banner"><${Trouble} error=${error}>
        ${error.status === 401
          ? html`<button type="button" onClick=${() => setDialog("settings")}>Enter the key</button>`
          : html`<button type="button" onClick=${load}>Try again</button>`}</${Trouble}></div>`}
      ${PARTS.map(([id, , Part]) => visited.has(id) && html`
        <div class="part" key=${id} hidden=${part !== id}>
          <${Part} key=${id === "chat" ? conversation.id : id} conversation=${conversation} active=${part === id} ...${shared} /></div>`)}
    </main>
    ${dialog === "settings" && html`<${SettingsDialog} onKey=${load} theme=${theme} onTheme=${choose}
      onClose=${() => setDialog(null)} />`}
    ${dialog === "history" && html`<${HistoryDialog} current=${conversation} onOpen=${setConversation}
      onClose=${() => setDialog(null)} />`}`;
}

const root = document.getElementById("root");
root.replaceChildren();
render(html`<${App} />`, root);
