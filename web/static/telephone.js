// The telephone in the browser: sends what somebody does, and paints what the server says of the call.
// Nothing is decided here; each message from the server is the whole scene (web/telephone/scene.py).

const part = (id) => document.getElementById(id);
const root = part("telephone");
const form = part("dial");
const texts = JSON.parse(root.dataset.texts);

let line = null; // the WebSocket of the call
let scene = null; // what was painted last
let sceneAt = 0; // when, in milliseconds
let painted = {}; // region → what it shows, so that what stays keeps the focus

const send = (order) => {
  if (line && line.readyState === WebSocket.OPEN) line.send(JSON.stringify(order));
};

function call() {
  const fields = new FormData(form);
  const order = { do: "dial", to: fields.get("to"), from: fields.get("from"), at: fields.get("at") };
  order.extension = part("extension-field").hidden ? "" : fields.get("extension");
  order.withheld = fields.has("withheld");
  start();
  const address = new URL(root.dataset.line, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address);
  line = socket;
  socket.addEventListener("open", () => send(order));
  socket.addEventListener("message", (event) => take(JSON.parse(event.data)));
  socket.addEventListener("close", () => {
    if (line !== socket) return;
    line = null;
    if (!scene) refuse(texts.unreachable);
    else if (!scene.over) finish(texts.lost);
  });
}

function start() {
  scene = null;
  painted = {};
  for (const id of ["heard", "trace", "faults", "devices", "actions", "last"]) part(id).replaceChildren();
  for (const id of ["left", "clock"]) part(id).textContent = "";
  part("refused").hidden = true;
  part("status").textContent = texts.connecting;
  show(true);
  part("set").scrollIntoView({ block: "nearest" });
}

function show(calling) {
  form.hidden = calling;
  for (const id of ["set", "hearing", "deciding"]) part(id).hidden = !calling;
  for (const id of ["keypad", "keys-hint", "hang-up"]) part(id).hidden = false;
  for (const id of ["again", "details"]) part(id).hidden = true;
}

function refuse(reason) {
  line = null;
  show(false);
  part("refused").textContent = reason;
  part("refused").hidden = false;
}

function take(message) {
  if (message.error) return refuse(message.error);
  scene = message;
  sceneAt = performance.now();
  paint();
  if (scene.over) finish(scene.status);
}

function finish(status) {
  stopTalking();
  scene.over = true;
  part("status").textContent = status;
  for (const id of ["devices", "actions", "last"]) part(id).replaceChildren();
  const lost = !part("set").contains(document.activeElement) && document.activeElement !== document.body;
  for (const id of ["keypad", "keys-hint", "hang-up", "left"]) part(id).hidden = true;
  part("again").hidden = false;
  if (scene.details) {
    part("details").href = scene.details;
    part("details").hidden = false;
  }
  if (!lost) part("again").focus();
}

// Painting

function paint() {
  part("status").textContent = scene.status;
  region("devices", scene.devices, device);
  region("actions", scene.actions, (action) => button(action));
  region("faults", scene.faults, (text) => element("li", {}, text));
  part("faults-box").hidden = !scene.faults.length;
  lines("heard", scene.heard, heardLine, aloud);
  lastWords(scene.heard.findLast((each) => each.said));
  lines("trace", scene.trace, (each) => element("li", {}, element("span", { class: "at" }, each.at), ` ${each.text}`));
  tick();
}

function region(id, things, make) {
  const wanted = JSON.stringify(things);
  if (painted[id] === wanted) return;
  painted[id] = wanted;
  const focused = part(id).contains(document.activeElement) ? document.activeElement.dataset.name : null;
  part(id).replaceChildren(...things.map(make));
  if (focused === null) return;
  const same = [...part(id).querySelectorAll("button")].find((each) => each.dataset.name === focused);
  (same || part(id).querySelector("button") || part("hang-up")).focus();
}

// Only what is new is added, so that a screen reader reads it once; what was never said after all is taken away.
function lines(id, things, make, added = () => {}) {
  const list = part(id);
  const before = painted[id] || [];
  const now = things.map((each) => JSON.stringify(each));
  let same = 0;
  while (same < before.length && before[same] === now[same]) same += 1;
  while (list.children.length > same) list.lastElementChild.remove();
  for (const each of things.slice(same)) {
    list.append(make(each));
    added(each);
  }
  painted[id] = now;
  if (now.length !== before.length || same < before.length) list.scrollTop = list.scrollHeight;
}

function heardLine(each) {
  const text = each.said ? element("q", { lang: scene.language }, each.text) : each.text;
  return element(
    "p",
    { class: each.said ? `${each.who} said` : each.who },
    element("span", { class: "at" }, each.at),
    " ",
    element("strong", {}, each.name),
    " ",
    text,
  );
}

function device(each) {
  return element(
    "li",
    { class: each.ringing ? "device ringing" : "device" },
    element("strong", {}, each.name),
    ` ${each.kind} `,
    element("span", { class: each.ringing ? "badge warn" : "badge" }, each.state),
    element("span", { class: "toolbar" }, ...each.actions.map((action) => button(action, `${each.name}, ${each.kind}`))),
  );
}

function button(action, whose = "") {
  const found = element("button", { type: "button", class: "plain" }, action.text);
  found.dataset.name = action.do + action.device;
  if (whose) found.append(element("span", { class: "visually-hidden" }, `: ${whose}`));
  found.addEventListener("click", () => {
    if (["skip", "minute"].includes(action.do)) stopTalking();
    send({ do: action.do, device: action.device, keys: action.keys });
  });
  return found;
}

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// What is being said stands above the keypad too: on a small screen the log is far below.
function lastWords(each) {
  const saying = each && ["listening", "gathering", "screening"].includes(scene.state);
  part("last").replaceChildren(...(saying ? [element("q", { lang: scene.language }, each.text)] : []));
}

// The clocks run on by themselves between two scenes.

function tick() {
  if (!scene) return;
  const since = scene.over ? 0 : (performance.now() - sceneAt) / 1000;
  part("clock").textContent = stopwatch(scene.seconds + since);
  const left = scene.left === null ? null : Math.max(0, Math.ceil(scene.left - since));
  part("left").hidden = left === null || scene.over;
  part("left").textContent = left === null ? "" : texts.left.replace("%(seconds)s", left);
}

function stopwatch(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

// Aloud, by the browser's own voices

function aloud(each) {
  if (!each.aloud || !form.elements.aloud.checked || !window.speechSynthesis) return;
  const words = new SpeechSynthesisUtterance(each.text);
  words.lang = scene.language;
  window.speechSynthesis.speak(words);
}

function stopTalking() {
  if (window.speechSynthesis) window.speechSynthesis.cancel();
}

// What somebody does

function press(key) {
  stopTalking();
  send({ do: "press", keys: key });
}

function extensionOfPbx() {
  part("extension-field").hidden = form.elements.to.selectedOptions[0]?.dataset.kind !== "sip";
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  call();
});
form.elements.to.addEventListener("change", extensionOfPbx);
form.elements.withheld.addEventListener("change", () => {
  form.elements.from.disabled = form.elements.withheld.checked;
});
part("keypad").addEventListener("click", (event) => {
  if (event.target.dataset.key) press(event.target.dataset.key);
});
part("hang-up").addEventListener("click", () => {
  stopTalking();
  if (scene) send({ do: "hang_up" });
  else if (line) line.close();
});
part("again").addEventListener("click", () => {
  show(false);
  form.elements.to.focus();
});
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea");
  if (!line || !scene || scene.over || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^[0-9*#]$/.test(event.key)) {
    press(event.key);
    event.preventDefault();
  }
});
setInterval(tick, 250);
extensionOfPbx();
root.hidden = false;
