// Decisions: what is asked, how it is sent, and how likely each answer is.

import { html } from "./vendor/preact.js";
import { request } from "./api.js";
import { Icon, IconButton, onwards } from "./ui.js";

const TYPES = [["predicate", "Yes or no"], ["choice", "One of"], ["score", "On a scale"]];
const EMPTY = { text: "", type: "predicate", options: "" };
export const FIRST = [{ ...EMPTY }];
const WIDEST = { predicate: "yes, no", choice: "cat, dog, none", score: "none, light, heavy" };
const listed = (options) => options.split(",").map((each) => each.trim()).filter(Boolean);
const percent = (share) => `${(100 * share).toFixed(1)} %`;

const wrong = (message, hint) => Object.assign(new Error(message), { hint });

/** Check what is asked; gives the form of an answer. */
export function decided(questions) {
  const asked = questions.map((each) => ({ ...each, text: each.text.trim() })).filter((each) => each.text);
  if (!asked.length) throw wrong("Nothing is asked.", "Write a question of yes or no, or take an answer in words.");
  const bare = asked.find((each) => each.type !== "predicate" && listed(each.options).length < 2);
  if (bare) throw wrong(`“${bare.text}” has fewer than two options.`, "Name them, with commas between.");
  return { kind: "decisions", as: "decisions", questions: asked };
}

/** Write them as the API takes them. */
export const questionsOf = ({ questions }) => questions.map(({ text, type, options }) => ({
  type, instructions: text,
  ...(type === "choice" && { choices: listed(options).map((value) => ({ value })) }),
  ...(type === "score" && { levels: listed(options).map((label) => ({ label })) }),
}));

/** Say of files that are no pictures that nothing is decided of them. */
export function onlyPictures(turns) {
  const other = turns.flatMap((turn) => turn.files ?? []).find((file) => file.kind !== "picture");
  if (other) throw wrong(`${other.name}: decisions are made about pictures.`, "Remove it, or take the answer as text.");
}

/** Have it decided. */
export async function decide(body, signal) {
  const told = await (await request("/decisions", { method: "POST", json: body, signal })).json();
  const { input_tokens, input_tokens_details, output_tokens, sightline } = told.usage;
  return {
    answers: told.answers,
    usage: { prompt_tokens: input_tokens, prompt_tokens_details: input_tokens_details, completion_tokens: output_tokens },
    own: sightline,
  };
}

function rowsOf(answer) {
  if (answer.type === "predicate") return [["yes", answer.probability], ["no", 1 - answer.probability]];
  const rows = answer.probabilities.map((row) => [String(row.label ?? row.value), row.probability]);
  return answer.type === "choice" ? rows.sort((a, b) => b[1] - a[1]) : rows;
}

const reason = (answer) => `Not decided. ${answer.sightline?.reason ?? ""}`.trim();

/** The same in words, to be copied and for who reads the conversation on. */
export const inWords = (answers, { questions }) => answers.map((answer, place) => {
  const said = answer.type === "refusal" ? reason(answer)
    : rowsOf(answer).map(([label, share]) => `${label} ${percent(share)}`).join(", ");
  return `${questions[place].text} ${said}`;
}).join("\n");

/** How likely each answer is; a question leads to what was decided by. */
export function Decisions({ answers, questions, marks, onMark }) {
  const at = new Map((marks ?? []).map((mark) => [mark.path, mark]));
  return html`<ol class="decided">${answers.map((answer, place) => {
    const mark = at.get(`$.answers[${place}]`);
    const { text } = questions[place];
    return html`<li key=${place}>
      <p>${mark ? html`<button type="button" class="said" title="Show what it is decided by"
        onClick=${() => onMark(mark)}>${text}</button>` : text}</p>
      ${answer.type === "refusal" ? html`<p class="dim">${reason(answer)}</p>` : html`
        <dl>${rowsOf(answer).map(([label, share]) => html`
          <dt>${label}</dt><dd><i style=${{ width: `${100 * share}%` }}></i><span>${percent(share)}</span></dd>`)}</dl>
        ${answer.type === "score" && html`<p class="dim">${answer.score.toFixed(2)} on the scale
          from 0 to ${answer.probabilities.length - 1}</p>`}`}</li>`;
  })}</ol>`;
}

/** Where they are written. */
export function Questions({ questions, onQuestions }) {
  const set = (place, more) => onQuestions(questions.map((each, i) => (i === place ? { ...each, ...more } : each)));
  return html`
    <fieldset class="rows"><legend>What is to be decided</legend>
      ${questions.map((each, place) => html`
        <div class="row asking" key=${place}>
          <input aria-label="Question" placeholder="Is there a cup?" value=${each.text}
            onInput=${(e) => set(place, { text: e.target.value })} />
          <select aria-label="Kind" value=${each.type} onChange=${(e) => set(place, { type: e.target.value })}>
            ${TYPES.map(([id, text]) => html`<option value=${id}>${text}</option>`)}</select>
          <input aria-label="Options" placeholder=${WIDEST[each.type]} disabled=${each.type === "predicate"}
            value=${each.type === "predicate" ? "" : each.options} onInput=${(e) => set(place, { options: e.target.value })} />
          <${IconButton} icon="trash" label=${`Remove ${each.text || "this question"}`}
            onClick=${(e) => { onwards(e.currentTarget.closest(".row")); onQuestions(questions.filter((_, i) => i !== place)); }} />
        </div>`)}
      <button type="button" class="quiet" onClick=${() => onQuestions([...questions, { ...EMPTY }])}>
        <${Icon} name="add" />Add a question</button>
    </fieldset>`;
}
