// A narration as programs that work where the film lies: what is sent, waited for and kept.

import { BASE } from "./api.js";

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
const indented = (rows) => rows.map((row) => `        ${row},\n`).join("");

/** Write it for a shell. */
export function asCurl({ path, fields, file, made }) {
  const given = Object.entries(fields).map(([name, value]) => `  --form-string ${quoted(`${name}=${value}`)} \\\n`);
  return `narrations=${BASE}${path}
key="Authorization: Bearer $OPENAI_API_KEY"
id=$(curl -sS "$narrations" -H "$key" \\
${given.join("")}  -F ${quoted(`file=@"${file.replace(/["\\]/g, "\\$&")}"`)} | tee /dev/stderr | sed -n 's/.*"id": *"\\([^"]*\\)".*/\\1/p')
while curl -sS "$narrations/$id" -H "$key" | tee /dev/stderr | grep -Eq '"status": *"(queued|in_progress)"'; do sleep 1; done
curl -sS "$narrations/$id/content" -H "$key" -o ${quoted(made)}
`;
}

/** Write it with the library that the official client is made with. */
export function asPython({ path, fields, file, made }) {
  return `import os
import time

import httpx

key = os.environ.get("OPENAI_API_KEY", "any")
with httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=600) as client:
    narrations = "${BASE}${path}"
    fields = {
${indented(Object.entries(fields).map((each) => each.map((text) => JSON.stringify(text)).join(": ")))}    }
    with open(${JSON.stringify(file)}, "rb") as film:
        job = client.post(narrations, data=fields, files={"file": film}).json()
    while job.get("status") in ("queued", "in_progress"):
        time.sleep(1)
        job = client.get(f"{narrations}/{job['id']}").json()
    if job.get("error"):
        raise SystemExit(job["error"]["message"])
    with open(${JSON.stringify(made)}, "wb") as narrated:
        narrated.write(client.get(f"{narrations}/{job['id']}/content").content)
print("; ".join(job["report"]) or "Every segment fits.")
`;
}

/** Write it for Node. */
export function asJavaScript({ path, fields, file, made }) {
  return `const narrations = "${BASE}${path}";
const headers = { authorization: \`Bearer \${process.env.OPENAI_API_KEY ?? "any"}\` };
const fields = ${JSON.stringify(fields, null, 2)};

(async () => {
  const { readFile, writeFile } = await import("node:fs/promises");
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", new Blob([await readFile(${JSON.stringify(file)})]), ${JSON.stringify(file)});
  let job = await (await fetch(narrations, { method: "POST", headers, body: form })).json();
  while (["queued", "in_progress"].includes(job.status)) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    job = await (await fetch(\`\${narrations}/\${job.id}\`, { headers })).json();
  }
  if (job.error) throw new Error(job.error.message);
  const film = await fetch(\`\${narrations}/\${job.id}/content\`, { headers });
  await writeFile(${JSON.stringify(made)}, Buffer.from(await film.arrayBuffer()));
  console.log(job.report.join("; ") || "Every segment fits.");
})();
`;
}
