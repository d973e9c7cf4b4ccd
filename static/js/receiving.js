// The back door keeps what is typed on this device until it has arrived: a reload or a dead connection loses nothing.
// Without this script the form is sent as any other. The key of the receipt makes a resend harmless.
const form = document.querySelector("[data-receipt]");
// The page of a delivery says of which receipt it was made: however that was sent, it waits no more.
const arrived = document.querySelector("[data-arrived]")?.dataset.arrived;
const person = (document.querySelector("meta[name=session]")?.content ?? "").split(".")[1];
const place = `receipt.${person}.${location.pathname}`;
const EVERY = 15000;
const DAY = 24 * 60 * 60 * 1000;
// What stands before the portal answers so while the portal itself cannot be reached.
const CUT_OFF = [502, 504];
const show = (name, shown) => (form.querySelector(`[data-${name}]`).hidden = !shown);
const skipped = (field) => !field.name || field.type === "file" || field.name === "csrf_token" || field.name === "lines-stamp";
let sending = false;
let waiting = null;
let pressed = null;

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(place));
    if (kept && (kept.pressed || Date.now() - kept.at < DAY)) return kept;
    localStorage.removeItem(place);
  } catch {
    // What cannot be read is as good as nothing.
  }
  return null;
}

function keep() {
  const fields = [...form.elements].filter((each) => !skipped(each));
  const values = fields.filter((each) => each.type !== "radio" || each.checked).map((each) => [each.name, each.value]);
  try {
    localStorage.setItem(place, JSON.stringify({ at: Date.now(), values, pressed }));
  } catch {
    // A device without room keeps the page alone.
  }
}

// Rows that were added are asked for first: the form has no place for them yet.
function fill(values) {
  const names = new Set([...form.elements].map((each) => each.name));
  for (const [name, value] of values) {
    if (name === "lines" || !names.has(name)) continue;
    const found = [...form.elements].filter((each) => each.name === name && !skipped(each));
    for (const field of found) {
      if (field.type === "radio") field.checked = field.value === value;
      else if (found.length === 1) field.value = value;
    }
  }
  for (const more of form.querySelectorAll("details")) {
    more.open ||= [...more.querySelectorAll("input, select")].some((field) => field.value);
  }
}

async function grow(values) {
  const keys = values.filter(([name]) => name === "lines").map(([, key]) => key);
  const present = new Set([...form.querySelectorAll("[name=lines]")].map((each) => each.value));
  if (keys.every((key) => present.has(key))) return;
  const sent = new FormData(form);
  for (const name of [...sent.keys()].filter((each) => each === "lines" || each.startsWith("lines-n"))) sent.delete(name);
  for (const [name, value] of values) sent.append(name, value);
  sent.set("lines-command", "look");
  const answer = await fetch(form.action, { method: "POST", body: sent, headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const rows = page.querySelector("#lines");
  if (rows) document.querySelector("#lines").replaceWith(rows);
  globalThis.htmx?.process(document.querySelector("#lines"));
}

async function send() {
  if (sending) return;
  sending = true;
  clearTimeout(waiting);
  form.elements.waited.value = Math.round((Date.now() - pressed) / 1000);
  try {
    // Asked as htmx asks: the next page is named, not fetched, and what it has to say is said where people see it.
    const headers = { Accept: "text/html", "HX-Request": "true" };
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers });
    if (CUT_OFF.includes(answer.status)) throw new Error("cut off");
    show("kept", false);
    const next = answer.headers.get("HX-Redirect");
    if (next) location.assign(next);
    else leave(answer.status);
  } catch {
    keep();
    show("kept", Boolean(pressed));
    if (pressed) waiting = setTimeout(send, EVERY);
    sending = false;
  }
}

// What has to be corrected is shown by the page itself, and so is where to sign in again: a form with photos would be
// too large to wait there.
function leave(status) {
  if (status === 401) for (const photos of form.querySelectorAll("[type=file]")) photos.value = "";
  pressed = null;
  keep();
  document.removeEventListener("submit", guard, true);
  form.submit();
}

// Whoever goes on typing presses once more.
function change() {
  clearTimeout(waiting);
  pressed = null;
  show("kept", false);
  keep();
}

function guard(event) {
  if (event.target !== form || event.submitter?.name === "lines-command") return;
  event.preventDefault();
  event.stopPropagation();
  pressed ??= Date.now();
  keep();
  send();
}

if (form && person) {
  // Nothing is lost by leaving: whoever comes back finds it.
  delete form.dataset.guard;
  const kept = read();
  const isFresh = !form.querySelector(".field__errors");
  if (kept && isFresh) {
    try {
      await grow(kept.values);
    } catch {
      // Without a connection the rows that were there are filled in.
    }
    fill(kept.values);
    show("found", true);
    pressed = kept.pressed;
    if (pressed) send();
  }
  form.addEventListener("input", change);
  form.addEventListener("change", change);
  document.addEventListener("submit", guard, true);
  addEventListener("online", () => pressed && send());
}

if (arrived) {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith("receipt.") && localStorage.getItem(key).includes(arrived)) localStorage.removeItem(key);
  }
}
