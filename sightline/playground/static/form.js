// The form of an answer: words, a list of attributes, or a schema that is built by its fields.

import { html, useState } from "./vendor/preact.js";
import { decided, FIRST, Questions } from "./decisions.js";
import { Choice, Dialog, Icon, IconButton, onwards, Trouble } from "./ui.js";

const TYPES = [
  ["string", "Text"], ["number", "Number"], ["integer", "Whole number"], ["boolean", "Yes or no"],
  ["strings", "List of texts"], ["rows", "Rows"],
];
const nullable = (type, description) => ({ type: [type, "null"], ...(description && { description }) });

/** Make a JSON schema of fields; every one may be null, for what is not told. */
export function schemaOf(fields) {
  const properties = {};
  for (const { name, type, about, columns } of fields) {
    if (type === "strings") {
      properties[name] = { type: "array", items: { type: "string" }, ...(about && { description: about }) };
    } else if (type === "rows") {
      const cells = columns.split(",").map((column) => column.trim()).filter(Boolean);
      properties[name] = {
        type: "array",
        items: objectOf(Object.fromEntries(cells.map((cell) => [cell, nullable("string")]))),
        ...(about && { description: about }),
      };
    } else properties[name] = nullable(type, about);
  }
  return objectOf(properties);
}

const objectOf = (properties) => ({
  type: "object", properties, required: Object.keys(properties), additionalProperties: false,
});

const KINDS = [["text", "Text"], ["fields", "Fields"], ["attributes", "Attributes"], ["schema", "Schema"],
  ["decisions", "Decisions"]];
const EMPTY = { name: "", type: "string", about: "", columns: "" };

/** Choose it; `onChange` is given null for words, else `{kind, ...}`. */
export function FormDialog({ form, onChange, onClose }) {
  const [kind, setKind] = useState(form?.as ?? "fields");
  const [fields, setFields] = useState(form?.fields ?? [{ ...EMPTY, name: "total", type: "number" }, { ...EMPTY, name: "date" }]);
  const [list, setList] = useState(form?.kind === "attributes" ? form.text : "- total: the total\n- date: the date");
  const [schema, setSchema] = useState(JSON.stringify(form?.schema ?? schemaOf(fields), null, 2));
  const [questions, setQuestions] = useState(form?.questions ?? FIRST);
  const [error, setError] = useState(null);

  const change = (next) => {
    setError(null);
    if (next === "schema" && kind === "fields") setSchema(JSON.stringify(schemaOf(named(fields)), null, 2));
    setKind(next);
  };
  const use = (event) => {
    event.preventDefault();
    try {
      onChange(chosen(kind, { fields: named(fields), list, schema, questions }));
      onClose();
    } catch (reason) {
      setError(reason);
    }
  };
  return html`<${Dialog} title="Form of the answer" onClose=${onClose}>
    <form class="fields" onSubmit=${use}>
      <${Choice} label="Form of the answer" value=${kind} onChange=${change} options=${KINDS} />
      ${kind === "text" && html`<p class="dim">An answer in words.</p>`}
      ${kind === "fields" && html`<${Fields} fields=${fields} onFields=${setFields} />`}
      ${kind === "attributes" && html`<label>What the JSON should hold, one attribute a line
        <textarea rows="6" value=${list} onInput=${(e) => setList(e.target.value)}></textarea></label>`}
      ${kind === "schema" && html`<label>JSON schema
        <textarea rows="12" class="mono" spellcheck="false" value=${schema}
          onInput=${(e) => setSchema(e.target.value)}></textarea></label>`}
      ${kind === "decisions" && html`<${Questions} questions=${questions} onQuestions=${setQuestions} />`}
      ${error && html`<${Trouble} error=${error} />`}
      <div class="actions"><button class="main">Use it</button></div>
    </form></${Dialog}>`;
}

const named = (fields) => fields.filter((field) => field.name.trim())
  .map((field) => ({ ...field, name: field.name.trim() }));

const wrong = (message, hint) => Object.assign(new Error(message), { hint });

function chosen(kind, { fields, list, schema, questions }) {
  if (kind === "decisions") return decided(questions);
  if (kind === "text") return null;
  if (kind === "attributes") {
    if (!list.trim()) throw wrong("There is no attribute.", "Write one a line, or take an answer in words.");
    return { kind: "attributes", as: "attributes", text: list.trim() };
  }
  if (kind === "fields") {
    if (!fields.length) throw wrong("There is no field.", "Name one, or take an answer in words.");
    const twice = fields.find((field, place) => fields.findIndex((f) => f.name === field.name) < place);
    if (twice) throw wrong(`Two fields are named ${twice.name}.`, "Name each once.");
    const bare = fields.find((field) => field.type === "rows" && !field.columns.trim());
    if (bare) throw wrong(`The rows of ${bare.name} have no columns.`, "Name them, with commas between.");
    return { kind: "schema", as: "fields", fields, schema: schemaOf(fields) };
  }
  try {
    return { kind: "schema", as: "schema", schema: JSON.parse(schema) };
  } catch {
    throw wrong("The schema is not JSON.", "Check its quotes, commas and brackets.");
  }
}

function Fields({ fields, onFields }) {
  const set = (place, more) => onFields(fields.map((field, i) => (i === place ? { ...field, ...more } : field)));
  return html`
    <fieldset class="rows"><legend>What the JSON should hold</legend>
      ${fields.map((field, place) => html`
        <div class="row" key=${place}>
          <input aria-label="Name" placeholder="name" value=${field.name} onInput=${(e) => set(place, { name: e.target.value })} />
          <select aria-label="Kind" value=${field.type} onChange=${(e) => set(place, { type: e.target.value })}>
            ${TYPES.map(([id, text]) => html`<option value=${id}>${text}</option>`)}</select>
          <input aria-label=${field.type === "rows" ? "Columns" : "What it is"}
            placeholder=${field.type === "rows" ? "its columns" : "what it is"}
            value=${field.type === "rows" ? field.columns : field.about}
            onInput=${(e) => set(place, { [field.type === "rows" ? "columns" : "about"]: e.target.value })} />
          <${IconButton} icon="trash" label=${`Remove ${field.name || "this field"}`}
            onClick=${(e) => { onwards(e.currentTarget.closest(".row")); onFields(fields.filter((_, i) => i !== place)); }} />
        </div>`)}
      <button type="button" class="quiet" onClick=${() => onFields([...fields, { ...EMPTY }])}>
        <${Icon} name="add" />Add a field</button>
    </fieldset>`;
}
