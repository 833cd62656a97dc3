// The same question to two models, or at two levels of detail, side by side.

import { html, useRef, useState } from "./vendor/preact.js";
import { Answer, ask } from "./chat.js";
import { CodeDialog } from "./code.js";
import { Choices, Composer, useCost, useFiles } from "./composer.js";
import { Thumb, Viewer } from "./stage.js";
import { Icon, newId, tokens } from "./ui.js";
import { bodyOf, USUAL } from "./question.js";

export function Compare({ models, asked, wide, active, onSettings }) {
  const [, redraw] = useState(0);
  const changed = () => redraw((n) => n + 1);
  const [text, setText] = useState("");
  const [files, setFiles] = useState([]);
  const [sides, setSides] = useState([{ detail: "low" }, { detail: "high" }]);
  const [asking, setAsking] = useState(null); // the question and its two answers
  const [viewer, setViewer] = useState(null);
  const [coded, setCoded] = useState(null); // which side's request is shown
  const working = useRef(null);
  const getter = useFiles((found) => setFiles((old) => [...old, ...found]), active);
  const settled = sides.map((side) => ({ model: side.model ?? asked.model, detail: side.detail, frames: side.frames }));
  const turn = { role: "user", text: text.trim(), files };
  const hasQuestion = files.length > 0 || Boolean(text.trim());
  const costs = [useCost([turn], settled[0], hasQuestion), useCost([turn], settled[1], hasQuestion)];
  const busy = asking?.answers.some((answer) => answer.busy) ?? false;

  const send = () => {
    getter.clear();
    const ending = new AbortController();
    working.current = ending;
    const question = { ...turn, id: newId() };
    const answers = settled.map(() => ({ role: "assistant", id: newId(), text: "", busy: true }));
    setAsking({ question, answers, settled });
    answers.forEach((answer, i) => ask([question], answer, settled[i], ending.signal, changed));
  };
  const total = costs.every((cost) => cost.tokens !== undefined)
    ? { tokens: costs[0].tokens + costs[1].tokens } : {};
  const shown = asking?.question.files ?? [];
  const open = (file, list, facts, more) => setViewer({ list, selected: file.id, facts, ...more });
  const film = shown.find((file) => file.kind === "film");
  return html`
    <div class="compare">
      ${getter.parts}
      <section class="sides" tabindex="0" role="region" aria-label="Two answers">
        ${asking && html`<div class="asked-both">
          ${shown.length > 0 && html`<div class="thumbs">${shown.map((file) => html`
            <${Thumb} key=${file.id} file=${file} onOpen=${() => open(file, shown, asking.answers[0].facts)} />`)}</div>`}
          <p>${asking.question.text || USUAL}</p></div>`}
        <div class="two">${sides.map((side, i) => html`
          <article key=${i} aria-label=${`Answer ${i + 1}`}>
            <div class="side-head">
              <${Choices} id=${`-${i}`} models=${models} asked=${settled[i]}
                hasFilm=${files.some((file) => file.kind === "film")}
                onAsked=${(next) => setSides(sides.map((old, j) => (j === i ? next : old)))} />
              <span class="dim">${costs[i].tokens !== undefined ? tokens(costs[i].tokens) : ""}</span>
            </div>
            ${asking
              ? html`<${Answer} turn=${asking.answers[i]} onKey=${onSettings}
                  hasFilm=${Boolean(film)} onTime=${(time) => open(film, shown, asking.answers[i].facts, { seek: { time } })}
                  onMark=${(mark) => open(shown.find((f) => f.id === mark.file), shown, asking.answers[i].facts,
                    { focus: mark, seek: mark.time_s === undefined ? null : { time: mark.time_s } })}>
                  <button type="button" class="quiet" onClick=${() => setCoded(i)}><${Icon} name="code" />Code</button></${Answer}>`
              : html`<p class="dim">The answer of this side comes here.</p>`}
          </article>`)}</div>
      </section>
      <${Composer} label="Question to both" text=${text} onText=${setText} files=${files} getter=${getter} models=${models}
        asked=${asked} cost=${total} busy=${busy} onSend=${send} onStop=${() => working.current?.abort()}
        onOpen=${(file) => open(file, files)} onRemove=${(file) => setFiles(files.filter((f) => f !== file))} />
      ${coded !== null && html`<${CodeDialog} onClose=${() => setCoded(null)}
        requestOf=${(data) => bodyOf([asking.question], asking.settled[coded], data)} />`}
      ${viewer && html`<${Viewer} files=${viewer.list} selected=${viewer.selected} facts=${viewer.facts} focus=${viewer.focus}
        seek=${viewer.seek}
        onSelect=${(id) => setViewer({ ...viewer, selected: id })} onClose=${() => setViewer(null)} />`}
    </div>`;
}
