// What can be tried on first sight: pictures that come with the page, and what to ask of them.

import { fetched } from "./api.js";
import { made } from "./files.js";
import { schemaOf } from "./form.js";

const at = (name, isFilm) => new URL(`examples/${name}.${isFilm ? "mp4" : "webp"}`, import.meta.url).href;
const FIELDS = [
  { name: "merchant", type: "string", about: "who sold it", columns: "" },
  { name: "date", type: "string", about: "", columns: "" },
  { name: "total", type: "number", about: "", columns: "" },
  { name: "items", type: "rows", about: "what was bought", columns: "quantity, name, price" },
];

/** The film, which can also be narrated. */
export const FILM = { title: "A film", text: "What happens, and when?", names: ["film"], film: true };

const DECIDED = [["Is there a cup?", "predicate", ""], ["What is on the table?", "choice", "cup, bottle, book"]]
  .map(([text, type, options]) => ({ text, type, options }));

export const EXAMPLES = [
  { title: "A photograph", text: "What is in this picture?", names: ["coffee"] },
  { title: "How likely it is", text: "", about: "Is there a cup?", names: ["coffee"],
    form: { kind: "decisions", as: "decisions", questions: DECIDED } },
  { title: "A receipt", text: "What is the total, and when was it?", names: ["receipt"] },
  { title: "A receipt as JSON", text: "Read the receipt.", names: ["receipt"],
    form: { kind: "schema", as: "fields", fields: FIELDS, schema: schemaOf(FIELDS) } },
  { title: "A poster", text: "What does the QR code contain, and when is the event?", names: ["poster"] },
  { title: "A chart", text: "Which month had the most visitors?", names: ["chart"] },
  { title: "Two notices", text: "What is different?", names: ["before", "after"] },
  FILM,
].map((example) => ({ ...example, address: at(example.names[0], example.film) }));

export async function exampleFiles({ names, film }) {
  return Promise.all(names.map(async (name) => {
    const address = at(name, film);
    const reply = await fetched(address);
    return made(await reply.blob(), address.split("/").pop(), film ? "film" : "picture");
  }));
}
