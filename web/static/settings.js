// The settings as text: line numbers beside it, and links that lead to a line. Without this the page works as it is.

const text = document.getElementById("text");
const lines = document.querySelector(".code .lines");
const where = document.getElementById("where");
const wrong = new Map([...document.querySelectorAll(".problems a[data-line]")].map((link) => [
  Number(link.dataset.line), link.parentElement.querySelector(".badge")?.classList.contains("warn") ? "warn" : "bad",
]));

function numbered() {
  const count = text.value.split("\n").length;
  if (lines.childElementCount === count) return;
  lines.replaceChildren(...Array.from({ length: count }, (_, place) => {
    const line = document.createElement("span");
    line.textContent = String(place + 1);
    if (wrong.has(place + 1)) line.className = wrong.get(place + 1);
    return line;
  }));
}

function lineHere() {
  const before = text.value.slice(0, text.selectionStart);
  const line = before.split("\n").length;
  where.textContent = `${where.dataset.line} ${line}`;
}

function go(line) {
  const all = text.value.split("\n");
  const start = all.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  text.focus();
  text.setSelectionRange(start, start + (all[line - 1] ?? "").length);
  const height = text.scrollHeight / all.length;
  text.scrollTop = Math.max(0, (line - 5) * height);
  text.scrollIntoView({ block: "nearest" });
  lineHere();
}

function hash() {
  const found = /^#L(\d+)$/.exec(location.hash);
  if (found) go(Number(found[1]));
}

text.addEventListener("input", numbered);
text.addEventListener("scroll", () => { lines.scrollTop = text.scrollTop; });
for (const event of ["keyup", "click"]) text.addEventListener(event, lineHere);
for (const link of document.querySelectorAll(".problems a[data-line]")) {
  link.addEventListener("click", (event) => { event.preventDefault(); go(Number(link.dataset.line)); });
}
window.addEventListener("hashchange", hash);
numbered();
hash();
