// The request as programs that work when they are pasted.

import { html, useEffect, useState } from "./vendor/preact.js";
import { BASE } from "./api.js";
import { dataUrl } from "./files.js";
import * as narration from "./narration_code.js";
import { Choice, CopyButton, Dialog } from "./ui.js";

const LANGUAGES = [["curl", "curl"], ["python", "Python"], ["javascript", "JavaScript"]];
const LONGEST = 72; // characters of a data URL that are shown

/** Write it for a shell. The body goes in by a here-document, which has no limit on its length. */
export function asCurl({ path, body }) {
  return `curl ${BASE}${path} \\
  -H 'Content-Type: application/json' -H "Authorization: Bearer $OPENAI_API_KEY" \\
  --data-binary @- <<'JSON'
${JSON.stringify(body, null, 2)}
JSON
`;
}

/** Write it for the official client. */
export function asPython({ path, body }) {
  const { sightline, ...usual } = body;
  const given = Object.entries(usual).map(([name, value]) => `    ${name}=${literal(value, "    ")},`);
  if (sightline) given.push(`    extra_body=${literal({ sightline }, "    ")},`);
  return `import os

from openai import OpenAI

client = OpenAI(base_url="${BASE}", api_key=os.environ.get("OPENAI_API_KEY", "any"))
reply = client.${path.slice(1).replaceAll("/", ".")}.create(
${given.join("\n")}
)
${path === "/decisions" ? "print(reply.to_json())" : "print(reply.choices[0].message.content)"}
`;
}

function literal(value, indent) {
  const inner = `${indent}    `;
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) {
    return value.length ? `[\n${value.map((each) => `${inner}${literal(each, inner)},\n`).join("")}${indent}]` : "[]";
  }
  if (typeof value === "object") {
    const rows = Object.entries(value).map(([k, v]) => `${inner}${JSON.stringify(k)}: ${literal(v, inner)},\n`);
    return rows.length ? `{\n${rows.join("")}${indent}}` : "{}";
  }
  return JSON.stringify(value);
}

/** Write it for Node and for browsers, without a library. */
export function asJavaScript({ path, body }) {
  const found = path === "/decisions" ? "JSON.stringify(told.answers, null, 2)" : "told.choices[0].message.content";
  return `const key = globalThis.process?.env.OPENAI_API_KEY ?? "any";
const body = ${JSON.stringify(body, null, 2)};

fetch("${BASE}${path}", {
  method: "POST",
  headers: { "content-type": "application/json", authorization: \`Bearer \${key}\` },
  body: JSON.stringify(body),
})
  .then((reply) => reply.json())
  .then((told) => console.log(told.error?.message ?? ${found}));
`;
}

const WRITE = { curl: asCurl, python: asPython, javascript: asJavaScript };
const NARRATE = { curl: narration.asCurl, python: narration.asPython, javascript: narration.asJavaScript };

/**
 * Shows them with long pictures cut short; what is copied is whole. `requestOf` makes the request, with
 * what gives the data URL of a file.
 */
export function CodeDialog({ requestOf, onClose }) {
  const [language, setLanguage] = useState("curl");
  const [shown, setShown] = useState("");
  const [film, setFilm] = useState(""); // that it reads
  const write = async (data) => {
    const request = await requestOf(data);
    setFilm(request.file ?? "");
    return (request.file ? NARRATE : WRITE)[language](request);
  };
  const short = async (file) => {
    const url = await dataUrl(file);
    return url.length > LONGEST ? `${url.slice(0, LONGEST)}…` : url;
  };
  useEffect(() => { write(short).then(setShown); }, [language]);
  return html`<${Dialog} title="The request" onClose=${onClose} wide>
    <div class="spread">
      <${Choice} label="Language" value=${language} options=${LANGUAGES} onChange=${setLanguage} />
      <${CopyButton} text=${() => write(dataUrl)} />
    </div>
    <pre class="code" tabindex="0" role="region" aria-label="The request">${shown}</pre>
    <p class="dim">${film ? `It reads ${film} from where it is run.` : "Files are cut short here and whole in what is copied."}${" "}The key is read from OPENAI_API_KEY.</p>
  </${Dialog}>`;
}
