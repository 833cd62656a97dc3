// What is looked at: a picture with its boxes and tiles, a film with its frames, a document.

import { html, useEffect, useRef, useState } from "./vendor/preact.js";
import { drawn, frames } from "./files.js";
import { seenAs } from "./question.js";
import { clock, Dialog, Icon, IconButton, Trouble, Waiting } from "./ui.js";

const ICONS = { picture: "picture", film: "film", document: "document" };
const SHEETS = 12; // pages that are drawn at once for the strip
const NAMES = { picture: "Picture", film: "Film", document: "PDF" };

/** A small picture of a file, which opens it whole. */
export function Thumb({ file, selected, onOpen, onRemove }) {
  return html`
    <span class="thumb ${selected ? "selected" : ""}">
      <button type="button" onClick=${onOpen} aria-label=${`Open ${file.name}`} title=${file.name}>
        ${file.kind === "picture" && file.shown
          ? html`<img src=${file.shown} alt="" />`
          : file.kind === "film" && file.shown
            ? html`<video src="${file.shown}#t=0.5" muted preload="metadata" tabindex="-1"></video>
                <${Icon} name="film" />`
            : html`<${Icon} name=${ICONS[file.kind]} />`}
      </button>
      ${onRemove && html`<${IconButton} icon="close" label=${`Remove ${file.name}`} onClick=${onRemove} />`}
    </span>`;
}

/** Boxes over a picture; those of `focus` stand out. */
function Boxes({ marks, size, focus, onMark }) {
  const [width, height] = size;
  return marks.map((mark) => {
    const [x0, y0, x1, y1] = mark.box;
    const isOn = focus && focus.mark === mark.mark && focus.number === mark.number;
    const style = {
      left: `${(100 * x0) / width}%`, top: `${(100 * y0) / height}%`,
      width: `${(100 * (x1 - x0)) / width}%`, height: `${(100 * (y1 - y0)) / height}%`,
    };
    const label = mark.mark === "thing" ? (mark.finer ?? mark.kind) : mark.text || String(mark.value ?? "");
    return html`<div key=${`${mark.mark}${mark.number}`} style=${style} aria-hidden="true"
      class="box ${mark.mark} ${isOn ? "on" : ""}" title=${label} onClick=${() => onMark?.(mark)}>
      ${mark.mark === "thing" && html`<span>${label}</span>`}</div>`;
  });
}

function Tiles({ view }) {
  const [width, height] = view.seen;
  const [columns, rows] = view.tiles;
  const side = 512;
  const lines = [];
  for (let x = 1; x < columns; x++) lines.push({ left: `${(100 * x * side) / width}%`, top: 0, bottom: 0, width: 0 });
  for (let y = 1; y < rows; y++) lines.push({ top: `${(100 * y * side) / height}%`, left: 0, right: 0, height: 0 });
  return html`<div class="tiles" aria-hidden="true">${lines.map((style) => html`<i style=${style}></i>`)}</div>`;
}

function Picture({ file, marks, view, focus, shows, onMark }) {
  const [natural, setNatural] = useState(file.size);
  const size = view?.size ?? natural ?? [4, 3];
  const shown = marks.filter((m) => shows[m.mark]);
  return html`
    <div class="fit"><div class="frame" style=${{ "--ratio": size[0] / size[1] }}>
      ${file.shown
        ? html`<img src=${file.shown} alt=${file.name}
            onLoad=${(e) => setNatural([e.target.naturalWidth, e.target.naturalHeight])} />`
        : html`<div class="elsewhere"><${Icon} name="link" /><p>Fetched by the server: ${file.url}</p></div>`}
      ${shows.tiles && view?.tiles && html`<${Tiles} view=${view} />`}
      <${Boxes} marks=${shown} size=${size} focus=${focus} onMark=${onMark} />
    </div></div>`;
}

/** A film that seeks: by its frames, and by times that are asked for elsewhere. */
function Film({ file, video, marks, focus, shows, onMark, seek }) {
  const player = useRef();
  const [strip, setStrip] = useState([]);
  const [time, setTime] = useState(0);
  const [unplayed, setUnplayed] = useState(false);
  const [isBare, setBare] = useState(false); // its controls would hide what is to be shown
  const times = video?.frames.map((frame) => frame.time_s) ?? [];
  useEffect(() => {
    if (!times.length || !file.shown) return undefined;
    const ending = new AbortController();
    setStrip([]);
    frames(file, times, (place, url) => setStrip((old) => Object.assign([...old], { [place]: url })), ending.signal);
    return () => ending.abort();
  }, [file.id, times.join()]);
  useEffect(() => { if (seek) go(seek.time); }, [seek]);
  const go = (to) => {
    if (!player.current) return;
    player.current.pause();
    player.current.currentTime = to + 0.001;
    setTime(to);
    setBare(true);
  };
  const near = marks.filter((m) => shows[m.mark] && Math.abs((m.time_s ?? 0) - time) < 0.26);
  const [natural, setNatural] = useState(null);
  const size = video?.size ?? natural ?? [16, 9];
  return html`
    <div class="fit"><div class="frame" style=${{ "--ratio": size[0] / size[1] }}>
      ${unplayed
        ? html`<div class="elsewhere" role="status"><${Icon} name="film" /><p>This browser does not play ${file.name};
            the server may read it.</p></div>`
        : file.shown
        ? html`<video ref=${player} src=${file.shown} controls=${!isBare} playsinline aria-label=${file.name} tabindex="0"
            onPointerMove=${() => setBare(false)} onPointerDown=${() => setBare(false)} onFocus=${() => setBare(false)}
            onLoadedMetadata=${(e) => e.target.videoWidth && setNatural([e.target.videoWidth, e.target.videoHeight])}
            onError=${() => setUnplayed(true)} onTimeUpdate=${(e) => setTime(e.target.currentTime)}></video>`
        : html`<div class="elsewhere"><${Icon} name="link" /><p>Fetched by the server: ${file.url}</p></div>`}
      <${Boxes} marks=${near} size=${size} focus=${focus} onMark=${onMark} />
    </div></div>
    <div class="strip" role="group" aria-label="Frames that are looked at" tabindex="0">
      ${times.map((at, place) => html`
        <button type="button" key=${at} onClick=${() => go(at)} aria-label=${`Go to ${clock(at)}`}
          aria-pressed=${Math.abs(at - time) < 0.15}>
          ${strip[place] ? html`<img src=${strip[place]} alt="" />` : html`<i></i>`}
          <span>${clock(at)}</span></button>`)}
    </div>`;
}

/** The small pictures of a document's pages: those that came into view are drawn, some at a time. */
function useSheets(file, total) {
  const strip = useRef();
  const [sheets, setSheets] = useState([]);
  useEffect(() => {
    if (!total) return undefined;
    const wanted = new Set(); // in view, and not yet drawn
    const done = new Set();
    let busy = false;
    let over = false;
    const draw = async () => {
      while (wanted.size && !over) {
        const lot = [...wanted].sort((a, b) => a - b).slice(0, SHEETS);
        lot.forEach((number) => { wanted.delete(number); done.add(number); });
        await put(lot).catch(async () => { // one that cannot be drawn keeps none of the others
          for (const number of lot) await put([number]).catch(() => {}); // told where it is opened
        });
      }
    };
    const put = async (lot) => {
      const found = await drawn(file, lot, "low");
      if (!over) setSheets((old) => Object.assign([...old], Object.fromEntries(lot.map((n, i) => [n - 1, found[i]]))));
    };
    const watch = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const number = Number(target.dataset.page);
        if (isIntersecting && !done.has(number)) wanted.add(number);
        else wanted.delete(number);
      }
      if (busy || !wanted.size) return;
      busy = true;
      draw().finally(() => { busy = false; });
    }, { root: strip.current, rootMargin: "0px 120px" });
    for (const each of strip.current.children) watch.observe(each);
    return () => { over = true; watch.disconnect(); };
  }, [file.id, total]);
  return [strip, sheets];
}

/** A document page by page, each with what was said of it; what went wrong is told where nobody else `tells` it. */
function Document({ file, views, marks, focus, shows, onMark, tells }) {
  const [whole, setWhole] = useState({});
  const [error, setError] = useState(null);
  const [page, setPage] = useState(1);
  const [total, setTotal] = useState(file.total ?? 0);
  const [strip, sheets] = useSheets(file, total);
  useEffect(() => {
    let over = false;
    setError(null);
    drawn(file, [page]).then(([sheet]) => {
      if (over) return;
      setTotal(file.total);
      setWhole({ page, sheet });
    }, (reason) => { if (!over) setError(reason); });
    return () => { over = true; };
  }, [file.id, page]);
  useEffect(() => { if (focus?.page) setPage(focus.page); }, [focus]);
  const sheet = whole.page === page ? whole.sheet : sheets[page - 1]; // the small one until then
  const shown = marks.filter((m) => shows[m.mark] && (m.page ?? 1) === page);
  return html`
    <div class="fit">${error
      ? tells.includes(error.message)
        ? html`<div class="elsewhere"><${Icon} name="document" /><p>It cannot be shown.</p></div>`
        : html`<${Trouble} error=${error} />`
      : sheet
        ? html`<div class="frame" style=${{ "--ratio": sheet.size[0] / sheet.size[1] }}>
            <img src=${sheet.url} alt=${`Page ${page} of ${file.name}`} />
            <${Boxes} marks=${shown} size=${views[page - 1]?.size ?? sheet.size} focus=${focus} onMark=${onMark} /></div>`
        : html`<${Waiting} text="Its pages are drawn" />`}
    </div>
    <div class="strip sheets" role="group" aria-label="Pages" tabindex="0" ref=${strip}>
      ${Array.from({ length: total }, (_, place) => html`
        <button type="button" key=${place} class="sheet" data-page=${place + 1} onClick=${() => setPage(place + 1)}
          aria-label=${`Page ${place + 1}`} aria-pressed=${place + 1 === page}>
          ${sheets[place] ? html`<img src=${sheets[place].url} alt="" />` : html`<i></i>`}<span>${place + 1}</span></button>`)}
    </div>`;
}

/**
 * One of several files, whole. `facts` is what the server told of them, `focus` the mark that was
 * asked for, `seek` the time, `tells` what is told already of what went wrong.
 */
export function Stage({ files, selected, onSelect, facts, focus, seek, tells = [], onMark, onOpen }) {
  const [shows, setShows] = useState({ evidence: true, thing: true, tiles: false });
  const file = files.find((each) => each.id === selected) ?? files.at(-1);
  const of = (list) => (list ?? []).filter((mark) => mark.file === file.id);
  const marks = [...of(facts?.evidence), ...of(facts?.things)];
  const views = facts?.seen.get(file.id) ?? [];
  const pointed = usePointed() ?? focus;
  const toggles = [
    ["evidence", "Evidence", marks.some((m) => m.mark === "evidence")],
    ["thing", "Things", marks.some((m) => m.mark === "thing")],
    ["tiles", "Tiles", file.kind === "picture" && views[0]?.tiles],
  ];
  const shared = { file, marks, focus: pointed, shows, onMark };
  return html`
    <div class="stage">
      ${file.kind === "picture" && html`<${Picture} key=${file.id} view=${views[0]} ...${shared} />`}
      ${file.kind === "film" && html`<${Film} key=${file.id} seek=${seek}
        video=${facts?.films.get(file.id)} ...${shared} />`}
      ${file.kind === "document" && html`<${Document} key=${file.id} views=${views} tells=${tells} ...${shared} />`}
      <div class="stage-bar">
        <p class="facts">${seenAs(file, facts) || `${NAMES[file.kind]} · ${file.name}`}</p>
        <div class="toggles" role="group" aria-label="Drawn over it">
          ${toggles.filter(([, , is]) => is).map(([id, text]) => html`
            <button type="button" key=${id} class="toggle ${id}" aria-pressed=${shows[id]}
              onClick=${() => setShows({ ...shows, [id]: !shows[id] })}>${text}</button>`)}
          ${onOpen && html`<${IconButton} icon="open" label="Open whole" onClick=${() => onOpen(file)} />`}
        </div>
      </div>
      ${files.length > 1 && html`
        <div class="thumbs" role="group" aria-label="Files of this conversation">
          ${files.map((each) => html`<${Thumb} key=${each.id} file=${each}
            selected=${each.id === file.id} onOpen=${() => onSelect(each.id)} />`)}
        </div>`}
    </div>`;
}

/** The mark whose words are pointed at, or have the focus of the keyboard. */
function usePointed() {
  const [pointed, setPointed] = useState(null);
  useEffect(() => {
    const hear = (event) => setPointed(event.detail);
    document.addEventListener("sightline-point", hear);
    return () => document.removeEventListener("sightline-point", hear);
  }, []);
  return pointed;
}

/** The same over the whole page. */
export function Viewer({ onClose, ...stage }) {
  const { files, selected, onSelect } = stage;
  const place = Math.max(0, files.findIndex((each) => each.id === selected));
  const step = (by) => onSelect(files[(place + by + files.length) % files.length].id);
  const keys = (event) => {
    if (files.length < 2 || event.target.closest("video")) return;
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  };
  return html`
    <${Dialog} title=${files[place].name} onClose=${onClose} wide>
      <div class="viewer" onKeyDown=${keys}>
        <${Stage} ...${stage} />
        ${files.length > 1 && html`<div class="steps">
          <${IconButton} icon="left" label="Before" onClick=${() => step(-1)} />
          <span>${place + 1} of ${files.length}</span>
          <${IconButton} icon="right" label="Next" onClick=${() => step(1)} /></div>`}
      </div>
    </${Dialog}>`;
}
