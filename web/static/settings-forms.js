// Moves the members of a group without loading the page anew, adds empty rows, and asks before what was typed is lost.
// All of it works without a script too.

for (const list of document.querySelectorAll(".members")) {
  list.addEventListener("click", (event) => {
    const button = event.target.closest("li button");
    if (!button) return;
    event.preventDefault();
    move(list, button.closest("li"), button.value.split(":")[0]);
  });
}

function move(list, item, word) {
  const name = item.querySelector(".name").textContent;
  const items = () => [...list.querySelectorAll("li")];
  const said = list.querySelector("[aria-live]");
  if (word === "out") {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    said.textContent = `${name}: ${list.dataset.out}`;
    list.dispatchEvent(new Event("moved", { bubbles: true }));
    number(items());
    (next?.querySelector("button[value^='out']") ?? list).focus();
    return;
  }
  if (word === "up") item.previousElementSibling?.before(item);
  else item.nextElementSibling?.after(item);
  number(items());
  list.dispatchEvent(new Event("moved", { bubbles: true }));
  said.textContent = `${name}: ${list.dataset.moved} ${items().indexOf(item) + 1}`;
  const same = item.querySelector(`button[value^='${word}']`);
  (same.disabled ? item.querySelector("button:not(:disabled)") : same).focus();
}

function number(items) {
  items.forEach((item, place) => {
    for (const button of item.querySelectorAll("button")) {
      const word = button.value.split(":")[0];
      button.value = `${word}:${place}`;
      button.disabled = (word === "up" && place === 0) || (word === "down" && place === items.length - 1);
    }
  });
}

for (const rows of document.querySelectorAll(".rows")) {
  rows.addEventListener("input", () => {
    const last = rows.querySelector(".line:last-of-type");
    if ((last.querySelector("input") ?? last.querySelector("select")).value) last.after(blank(last));
  });
}

function blank(line) {
  const copy = line.cloneNode(true);
  for (const each of copy.querySelectorAll("input")) each.value = "";
  for (const each of copy.querySelectorAll("select")) each.selectedIndex = 0;
  return copy;
}

// Asks before a page is left on which something was typed and not saved: by a link, or by a form other than its own.
for (const form of document.querySelectorAll(".entry-form")) {
  let dirty = "unsaved" in form.dataset;
  const touched = () => { dirty = true; };
  form.addEventListener("input", touched);
  form.addEventListener("moved", touched);
  form.addEventListener("submit", () => { dirty = false; });
  window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
}
