// The Now page: takes what has changed from the stream; where that fails it asks every few seconds.

const page = document.getElementById("now");
const ASKS_EVERY = 5000; // ms
const LISTENS_AGAIN_AFTER = 60000;
const PATIENCE = 6000;
let ahead = Number(page.dataset.at) - Date.now(); // of the server's clock before ours
let asking = 0;
let source = null;

function show({ at, parts }) {
  ahead = at - Date.now();
  for (const [name, html] of Object.entries(parts)) {
    const part = document.getElementById(`now-${name}`);
    if (!part) continue;
    const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
    part.innerHTML = html;
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }
  lost(false);
  tick();
}

// A stream ends now and then and begins again at once: only what lasts is worth a word.
let losing = 0;
function lost(is) {
  clearTimeout(losing);
  if (is) losing = setTimeout(() => sayLost(true), PATIENCE);
  else sayLost(false);
}

function sayLost(is) {
  const notice = document.getElementById("now-lost");
  if (notice.hidden === !is) return;
  notice.textContent = is ? page.dataset.lost : "";
  notice.hidden = !is;
}

// How long something has lasted, as a stopwatch shows it.
function lasted(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (!parts[0]) parts.shift();
  return parts.map((part, place) => (place ? String(part).padStart(2, "0") : String(part))).join(":");
}

function tick() {
  for (const since of page.querySelectorAll("time[data-since]")) {
    let age = since.nextElementSibling;
    if (!age) {
      age = document.createElement("span");
      age.className = "age";
      since.after(age);
    }
    age.textContent = lasted(Date.now() + ahead - Number(since.dataset.since));
  }
}

async function ask() {
  try {
    const answer = await fetch(page.dataset.state, { headers: { Accept: "application/json" } });
    if (answer.redirected || answer.status === 403) location.reload(); // nobody is logged in any more
    else if (answer.ok) show(await answer.json());
    else lost(true);
  } catch {
    lost(true);
  }
}

function askByTurns() {
  if (asking) return;
  ask();
  asking = setInterval(ask, ASKS_EVERY);
  setTimeout(() => document.hidden || listen(), LISTENS_AGAIN_AFTER);
}

function listen() {
  if (!("EventSource" in window)) return askByTurns();
  source?.close();
  source = new EventSource(page.dataset.stream);
  source.onopen = () => {
    clearInterval(asking);
    asking = 0;
    lost(false);
  };
  source.onmessage = (event) => show(JSON.parse(event.data));
  source.addEventListener("end", () => location.reload());
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) askByTurns();
    else lost(true); // it connects again by itself
  };
}

// A browser opens few connections to one host: a page that nobody sees leaves its own to others.
document.addEventListener("visibilitychange", () => {
  clearInterval(asking);
  asking = 0;
  if (document.hidden) source?.close();
  else listen();
});

setInterval(tick, 1000);
tick();
listen();
