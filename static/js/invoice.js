// The rows of a paper by the keyboard, and rows that are pasted: nothing here is needed to fill the form in.
const form = document.querySelector("[data-paper]");
const list = () => form.querySelector(".document");
const lineOf = (element) => element.closest?.("[data-line]");
const fieldsOf = (line) => [...line.querySelectorAll("input:not([type=hidden]), select")];
const nameOf = (field) => field.name.split("-").at(-1);

function go(line, name) {
  const fields = fieldsOf(line);
  const field = fields.find((each) => nameOf(each) === name) ?? fields[0];
  field.focus();
  field.select?.();
}

form.addEventListener("keydown", (event) => {
  const line = lineOf(event.target);
  // A browser that picks a suggestion by Enter has said so.
  if (event.defaultPrevented) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  } else if (!line || event.altKey || event.shiftKey || event.ctrlKey || event.metaKey || event.isComposing) {
    return;
  } else if (event.key === "Enter" && event.target.matches("input, select")) {
    event.preventDefault();
    const next = line.nextElementSibling;
    // What was typed is told first: the new row takes its rate over.
    if (next) go(next, "description");
    else form.querySelector(`#${list().id}-add`).click();
  } else if (["ArrowUp", "ArrowDown"].includes(event.key) && event.target.matches("input:not([list])")) {
    const next = event.key === "ArrowUp" ? line.previousElementSibling : line.nextElementSibling;
    if (!next) return;
    event.preventDefault();
    go(next, nameOf(event.target));
  }
});

// Cells of a spreadsheet are several rows or columns; a word alone is pasted as ever.
form.addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!lineOf(event.target) || !/\t|\n./.test(text.trim())) return;
  event.preventDefault();
  const place = form.querySelector(`#${list().id}-paste`);
  place.open = true;
  place.querySelector("textarea").value = text;
  place.querySelector("[data-paste]").click();
});
