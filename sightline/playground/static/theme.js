// Before the first paint: the colours that were chosen here.
document.documentElement.dataset.theme = localStorage.getItem("sightline.theme") ?? "";
