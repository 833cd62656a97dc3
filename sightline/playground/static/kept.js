// What a browser keeps of the page's: some keep nothing, and say so by an error.

/** What is kept under a name, in "localStorage" or "sessionStorage"; "" where nothing is. */
export function kept(where, name) {
  try {
    return globalThis[where].getItem(name) ?? "";
  } catch {
    return "";
  }
}

/** Keep a text; an empty one is forgotten. Where nothing is kept it is good until the page is left. */
export function keepAs(where, name, text) {
  try {
    if (text) globalThis[where].setItem(name, text);
    else globalThis[where].removeItem(name);
  } catch {
    // As said.
  }
}
