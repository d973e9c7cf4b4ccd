// Who is signed in is the same in every tab of a browser: when that changes in one, no other goes on showing people.
// A page out of the browser's memory, behind the back button, is asked the same. The mark is "session.person".
const KEY = "session";
const mine = document.querySelector("meta[name=session]")?.content;
const now = () => localStorage.getItem(KEY) ?? "";
const person = (mark) => mark.split(".")[1] ?? "";
const tell = (type) => document.dispatchEvent(new CustomEvent(type, { cancelable: true }));
function cover(covered) {
  document.querySelector("body > .cover")?.remove();
  if (covered) document.body.append(document.querySelector("#cover").content.cloneNode(true));
  document.body.toggleAttribute("data-covered", covered);
  if (covered) document.querySelector(".cover button").focus();
}
function follow() {
  const present = now();
  // The same person again: the page may stay, and its forms come back filled in should their proof be refused.
  if (present && person(present) === person(mine)) return cover(false);
  if (present) tell("session:other");
  else if (!tell("session:over")) return cover(true);
  document.body.hidden = true;
  location.reload();
}

const drop = (isOver) => Object.keys(localStorage).filter(isOver).forEach((key) => localStorage.removeItem(key));
async function tidy() {
  // What a page keeps on this device is its person's alone: it outlives their session, and nobody else's coming.
  const own = `receipt.${person(mine)}`;
  drop((key) => !key.startsWith(own));
  const kept = Object.keys(localStorage);
  for (const { name } of (await indexedDB.databases?.()) ?? []) {
    if (!kept.some((key) => key.startsWith(name))) indexedDB.deleteDatabase(name);
  }
}

if (mine !== undefined) {
  if (now() !== mine) tidy().catch(() => {});
  localStorage.setItem(KEY, mine);
  // Whoever signs out leaves nothing behind.
  addEventListener("submit", ({ target }) => target.getAttribute("action") === "/logout" && drop((key) => key !== KEY));
  if (mine) {
    addEventListener("storage", (event) => (event.key === KEY || event.key === null) && follow());
    addEventListener("pageshow", (event) => event.persisted && follow());
  }
}
