// Before the first paint: the colours that were chosen here, where the browser keeps anything.
try {
  document.documentElement.dataset.theme = localStorage.getItem("sightline.theme") ?? "";
} catch {
  document.documentElement.dataset.theme = "";
}
