// Who is signed in is the same in every tab of a browser: when that changes in one, no other goes on showing people.
// A page out of the browser's memory, behind the back button, is asked the same.
const KEY = "session";
const mine = document.querySelector("meta[name=session]")?.content;
const now = () => localStorage.getItem(KEY) ?? "";
const leave = () => {
  document.body.hidden = true;
  location.reload();
};

if (mine !== undefined) {
  if (now() !== mine) localStorage.setItem(KEY, mine);
  if (mine) {
    addEventListener("storage", (event) => (event.key === KEY || event.key === null) && now() !== mine && leave());
    addEventListener("pageshow", (event) => event.persisted && now() !== mine && leave());
  }
}
