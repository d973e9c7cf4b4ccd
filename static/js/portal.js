// What the portal adds to its pages: nothing here is needed to use them.
const find = (selector, root = document) => root.querySelector(selector);
const findAll = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (type, handler, options) => document.addEventListener(type, handler, options);
const isVisible = (element) => element.checkVisibility?.() ?? true;

// A deferred htmx waits for a timer before it takes over links and forms: a quick hand would be faster.
window.htmx?.initialize();

// The zone in which the server writes its dates.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const { zoneCookie } = document.documentElement.dataset;
const secure = zoneCookie.startsWith("__Host-") ? ";secure" : "";
if (zone) document.cookie = `${zoneCookie}=${encodeURIComponent(zone)};path=/;max-age=31536000;samesite=lax${secure}`;


// On a phone the current tab may lie beyond the edge.
const tab = find(".tabs [aria-current]");
// The strip alone: tabs below the fold would take the page down with them.
if (tab) tab.parentNode.scrollLeft = tab.offsetLeft - innerWidth / 2;

(find("[data-focus]") ?? find("[aria-invalid=true]"))?.focus();

// Parts that follow by themselves ask only while somebody looks, and say themselves when nobody answers.
const isFollowing = (event) => event.target.matches?.("[data-follows]");
on("htmx:error", (event) => isFollowing(event) || find("#toasts").append(find("#connection-lost").content.cloneNode(true)));
on("htmx:config:request", (event) => isFollowing(event) && document.hidden && event.preventDefault());
on("htmx:before:response", (event) => {
  const { status } = event.detail.ctx.response;
  if (!isFollowing(event)) return;
  event.target.toggleAttribute("data-lost", status >= 500);
  // Signed out: the page leaves, unless somebody is typing here.
  if (status >= 400 && (status !== 401 || isTyping())) event.preventDefault();
});
on("htmx:error", (event) => isFollowing(event) && event.target.toggleAttribute("data-lost", true));

// Nothing is swapped while something is being pressed: what moves from under the pointer takes the click away.
let release;
let released = Promise.resolve();
on("pointerdown", ({ isPrimary, button }) => {
  if (!isPrimary || button !== 0) return;
  release?.();
  released = new Promise((resolve) => (release = resolve));
  // A press whose end nobody tells must not hold the page up.
  setTimeout(release, 2000);
}, true);
// The click follows the pointer's release.
for (const type of ["pointerup", "pointercancel"]) on(type, () => setTimeout(release), true);
on("htmx:before:response", ({ detail: { ctx } }) => {
  const { raw } = ctx.response;
  raw.text = async () => {
    const told = await Response.prototype.text.call(raw);
    await released;
    ctx.request.signal?.throwIfAborted();
    return told;
  };
});

// The dialog opens when something was swapped into it.
const dialog = find("#dialog");
on("htmx:after:swap", (event) => {
  // An answer may name the dialog itself, instead of the list that it was asked for.
  if ([dialog, "#dialog"].includes(event.detail.ctx.target) && !dialog.open) {
    dialog.showModal();
    find("input:not([type=hidden]), a", dialog)?.focus();
  }
});
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());

// So does the panel of the bell; it closes by itself when somebody presses elsewhere.
const panel = find("#bell-panel");
on("htmx:after:swap", (event) => {
  if (!panel || event.detail.ctx.target !== panel) return;
  panel.showPopover();
  find("a, button", panel)?.focus();
});
// A press elsewhere has closed the panel before the click is heard: on the bell, it was to close it.
let closes = false;
on("pointerdown", ({ target }) => (closes = !!target.closest(".bell") && !!panel?.matches(":popover-open")), true);
on("htmx:config:request", (event) => {
  if (closes && event.target.matches?.(".bell")) event.preventDefault();
  closes = false;
});

function walk(event) {
  const list = find("[data-list]", dialog);
  if (!dialog.open || !list) return;
  const links = findAll("a, button", list);
  if (event.key === "Enter" && event.target.matches("input:not([name=reason])")) {
    // The answer to the last letters may still be on its way: open only what fits what was typed.
    const folded = (text) => text.toLowerCase().replaceAll("ё", "е");
    const words = folded(event.target.value).split(/\s+/);
    const fits = (text) => words.every((word) => text.includes(word));
    event.preventDefault();
    links.find((link) => fits(folded(link.textContent)))?.click();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const place = links.indexOf(document.activeElement) + step;
  (links[place] ?? find("input", dialog) ?? links[0])?.focus();
}

on("keydown", (event) => {
  // Enter in a field that narrows a checklist must not send the form around it.
  if (event.key === "Enter" && event.target.matches("[data-filter]")) event.preventDefault();
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("[data-send]")) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
  // The same key on a Russian keyboard.
  if (["k", "л"].includes(event.key.toLowerCase()) && (event.ctrlKey || event.metaKey)) {
    const switcher = findAll("[data-switcher]").find(isVisible);
    if (switcher) event.preventDefault();
    if (!dialog.open) switcher?.click();
  } else if (event.key === "/" && !event.target.closest("input, textarea, select, [contenteditable]")) {
    const search = findAll("[data-search]").find(isVisible);
    if (search) event.preventDefault();
    search?.select();
    search?.focus();
  } else if (event.key === "Escape") {
    const menu = document.activeElement.closest("[data-menu][open]") ?? find("[data-menu][open]");
    if (menu) menu.open = false;
    if (menu) find("summary", menu).focus();
  }
  walk(event);
});

// Several rows at once. Rows come and go by swaps, so every answer starts from nothing selected.
const boxes = (form) => [...form.elements].filter((box) => box.type === "checkbox" && !("bulkAll" in box.dataset));
let lastBox;
function count(form) {
  const rows = boxes(form);
  const chosen = rows.filter((box) => box.checked).length;
  form.toggleAttribute("data-active", chosen > 0);
  find("[data-bulk-count]", form).textContent = chosen;
  const all = [...form.elements].find((box) => "bulkAll" in box.dataset);
  if (all) [all.checked, all.indeterminate] = [chosen > 0 && chosen === rows.length, chosen > 0 && chosen < rows.length];
}
on("click", (event) => {
  const box = event.target;
  const form = box.form;
  if (box.type !== "checkbox" || !form?.matches("[data-bulk]")) return;
  const rows = boxes(form);
  if ("bulkAll" in box.dataset) rows.forEach((row) => (row.checked = box.checked));
  else if (event.shiftKey && rows.includes(lastBox)) {
    const [from, to] = [rows.indexOf(lastBox), rows.indexOf(box)].sort((a, b) => a - b);
    rows.slice(from, to + 1).forEach((row) => (row.checked = box.checked));
  }
  lastBox = box;
  count(form);
});
on("reset", (event) => event.target.matches("[data-bulk]") && setTimeout(() => count(event.target)));
on("htmx:after:swap", () => {
  for (const form of findAll("[data-bulk]")) {
    if (!form.hasAttribute("data-active")) boxes(form).forEach((box) => (box.checked = false));
    count(form);
  }
});

// A swap may take away what had the focus: it goes on at the row that stands in the same place, else at the list.
let place;
on("htmx:before:swap", () => {
  const held = document.activeElement;
  const row = held?.closest("tbody tr") ?? find("tbody tr:has(.table__check :checked)");
  place = row ? row.sectionRowIndex : held && held !== document.body ? 0 : undefined;
});
on("htmx:after:swap", ({ detail }) => {
  const list = detail.ctx.target?.id && document.getElementById(detail.ctx.target.id)?.closest(".list");
  const held = document.activeElement;
  if (place === undefined || !list || (held && held !== document.body && isVisible(held))) return;
  const links = findAll("tbody th a", list);
  (links[Math.min(place, links.length - 1)] ?? list).focus({ preventScroll: true });
});
// A part of a page may bring the proof that is good now; the forms around it take it over.
on("htmx:after:request", (event) => {
  const proof = event.detail.ctx.response.headers.get("Form-Proof");
  if (proof) for (const field of findAll("input[name=csrf_token]")) field.value = proof;
});
// What waited while somebody signed in again is shown at once, and not sent on.
find("[data-goes-on]")?.requestSubmit();

// Unsaved changes, and submit buttons that must not be pressed twice.
const dirty = new Set();
const isTyping = () => [...dirty].some((form) => form.isConnected);
// Signed out in another tab: what is being typed waits behind a cover. Somebody else's coming makes the page leave.
on("session:over", (event) => isTyping() && event.preventDefault());
on("session:other", () => dirty.clear());
// As a whole page, whoever else would send it: the answer is the page of signing in.
on("click", (event) => {
  const form = event.target.closest("[data-send-kept]") && [...dirty].find((each) => each.isConnected);
  if (!form) return;
  dirty.clear();
  form.submit();
});
on("input", (event) => event.target.form?.matches("[data-guard]") && dirty.add(event.target.form));
addEventListener("beforeunload", (event) => isTyping() && event.preventDefault());
on("submit", ({ target: form, submitter, defaultPrevented }) => {
  if (defaultPrevented || form.getAttribute("method") === "dialog" || form.matches("[data-nobusy]")) return;
  dirty.delete(form);
  // Only after the form was read: a disabled button does not send its value.
  setTimeout(() => submitter && ([submitter.disabled, submitter.ariaBusy] = [true, "true"]));
});
addEventListener("pageshow", () => {
  for (const button of findAll("[aria-busy=true]")) [button.disabled, button.ariaBusy] = [false, null];
  findAll("[data-bulk]").forEach(count);
});

on("click", async (event) => {
  for (const menu of findAll("[data-menu][open]")) menu.open = menu.contains(event.target);
  const button = event.target.closest("[data-dismiss], [data-reveal], [data-copy]");
  if (!button) return;
  const { reveal, done } = button.dataset;
  // What is being typed is copied as it is now.
  const copy = document.getElementById(button.dataset.copyOf)?.value ?? button.dataset.copy;
  if (reveal) {
    const input = document.getElementById(reveal);
    const shown = input.type === "password";
    [input.type, button.ariaPressed] = [shown ? "text" : "password", String(shown)];
  } else if (copy !== undefined) {
    await navigator.clipboard?.writeText(copy);
    const label = find("span", button);
    if (label) label.textContent = done;
    button.dataset.copied = button.title = done;
  } else button.closest(".toast").remove();
});
