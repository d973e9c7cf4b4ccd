// Follows what happens: the page is asked for again every second, and what differs is replaced.
const bottom = (list) => { list.scrollTop = list.scrollHeight; };
document.querySelectorAll("[data-follow]").forEach(bottom);

async function look() {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of document.querySelectorAll("[data-live]")) {
    const now = fresh.querySelector(`[data-live="${old.dataset.live}"]`);
    if (!now || old.dataset.seen === now.innerHTML) continue;
    const isFirst = old.dataset.seen === undefined;
    old.dataset.seen = now.innerHTML;
    if (isFirst && old.innerHTML === now.innerHTML) continue;
    old.innerHTML = now.innerHTML;
    if ("follow" in old.dataset) bottom(old);
  }
}

setInterval(() => look().catch(() => {}), 1000);
