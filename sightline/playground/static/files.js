// Pictures, films and documents: how they come in, what is shown of them, how they are sent.

import { pages } from "./api.js";
import { newId } from "./ui.js";

export const ACCEPT = "image/*,video/*,application/pdf";
const PAINT_MS = 250;
const STALLED_MS = 10_000; // for one frame
const STALLED = new Error("the browser stalled");
const SENT = /^image\/(png|jpeg|webp|gif)$/; // as they are
const DRAWN_AT = 1600; // pixels of the longest side of a picture that has no size of its own

const NONE = ["neither a picture, a film nor a PDF", "Choose another file, or paste its text."];
const EMPTY = ["empty", "Choose another file."];
const UNREAD = ["a picture that this browser does not read", "Save it as JPEG or PNG, and choose that."];

/** Take files as they were dropped, pasted or chosen; `refused` says of those that are none of ours what to do. */
export async function taken(list) {
  const found = [];
  const refused = [];
  for (const file of list) {
    const name = file.name || `pasted.${file.type.split("/")[1]}`;
    const type = await typeOf(file);
    const kind = kindOf(type, name);
    const one = file.size && kind && await made(type === file.type ? file : new Blob([file], { type }), name, kind);
    const why = !file.size ? EMPTY : !kind ? NONE : kind === "picture" && !one.size && !SENT.test(type) ? UNREAD : null;
    if (!why) found.push(one);
    else refused.push({ message: `${name} is ${why[0]}.`, hint: why[1] });
  }
  return { found, refused };
}

// By what files begin with: a name may be wrong, and not every system knows of all of them.
const HEADS = [[/^%PDF-/, "application/pdf"], [/^\xff\xd8\xff/, "image/jpeg"], [/^\x89PNG\r\n/, "image/png"],
  [/^GIF8/, "image/gif"], [/^RIFF....WEBP/s, "image/webp"], [/^....ftyp(hei|hev|mif1|msf1)/s, "image/heic"],
  [/^....ftyp(?!avi|M4[AB])/s, "video/mp4"], [/^\x1aE\xdf\xa3/, "video/webm"]];

async function typeOf(file) {
  const head = String.fromCharCode(...new Uint8Array(await file.slice(0, 16).arrayBuffer()));
  const type = HEADS.find(([begins]) => begins.test(head))?.[1];
  return type && type.split("/")[0] !== file.type.split("/")[0] ? type : SENT.test(type) ? type : file.type;
}

function kindOf(type, name) {
  if (type.startsWith("image/")) return "picture";
  if (type.startsWith("video/") || /\.(mp4|mov|mkv|webm|avi|m4v)$/i.test(name)) return "film";
  return type === "application/pdf" || /\.pdf$/i.test(name) ? "document" : null;
}

/** Hold a file; a picture in a form that the API does not take becomes a PNG, if it can be read. */
export async function made(blob, name, kind) {
  let held = blob;
  let size = null;
  if (kind === "picture") {
    try {
      const image = await readable(blob);
      size = [image.width, image.height];
      if (!SENT.test(blob.type)) held = await redrawn(image);
      image.close?.();
    } catch {
      // The server says what is wrong with it.
    }
  }
  return { id: newId(), kind, name, blob: held, size, shown: URL.createObjectURL(held) };
}

/** Give a picture that can be drawn; of what is made of lines (SVG), one that is large enough to be read. */
async function readable(blob) {
  if (!blob.type.startsWith("image/svg")) return createImageBitmap(blob);
  const image = new Image();
  image.src = URL.createObjectURL(blob);
  await image.decode().finally(() => URL.revokeObjectURL(image.src));
  const [width, height] = [image.naturalWidth || DRAWN_AT, image.naturalHeight || DRAWN_AT];
  const scale = DRAWN_AT / Math.max(width, height);
  [image.width, image.height] = [Math.ceil(width * scale), Math.ceil(height * scale)];
  return image;
}

async function redrawn(image) {
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext("2d").drawImage(image, 0, 0, image.width, image.height);
  return canvas.convertToBlob({ type: "image/png" });
}

/** A picture or a film by its URL. The server fetches it; this page asks nobody else. */
export function byUrl(url) {
  let name = new URL(url).pathname.split("/").pop() || url;
  try {
    name = decodeURIComponent(name);
  } catch {
    // A lone % is one.
  }
  name = name.slice(0, 80);
  const kind = kindOf("", name) ?? "picture";
  return { id: newId(), kind, name, url, size: null, shown: null };
}

/** Give what stands for a file in a request. */
export async function part(file, { detail, frames }, data = dataUrl) {
  const url = file.url ?? (await data(file));
  if (file.kind === "film") {
    return { type: "video_url", video_url: { url, detail, ...(frames && { num_frames: frames }) } };
  }
  if (file.kind === "document") {
    const source = file.url ? { file_url: url } : { file_data: url };
    return { type: "file", file: { filename: file.name, ...source, detail } };
  }
  return { type: "image_url", image_url: { url, detail } };
}

/** Give some of a document's pages as pictures, each with its size; the server draws each once. */
export async function drawn(file, numbers, detail = "auto") {
  const held = (file.sheets ??= {});
  const lacking = numbers.filter((number) => !held[detail + number]);
  if (lacking.length) {
    const asked = part(file, { detail }).then((made) => pages(made.file, lacking));
    lacking.forEach((number, place) => {
      held[detail + number] = asked.then(({ total, urls }) => {
        file.total = total;
        return sized(urls[place]);
      });
      held[detail + number].catch(() => { delete held[detail + number]; });
    });
  }
  return Promise.all(numbers.map((number) => held[detail + number]));
}

async function sized(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  return { url, size: [image.naturalWidth, image.naturalHeight] };
}

/** Read a file once as a data URL. */
export function dataUrl(file) {
  file.data ??= new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(new Error(`${file.name} cannot be read any more.`));
    reader.readAsDataURL(file.blob);
  });
  return file.data;
}

/** Draw a film's frames at some times, each as a small picture; null where the browser cannot. */
export async function frames(file, times, heard, signal) {
  // A browser that is busy now and then forgets a film that is not shown; another element begins anew.
  for (let tries = 0, next = 0; tries < 3 && next < times.length && !signal.aborted; tries += 1) {
    next = await framesFrom(next, file, times, heard, signal);
  }
}

/** Cut frames from one on; give which comes next where the browser stalls. */
async function framesFrom(begin, file, times, heard, signal) {
  const video = document.createElement("video");
  video.muted = true;
  video.preload = "auto";
  video.src = file.shown;
  const after = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
  const once = (name) => Promise.race([after(STALLED_MS).then(() => { throw STALLED; }), new Promise((resolve, reject) => {
    video.addEventListener(name, resolve, { once: true });
    video.addEventListener("error", reject, { once: true });
  })]);
  // A seek may be over before its picture is there to be drawn; a frame that stays tells nothing.
  const painted = () => new Promise((resolve) => { video.requestVideoFrameCallback?.(resolve); });
  let next = begin;
  try {
    await once("loadeddata");
    const canvas = document.createElement("canvas");
    canvas.width = 160;
    canvas.height = Math.max(1, Math.round((160 * video.videoHeight) / video.videoWidth));
    for (; next < times.length && !signal.aborted; next += 1) {
      const shown = painted();
      video.currentTime = times[next] + 0.001;
      await once("seeked");
      await Promise.race([shown, after(PAINT_MS)]);
      canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
      heard(next, canvas.toDataURL("image/jpeg", 0.7));
    }
    return next;
  } catch (error) {
    // The browser does not know the codec, unless it stalled; the server may.
    return error === STALLED ? next : times.length;
  } finally {
    video.removeAttribute("src");
    video.load();
  }
}
