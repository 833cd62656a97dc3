// Draws CAPTCHAs by generators of npm, for training and for measuring with ones never trained on.
//
//     npm install --no-save svg-captcha@1.4.0 trek-captcha@0.4.0 captchapng@0.0.1 pnglib@0.0.1
//     node training/captchas.mjs svg-captcha 1500 FOLDER     # trained on; SVG, for training.captcha --drawn
//     node training/captchas.mjs trek-captcha 500 FOLDER     # measured with: GIF
//     node training/captchas.mjs captchapng 500 FOLDER       # measured with: PNG
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.cwd(), "package.json"));
const [name, count, folder] = process.argv.slice(2);
const any = (...values) => values[Math.floor(Math.random() * values.length)];
const between = (low, high) => low + Math.floor(Math.random() * (high - low + 1));

const drawers = {
  "svg-captcha": () => {
    const options = {
      size: between(4, 7),
      noise: between(1, 5),
      color: any(true, false),
      background: any("", "#ffffff", "#f0f0f0", "#cc9966", "#223344"),
      width: any(120, 150, 200, 240),
      height: any(40, 50, 60, 80),
      fontSize: between(36, 68),
      inverse: any(true, false),
    };
    const made = require("svg-captcha");
    return ["svg", (Math.random() < 0.2 ? made.createMathExpr(options) : made.create(options)).data];
  },
  "trek-captcha": async () => ["gif", (await require("trek-captcha")({ size: between(4, 6) })).buffer],
  captchapng: () => {
    const Png = require("captchapng");
    const png = new Png(any(80, 100, 120), any(30, 36, 44), between(1000, 9999));
    const light = any(true, false);
    const tone = (low) => between(low, low + 90);
    png.color(...(light ? [tone(165), tone(165), tone(165)] : [tone(0), tone(0), tone(0)]), 255);
    png.color(...(light ? [tone(0), tone(0), tone(0)] : [tone(165), tone(165), tone(165)]), 255);
    return ["png", Buffer.from(png.getBase64(), "base64")];
  },
};

mkdirSync(folder, { recursive: true });
for (let i = 0; i < Number(count); i++) {
  const [kind, data] = await drawers[name]();
  writeFileSync(join(folder, `${String(i).padStart(5, "0")}.${kind}`), data);
}
