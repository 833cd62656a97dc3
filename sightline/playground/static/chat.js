// A conversation: questions with files, answers as they come, stopped, asked again, changed.

import { html, useEffect, useMemo, useRef, useState } from "./vendor/preact.js";
import { chat } from "./api.js";
import { Json, Markdown, parsed } from "./answer.js";
import { CodeDialog } from "./code.js";
import { Composer, formName, useCost, useFiles } from "./composer.js";
import { decide, Decisions, inWords } from "./decisions.js";
import { FormDialog } from "./form.js";
import { keep, UNKEPT } from "./history.js";
import { EXAMPLES, exampleFiles } from "./examples.js";
import { bodyOf, plain, told, USUAL } from "./question.js";
import { Stage, Thumb, Viewer } from "./stage.js";
import { CopyButton, Icon, newId, number, seconds, Trouble, Waiting } from "./ui.js";

/** What an answer cost. */
export function Spent({ turn }) {
  const used = turn.usage;
  const pictures = used?.prompt_tokens_details?.image_tokens;
  const said = used && `${number(used.prompt_tokens)} tokens in${pictures ? ` (${number(pictures)} for pictures)` : ""}, `
    + `${number(used.completion_tokens)} out · `;
  return html`<span class="spent">${said}${seconds(turn.seconds ?? 0)}${turn.stopped ? " · stopped" : ""}</span>`;
}

/** Ask with some turns, and fill the answer in as it comes. `changed` is called at each step. */
export async function ask(turns, answer, asked, signal, changed) {
  const began = performance.now();
  // All of a text is laid out anew each time, so the longer it is the less often.
  let timer = null;
  const soon = () => {
    timer ??= setTimeout(() => { timer = null; changed(); }, 30 + answer.text.length / 200);
  };
  const form = turns.findLast((turn) => turn.role === "user").form;
  const once = async () => {
    const { body, sent } = await bodyOf(turns, { ...asked, form });
    if (form?.kind === "decisions") {
      const { answers, usage, own } = await decide(body, signal);
      Object.assign(answer, { decided: answers, text: inWords(answers, form), usage, facts: told(own, sent) });
      return;
    }
    await chat(body, signal, ({ text, finish, usage }) => {
      answer.text += text;
      answer.finish = finish ?? answer.finish;
      answer.seconds = (performance.now() - began) / 1000;
      if (usage) {
        answer.usage = usage;
        answer.facts = told(usage.sightline, sent);
      }
      soon();
    });
  };
  try {
    await once().catch((error) => {
      if (error.param !== "sightline" || plain.has(asked.model)) throw error;
      plain.add(asked.model);
      return once();
    });
  } catch (error) {
    if (error.name === "AbortError") answer.stopped = true;
    else answer.error = { message: error.message, hint: error.hint, status: error.status };
  }
  clearTimeout(timer);
  answer.seconds = (performance.now() - began) / 1000;
  answer.busy = false;
  changed();
}

export function Answer({ turn, reads, hasFilm, onMark, onTime, onKey, children }) {
  const { facts } = turn;
  const value = useMemo(() => (turn.busy || !turn.form ? undefined : parsed(turn.text)), [turn.busy, turn.text]);
  const marks = facts?.evidence;
  return html`
    ${turn.busy && !turn.text && html`<${Waiting} text="Waiting for the answer" of=${reads > 1 && `${number(reads)} pages are read · `} />`}
    ${turn.decided
      ? html`<${Decisions} answers=${turn.decided} questions=${turn.form.questions} marks=${marks} onMark=${onMark} />`
      : value !== undefined
      ? html`<${Json} value=${value} text=${turn.text} marks=${marks} onMark=${onMark} />`
      : html`<${Markdown} text=${turn.text} marks=${marks} hasFilm=${hasFilm} onMark=${onMark} onTime=${onTime} />`}
    ${!turn.busy && !turn.text && !turn.error && !turn.stopped && html`<p class="dim">The answer is empty.</p>`}
    ${turn.finish === "length" && html`<p class="dim">It ended at the most tokens that an answer may have.</p>`}
    ${facts?.note && html`<div class="note"><${Markdown} text=${facts.note} /></div>`}
    ${turn.error && html`<${Trouble} error=${turn.error}>
      ${turn.error.status === 401 && html`<button type="button" onClick=${onKey}>Enter the key</button>`}</${Trouble}>`}
    ${!turn.busy && html`<div class="answer-bar"><${Spent} turn=${turn} />
      ${turn.text && html`<${CopyButton} text=${turn.text} />`}${children}</div>`}`;
}

/** What was asked, in words. */
const said = ({ text, form }) => [text, ...(form?.questions ?? []).map((each) => each.text)].filter(Boolean).join("\n")
  || html`<em>${USUAL}</em>`;

function Question({ turn, busy, onOpen, onChange }) {
  const [text, setText] = useState(null);
  const [field, pencil] = [useRef(), useRef()];
  const isEdited = text !== null;
  const wasEdited = useRef(false);
  useEffect(() => {
    if (isEdited || wasEdited.current) (isEdited ? field : pencil).current?.focus();
    wasEdited.current = isEdited;
  }, [isEdited]);
  const used = (event) => {
    event.preventDefault();
    setText(null);
    onChange(text);
  };
  if (isEdited) {
    return html`<form class="editing" onSubmit=${used}>
      <textarea ref=${field} aria-label="The question, changed" value=${text} onInput=${(e) => setText(e.target.value)}></textarea>
      <div class="actions"><button type="button" onClick=${() => setText(null)}>Cancel</button>
        <button class="main">Ask again</button></div></form>`;
  }
  return html`
    ${turn.files.length > 0 && html`<div class="thumbs">${turn.files.map((file) => html`
      <${Thumb} key=${file.id} file=${file} onOpen=${() => onOpen(file)} />`)}</div>`}
    <div class="said-line">
      ${!turn.form?.questions && html`<button ref=${pencil} type="button" class="quiet" disabled=${busy} aria-label="Change the question"
        title="Change the question" onClick=${() => setText(turn.text)}><${Icon} name="edit" /></button>`}
      <p>${said(turn)}${turn.form && html` <span class="tag">${formName(turn.form).slice(3)}</span>`}</p>
    </div>`;
}

function Welcome({ onExample }) {
  return html`
    <section class="welcome" aria-label="Examples">
      <h2>Ask about pictures, films and PDFs</h2>
      <p>Drop, paste or choose them, or begin with an example.</p>
      <div class="examples">${EXAMPLES.map((example) => html`
        <button type="button" key=${example.title} onClick=${() => onExample(example)}>
          ${example.film
            ? html`<video src="${example.address}#t=1" muted preload="metadata" tabindex="-1" aria-hidden="true"></video>`
            : html`<img src=${example.address} alt="" width="64" height="64" />`}
          <span><strong>${example.title}</strong>${example.text || example.about}</span></button>`)}
      </div>
    </section>`;
}

export function Chat({ models, asked, onAsked, conversation, wide, active, onSettings }) {
  const [, redraw] = useState(0);
  const changed = () => redraw((n) => n + 1);
  const { turns } = conversation;
  const [text, setText] = useState("");
  const [files, setFiles] = useState([]);
  const [form, setForm] = useState(null);
  const [dialog, setDialog] = useState(null);
  const [selected, setSelected] = useState(null);
  const [focus, setFocus] = useState(null);
  const [seek, setSeek] = useState(null);
  const [status, setStatus] = useState("");
  const working = useRef(null);
  const list = useRef();
  const follows = useRef(true); // until one scrolls up
  const busy = turns.at(-1)?.busy ?? false;

  useEffect(() => () => working.current?.abort(), [conversation]);
  useEffect(() => {
    if (turns.length && follows.current) list.current.scrollTop = list.current.scrollHeight;
  }, [turns.length, busy, turns.at(-1)?.text.length]);

  const getter = useFiles((found) => {
    setFiles((old) => [...old, ...found]);
    setSelected(found.at(-1).id);
  }, active);
  const pending = { role: "user", text: text.trim(), files, form };
  const wanted = { ...asked, form };
  const cost = useCost([...turns, pending], wanted, files.length > 0 || turns.length > 0 || Boolean(text.trim()));

  const run = async (before) => {
    working.current?.abort();
    const ending = new AbortController();
    working.current = ending;
    const answer = { role: "assistant", id: newId(), text: "", busy: true, form: before.at(-1).form, asked };
    turns.splice(0, turns.length, ...before, answer);
    follows.current = true;
    setStatus("Asking");
    changed();
    await keep(conversation.id, before); // a page that is left before the answer keeps the question
    await ask(before, answer, asked, ending.signal, changed);
    const kept = await keep(conversation.id, turns);
    setStatus(answer.error ? "" : answer.stopped ? "Stopped" : "The answer is there");
    if (!kept) getter.fail(UNKEPT);
  };
  const send = () => {
    const turn = { ...pending, id: newId() };
    setText("");
    setFiles([]);
    getter.clear();
    setFocus(null);
    if (turn.files.length) setSelected(turn.files[0].id);
    run([...turns, turn]);
  };
  const example = async (one) => {
    getter.clear();
    const found = await exampleFiles(one).catch(getter.fail);
    if (!found) return;
    setSelected(found[0].id);
    setForm(one.form ?? null);
    run([{ role: "user", id: newId(), text: one.text, files: found, form: one.form ?? null }]);
  };

  const all = [...turns.flatMap((turn) => turn.files ?? []), ...files];
  const facts = useMemo(() => merged(cost.facts, turns), [cost.facts, turns.at(-1)?.facts, turns.length]);
  const open = (file) => { setSelected(file.id); if (!wide) setDialog("viewer"); };
  const onMark = (mark) => {
    setSelected(mark.file);
    setFocus({ ...mark });
    if (mark.time_s !== undefined) setSeek({ time: mark.time_s });
    if (!wide) setDialog("viewer");
  };
  const onTime = (time) => {
    const film = all.findLast((file) => file.kind === "film");
    setSelected(film.id);
    setSeek({ time });
    if (!wide) setDialog("viewer");
  };
  const hasFilm = all.some((file) => file.kind === "film");
  const pages = all.filter((file) => file.kind === "document").reduce((sum, { id }) => sum + (facts.seen.get(id)?.length ?? 0), 0);
  const refused = cost.error && !busy && pending.files.length > 0 ? cost.error : null;
  const tells = [refused, ...turns.map((turn) => turn.error)].filter(Boolean).map((each) => each.message);
  const stage = { files: all, selected: all.some((f) => f.id === selected) ? selected : all.at(-1)?.id,
    onSelect: setSelected, facts, focus, seek, tells };

  return html`
    <div class="chat ${wide ? "wide" : ""}">
      ${getter.parts}
      ${wide && html`<aside class="side" aria-label="What is looked at">
        ${all.length ? html`<${Stage} ...${stage} onOpen=${() => setDialog("viewer")} />`
          : html`<button type="button" class="drop-zone" onClick=${getter.choose}>
              <${Icon} name="picture" /><strong>Drop pictures, films or PDFs here</strong>
              <span>or paste them, or click to choose</span></button>`}
      </aside>`}
      <section class="talk" aria-label="Conversation">
        <div class="turns" tabindex="0" role="region" aria-label="Questions and answers" ref=${list}
          onScroll=${({ target: t }) => { follows.current = t.scrollHeight - t.scrollTop - t.clientHeight < 80; }}>
          ${!turns.length && html`<${Welcome} onExample=${example} />`}
          ${turns.map((turn, place) => (turn.role === "user"
            ? html`<article class="turn user" key=${turn.id} aria-label="Question">
                <${Question} turn=${turn} busy=${busy} onOpen=${open}
                  onChange=${(changedText) => run([...turns.slice(0, place), { ...turn, text: changedText.trim() }])} /></article>`
            : html`<article class="turn answer" key=${turn.id} aria-label="Answer" aria-busy=${turn.busy}>
                <${Answer} turn=${turn} reads=${pages} hasFilm=${hasFilm} onMark=${onMark} onTime=${onTime} onKey=${onSettings}>
                  <button type="button" class="quiet" onClick=${() => run(turns.slice(0, place))} disabled=${busy}>
                    <${Icon} name="retry" />Retry</button>
                  <button type="button" class="quiet" onClick=${() => setDialog({ code: turns.slice(0, place) })}>
                    <${Icon} name="code" />Code</button>
                </${Answer}></article>`))}
        </div>
        ${refused && html`<${Trouble} error=${refused}>
          ${refused.status === 401 && html`<button type="button" onClick=${onSettings}>Enter the key</button>`}</${Trouble}>`}
        <${Composer} text=${text} onText=${setText} files=${files} getter=${getter} models=${models}
          asked=${asked} onAsked=${onAsked} hasFilm=${hasFilm} cost=${cost} busy=${busy} form=${form} onOpen=${open}
          onForm=${() => setDialog("form")} onSend=${send} onStop=${() => working.current?.abort()}
          onRemove=${(file) => setFiles(files.filter((each) => each !== file))} />
        <p class="away" role="status">${status}</p>
      </section>
      ${dialog === "viewer" && all.length > 0 && html`<${Viewer} ...${stage} onClose=${() => setDialog(null)} />`}
      ${dialog === "form" && html`<${FormDialog} form=${form} onChange=${setForm} onClose=${() => setDialog(null)} />`}
      ${dialog?.code && html`<${CodeDialog} onClose=${() => setDialog(null)}
        requestOf=${(data) => bodyOf(dialog.code, { ...asked, form: dialog.code.at(-1).form }, data)} />`}
    </div>`;
}

/** How files are seen: as the last answer told, and as counted for what is still to be sent. */
function merged(counted, turns) {
  const last = turns.findLast((turn) => turn.facts)?.facts;
  return {
    seen: new Map([...(counted?.seen ?? []), ...(last?.seen ?? [])]),
    films: new Map([...(counted?.films ?? []), ...(last?.films ?? [])]),
    evidence: last?.evidence ?? [],
    things: last?.things ?? [],
  };
}
