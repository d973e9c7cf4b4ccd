// The back door keeps what is typed, and the photos, on this device until they have arrived: a reload, a dead connection
// or a session that ends loses nothing. Without this script the form is sent as any other. The key of the receipt makes a
// resend harmless, and tells what is kept of several tabs apart.
let form = document.querySelector("[data-receipt]");
const person = (document.querySelector("meta[name=session]")?.content ?? "").split(".")[1];
const device = `receipt.${person}`;
const page = `${device}.${location.pathname}.`;
const EVERY = 15000;
const DAY = 24 * 60 * 60 * 1000;
const MAX_PHOTOS = 5;
const SIDE = 112;
const part = (name) => form.querySelector(`[data-${name}]`);
const show = (name, shown) => (part(name).hidden = !shown);
const isOwn = ({ name }) => ["csrf_token", "lines-stamp", "_sure"].includes(name);
const skipped = (field) => !field.name || field.type === "file" || isOwn(field);
let place = "";
let photos = [];
let sending = false;
let isLoose = false;
let waiting = null;
// When it was sent first: what came is of that moment, however long it waits.
let pressed = null;

function read(key) {
  try {
    const kept = JSON.parse(localStorage.getItem(key));
    return kept && (kept.pressed || Date.now() - kept.at < DAY) ? kept : null;
  } catch {
    return null;
  }
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

// Photos are too large for where the text is: a base of this person's alone holds them, by the same key.
function opened() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(device);
    asked.onupgradeneeded = () => asked.result.createObjectStore("photos");
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function atPhotos(mode, act) {
  const base = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const turn = base.transaction("photos", mode);
      const asked = act(turn.objectStore("photos"));
      turn.oncomplete = () => resolve(asked.result);
      turn.onerror = turn.onabort = () => reject(turn.error);
    });
  } finally {
    base.close();
  }
}

async function keepPhotos() {
  try {
    await atPhotos("readwrite", (kept) => (photos.length ? kept.put(photos, place) : kept.delete(place)));
    isLoose = false;
  } catch {
    isLoose = photos.length > 0;
  }
  show("loose", isLoose);
}

// Of what nobody asks for any more, no photo stays either.
async function tidy() {
  for (const key of Object.keys(localStorage)) if (key.startsWith(`${device}.`) && !read(key)) localStorage.removeItem(key);
  for (const key of await atPhotos("readonly", (kept) => kept.getAllKeys())) {
    if (!read(key) && key !== place) await atPhotos("readwrite", (kept) => kept.delete(key));
  }
}

async function forget() {
  localStorage.removeItem(place);
  [photos, isLoose] = [[], false];
  await keepPhotos();
}

// What another tab is about to send is that tab's.
function hold(key) {
  if (!navigator.locks) return true;
  return new Promise((told) => {
    navigator.locks.request(key, { ifAvailable: true }, (lock) => {
      told(!!lock);
      return lock && new Promise(() => {});
    });
  });
}

async function former() {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(page) && read(key));
  for (const key of keys.sort((one, other) => read(other).at - read(one).at)) if (await hold(key)) return key;
  return null;
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
  const rows = (await parsed(await fetch(form.action, { method: "POST", body: sent, headers: { Accept: "text/html" } }))).querySelector("#lines");
  if (rows) document.querySelector("#lines").replaceWith(rows);
  globalThis.htmx?.process(document.querySelector("#lines"));
}

const parsed = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");

async function draw(photo, picture) {
  const bitmap = await createImageBitmap(photo);
  const share = SIDE / Math.min(bitmap.width, bitmap.height);
  [picture.width, picture.height] = [bitmap.width * share, bitmap.height * share];
  picture.getContext("2d").drawImage(bitmap, 0, 0, picture.width, picture.height);
}

function showPhotos() {
  part("photos").replaceChildren(
    ...photos.map((photo) => {
      const shown = part("photo").content.cloneNode(true);
      const picture = shown.querySelector("canvas");
      const name = shown.querySelector("[data-name]");
      name.textContent = photo.name;
      shown.querySelector("button").addEventListener("click", () => change(photos.filter((each) => each !== photo)));
      // What no browser draws (HEIC, PDF) is shown by its name.
      draw(photo, picture).then(() => (name.hidden = true), () => (picture.hidden = true));
      return shown;
    }),
  );
}

async function change(wanted) {
  photos = wanted.slice(0, MAX_PHOTOS);
  show("many", wanted.length > MAX_PHOTOS);
  showPhotos();
  typed();
  await keepPhotos();
}

function take({ target }) {
  if (target.type !== "file") return;
  const isNew = (file) => !photos.some((each) => ["name", "size", "lastModified"].every((name) => each[name] === file[name]));
  const fresh = [...target.files].filter(isNew);
  target.value = "";
  if (fresh.length) change([...photos, ...fresh]);
}

function body() {
  const sent = new FormData(form);
  for (const name of ["shot", "files"]) sent.delete(name);
  for (const photo of photos) sent.append("files", photo, photo.name);
  return sent;
}

async function send() {
  if (sending) return;
  sending = true;
  clearTimeout(waiting);
  form.elements.waited.value = Math.round((Date.now() - pressed) / 1000);
  try {
    // Asked for as htmx asks: the address to go on at is told, and what there is to say waits for that page.
    const answer = await fetch(form.action, { method: "POST", body: body(), headers: { Accept: "text/html", "HX-Request": "true" } });
    if (answer.status >= 500) throw new Error(answer.statusText);
    show("kept", false);
    await settle(answer);
  } catch {
    keep();
    show("kept", Boolean(pressed));
    if (pressed) waiting = setTimeout(send, EVERY);
  } finally {
    sending = false;
  }
}

async function settle(answer) {
  const there = answer.headers.get("HX-Redirect");
  if (there) {
    if (/\/deliveries\/[0-9a-f-]{36}$/.test(there)) await forget();
    return location.assign(there);
  }
  const next = (await parsed(answer)).querySelector("[data-receipt]");
  pressed = null;
  keep();
  if (next) return redraw(next);
  // Signed out: the page of signing in holds what was typed, and the photos wait here for the same person.
  if (answer.status === 401) return leave();
  show("refused", true);
  part("refused").scrollIntoView();
}

function leave() {
  document.removeEventListener("submit", guard, true);
  form.submit();
}

function redraw(next) {
  form.replaceWith(next);
  form = next;
  globalThis.htmx?.process(form);
  for (const more of form.querySelectorAll("details")) more.open ||= more.querySelector(".field__errors");
  showPhotos();
  show("loose", isLoose);
  form.querySelector("[data-focus], [aria-invalid=true], .field__errors")?.scrollIntoView({ block: "center" });
  form.querySelector("[data-focus], [aria-invalid=true]")?.focus();
}

function guard(event) {
  if (event.target !== form || event.submitter?.name === "lines-command") return;
  event.preventDefault();
  event.stopPropagation();
  pressed ??= Date.now();
  keep();
  send();
}

// Whoever goes on typing while it waits presses once more.
function typed() {
  clearTimeout(waiting);
  waiting = pressed = null;
  show("kept", false);
  keep();
}

async function begin() {
  const own = page + form.elements.request_key.value;
  const isFresh = form.dataset.receipt === "fresh";
  place = (isFresh && (await former())) || own;
  if (place === own) await hold(own);
  const kept = isFresh ? read(place) : null;
  if (kept) {
    try {
      await grow(kept.values);
    } catch {
      // Without a connection the rows that were there are filled in.
    }
    fill(kept.values);
    show("found", true);
  } else if (!isFresh) keep();
  try {
    await tidy();
    photos = (await atPhotos("readonly", (all) => all.get(place))) ?? [];
  } catch {
    // What this browser cannot keep is said once there is something to lose.
  }
  showPhotos();
  document.body.dataset.receiving = "";
  pressed = kept?.pressed ?? null;
  if (pressed) send();
}

if (form && person) {
  const isMine = ({ target }) => form.contains(target);
  document.addEventListener("input", (event) => isMine(event) && place && typed());
  document.addEventListener("change", (event) => isMine(event) && place && (typed(), take(event)));
  document.addEventListener("submit", guard, true);
  // Nothing is lost by leaving: whoever comes back finds it. Photos that cannot be kept are asked about.
  addEventListener("beforeunload", (event) => isLoose || event.stopImmediatePropagation(), true);
  // Signed out in another tab: what was kept went with it, and this page still has it.
  document.addEventListener("session:over", () => place && (keep(), keepPhotos()));
  addEventListener("online", () => waiting && send());
  await begin();
}
