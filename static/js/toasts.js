// Toasts: one at a time, beside what people press; they leave by themselves unless somebody reads them.
const region = document.getElementById("toasts");
const BRIEF = 8000;
const LASTING = 20000;
let timer;

const current = () => region.lastElementChild;
const isRead = () => region.matches(":hover, :focus-within");
function leave() {
  if (isRead()) return;
  current()?.remove();
}
function schedule() {
  clearTimeout(timer);
  const toast = current();
  if (toast) timer = setTimeout(leave, toast.hasAttribute("data-brief") ? BRIEF : LASTING);
}

// What a list can show is undone in the list: neither place nor focus is lost.
function undoInList(toast) {
  const list = document.querySelector("main .list[data-undo]");
  const form = toast.querySelector("form");
  if (!list || !form) return;
  for (const [name, value] of Object.entries({ post: form.action, target: `#${list.id}`, swap: "outerMorph" }))
    form.setAttribute(`hx-${name}`, value);
  window.htmx.process(form);
}

new MutationObserver((changes) => {
  const added = changes.flatMap(({ addedNodes }) => [...addedNodes]).filter((node) => node.matches?.(".toast"));
  if (added.length) {
    [...region.children].forEach((toast) => toast === added.at(-1) || toast.remove());
    region.dataset.live = "";
    added.forEach(undoInList);
  }
  if (!region.children.length) delete region.dataset.live;
  schedule();
}).observe(region, { childList: true });
[...region.children].forEach(undoInList);
schedule();
for (const type of ["mouseleave", "focusout"]) region.addEventListener(type, schedule);

document.addEventListener("keydown", (event) => {
  // The same key on a Russian keyboard.
  const isUndo = ["z", "я"].includes(event.key.toLowerCase()) && (event.ctrlKey || event.metaKey) && !event.shiftKey;
  if (!isUndo || event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  const button = region.querySelector("[data-undo]");
  if (!button) return;
  event.preventDefault();
  button.click();
});
