// An answer: Markdown made safe, its words linked to where they stand, JSON as a tree and a table.

import { marked } from "./vendor/marked.js";
import "./vendor/purify.js";
import { html, useLayoutEffect, useRef, useState } from "./vendor/preact.js";
import { Choice, number } from "./ui.js";

const { DOMPurify } = globalThis;
const SAFE = {
  ALLOWED_TAGS: ["a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6",
    "hr", "li", "ol", "p", "pre", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"],
  ALLOWED_ATTR: ["href", "title", "start", "align"],
  ALLOWED_URI_REGEXP: /^(https?|mailto):/i,
  RETURN_TRUSTED_TYPE: true,
};
const MOST = 400_000; // characters that are shown, which is all that a browser lays out at once
const DEEPEST = 40; // values within each other that are shown as a tree
const MOST_ROWS = 500;
const escaped = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

// Pictures would be fetched from wherever an answer says, and tags are meant to be seen.
marked.use({
  gfm: true,
  breaks: true,
  renderer: {
    html: ({ text }) => escaped(text),
    image: ({ href, text }) => `<a href="${escaped(href)}">${escaped(text || href)}</a>`,
  },
});
DOMPurify.addHook("afterSanitizeAttributes", (node) => {
  if (node.tagName !== "A") return;
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer");
});

/** Markdown; `marks` are what its words are linked to, `onMark` is told which is asked for. */
export function Markdown({ text, marks, hasFilm, onMark, onTime }) {
  const box = useRef();
  useLayoutEffect(() => {
    try {
      box.current.innerHTML = DOMPurify.sanitize(marked.parse(text.slice(0, MOST)), SAFE);
    } catch { // too deep
      const bare = Object.assign(document.createElement("p"), { className: "bare", textContent: text.slice(0, MOST) });
      box.current.replaceChildren(bare);
    }
    for (const table of box.current.querySelectorAll("table")) scrolling(table);
    for (const block of box.current.querySelectorAll("pre")) block.tabIndex = 0;
    linkMarks(box.current, marks ?? [], onMark);
    if (hasFilm) linkTimes(box.current, onTime);
  }, [text, marks, hasFilm]);
  return html`<div class="markdown" ref=${box}></div>
    ${text.length > MOST && html`<p class="dim">The first ${number(MOST)} characters of ${number(text.length)}. Copy gives all.</p>`}`;
}

function scrolling(table) {
  const around = document.createElement("div");
  around.className = "scrolls";
  around.tabIndex = 0;
  table.replaceWith(around);
  around.append(table);
}

function textNodes(box) {
  const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT, (node) =>
    node.parentElement.closest("a, button") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
  const found = [];
  while (walker.nextNode()) found.push(walker.currentNode);
  return found;
}

function asButton(node, start, length, className, label, act) {
  const rest = node.splitText(start);
  const after = rest.splitText(length);
  const button = document.createElement("button");
  button.type = "button";
  button.className = className;
  button.title = label;
  button.textContent = rest.data;
  button.addEventListener("click", act);
  rest.replaceWith(button);
  return [button, after];
}

/** Evidence comes in the order of the answer; each takes the next place that says it. */
function linkMarks(box, marks, onMark) {
  for (const mark of marks) {
    if (!mark.value) continue;
    for (const node of textNodes(box)) {
      const start = wordAt(node.data, mark.value);
      if (start < 0) continue;
      const [button] = asButton(node, start, mark.value.length, "said",
        "Show where it stands", () => onMark(mark));
      button.dataset.mark = mark.number;
      const point = (is) => document.dispatchEvent(
        new CustomEvent("sightline-point", { detail: is ? mark : null }));
      button.addEventListener("pointerenter", () => point(true));
      button.addEventListener("pointerleave", () => point(false));
      button.addEventListener("focus", () => point(true));
      button.addEventListener("blur", () => point(false));
      break;
    }
  }
}

function wordAt(text, value) {
  const inWord = /[\p{L}\p{N}]/u;
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
    const before = text[at - 1] ?? " ";
    const after = text[at + value.length] ?? " ";
    if (!(inWord.test(before) && inWord.test(value[0]))
      && !(inWord.test(after) && inWord.test(value.at(-1)))) return at;
  }
  return -1;
}

// "at 5.0 s", "from 0.2 to 0.7 s", "1:02", "1:02:03.5"
const TIME = /\b(?:(\d+):)?(\d{1,2}):(\d\d(?:\.\d+)?)\b|\b(\d+(?:\.\d+)?)(?= (?:to|–|-) \d+(?:\.\d+)? s\b)|\b(\d+(?:\.\d+)?) s\b/;

function linkTimes(box, onTime) {
  for (const first of textNodes(box)) {
    let node = first;
    for (let found = TIME.exec(node.data); found; found = TIME.exec(node.data)) {
      const [all, hours, minutes, rest, begins, alone] = found;
      const time = minutes === undefined
        ? Number(begins ?? alone)
        : Number(hours ?? 0) * 3600 + Number(minutes) * 60 + Number(rest);
      [, node] = asButton(node, found.index, all.length, "said time",
        "Go there in the film", () => onTime(time));
    }
  }
}

/** Read JSON that an answer is; undefined where it is none. */
export function parsed(text) {
  try {
    const value = JSON.parse(text.replace(/^\s*```(?:json)?\s*|\s*```\s*$/g, ""));
    return isHolder(value) && !isDeep(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isDeep(value) {
  let level = [value];
  for (let depth = 0; depth < DEEPEST && level.length; depth += 1) {
    level = level.flatMap((each) => Object.values(each).filter(isHolder));
  }
  return level.length > 0;
}

/** The first of many; the rest is in what it came as. */
const first = (entries) => entries.slice(0, MOST_ROWS);
const More = ({ of }) => of > MOST_ROWS && html`<p class="dim">${number(of - MOST_ROWS)} more are in JSON.</p>`;

/** JSON as a tree, as a table, as it came. */
export function Json({ value, text, marks, onMark }) {
  const [view, setView] = useState("tree");
  const at = new Map((marks ?? []).filter((m) => m.path).map((m) => [m.path, m]));
  const shared = { at, onMark };
  return html`
    <div class="json">
      <${Choice} label="Shown as" value=${view} onChange=${setView}
        options=${[["tree", "Tree"], ["table", "Table"], ["raw", "JSON"]]} />
      <div class="json-view scrolls" tabindex="0" role="region" aria-label="The answer as JSON">
        ${view === "tree" && html`<${Tree} value=${value} path="$" ...${shared} />`}
        ${view === "table" && html`<${Table} value=${value} path="$" ...${shared} />`}
        ${view === "raw" && html`<pre>${text}</pre>`}
      </div>
    </div>`;
}

function Value({ value, path, at, onMark }) {
  if (value === null) return html`<span class="none">not told</span>`;
  const text = String(value);
  const mark = at.get(path);
  if (!mark) return html`<span class=${typeof value}>${text}</span>`;
  return html`<button type="button" class="said" title="Show where it stands"
    onClick=${() => onMark(mark)}>${text}</button>`;
}

const isHolder = (value) => typeof value === "object" && value !== null;
const inside = (path, key, isList) => (isList ? `${path}[${key}]` : `${path}.${key}`);

function Tree({ value, path, ...more }) {
  if (!isHolder(value)) return html`<${Value} value=${value} path=${path} ...${more} />`;
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  return html`
    <ul>${first(entries).map(([key, each]) => {
      const here = inside(path, key, isList);
      const name = isList ? Number(key) + 1 : key;
      return html`<li key=${here}>${isHolder(each)
        ? html`<details open><summary>${name} <span class="dim">${size(each)}</span></summary>
            <${Tree} value=${each} path=${here} ...${more} /></details>`
        : html`<span class="name">${name}</span> <${Value} value=${each} path=${here} ...${more} />`}
      </li>`;
    })}</ul><${More} of=${entries.length} />`;
}

const size = (value) => {
  const count = Object.keys(value).length;
  return Array.isArray(value) ? `${count} ${count === 1 ? "row" : "rows"}` : "";
};

/** Rows of objects are a table of their own; what else there is, names and values. */
function Table({ value, path, ...more }) {
  if (Array.isArray(value) && value.length && value.every((row) => isHolder(row) && !Array.isArray(row))) {
    const heads = [...new Set(first(value).flatMap((row) => Object.keys(row)))];
    return html`<table><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
      <tbody>${first(value).map((row, place) => html`<tr>${heads.map((head) => html`
        <td>${head in row && html`<${Cell} value=${row[head]} path=${`${path}[${place}].${head}`} ...${more} />`}
        </td>`)}</tr>`)}</tbody></table><${More} of=${value.length} />`;
  }
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  return html`<table><tbody>${first(entries).map(([key, each]) => html`
    <tr><th scope="row">${isList ? Number(key) + 1 : key}</th>
      <td><${Cell} value=${each} path=${inside(path, key, isList)} ...${more} /></td></tr>`)}
  </tbody></table><${More} of=${entries.length} />`;
}

const Cell = (props) => (isHolder(props.value)
  ? html`<${Table} ...${props} />` : html`<${Value} ...${props} />`);
