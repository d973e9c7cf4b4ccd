// The back door keeps what is typed on this device until it has arrived: a reload or a dead connection loses nothing.
// Without this script the form is sent as any other. The key of the receipt makes a resend harmless.
const form = document.querySelector("[data-receipt]");
const person = (document.querySelector("meta[name=session]")?.content ?? "").split(".")[1];
const place = `receipt.${person}.${location.pathname}`;
const EVERY = 15000;
const DAY = 24 * 60 * 60 * 1000;
const show = (name, shown) => (form.querySelector(`[data-${name}]`).hidden = !shown);
const skipped = (field) => !field.name || field.type === "file" || field.name === "csrf_token" || field.name === "lines-stamp";
let sending = false;
let waiting = null;

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(place));
    return kept && Date.now() - kept.at < DAY ? kept : null;
  } catch {
    return null;
  }
}

function keep(isWaiting = false) {
  const fields = [...form.elements].filter((each) => !skipped(each));
  const values = fields.filter((each) => each.type !== "radio" || each.checked).map((each) => [each.name, each.value]);
  try {
    localStorage.setItem(place, JSON.stringify({ at: Date.now(), values, isWaiting }));
  } catch {
    // A device without room keeps the page alone.
  }
}

const forget = () => localStorage.removeItem(place);

// Rows that were added are asked for first: the form has no place for them yet.
function fill(values) {
  const names = new Set([...form.elements].map((each) => each.name));
  for (const [name, value] of values) {
    if (!names.has(name)) continue;
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
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "text/html" } });
    show("kept", false);
    // Leaving the form is what says that it has arrived.
    if (answer.redirected && new URL(answer.url).pathname !== location.pathname) {
      if (/\/deliveries\/[0-9a-f-]{36}$/.test(new URL(answer.url).pathname)) forget();
      location.assign(answer.url);
    } else {
      keep();
      document.removeEventListener("submit", guard, true);
      // What has to be corrected is shown by the page itself.
      form.submit();
    }
  } catch {
    keep(true);
    show("kept", true);
    waiting = setTimeout(send, EVERY);
  } finally {
    sending = false;
  }
}

function guard(event) {
  if (event.target !== form || event.submitter?.name === "lines-command") return;
  event.preventDefault();
  event.stopPropagation();
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
    if (kept.isWaiting) send();
  }
  form.addEventListener("input", () => keep());
  form.addEventListener("change", () => keep());
  document.addEventListener("submit", guard, true);
  addEventListener("online", () => read()?.isWaiting && send());
}
