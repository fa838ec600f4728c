// How old everything is, worked out where the page is read: an old copy must say so itself.

const AGE = 3600 * SECOND;

/** @param {Date} now */
function showAge(now) {
  for (const place of all(".bs-copy")) {
    const built = place.dataset.built;
    if (!built) continue;
    const age = now.getTime() - Date.parse(built);
    const old = age > Number(place.dataset.copyDays) * DAY;
    place.hidden = !old;
    if (old) {
      place.textContent =
        `This copy is old: it shows the state of ${utc(new Date(built))}, ${relativeWords(new Date(built), now)}. ` +
        "It cannot know of a newer one; look for one before you trust it.";
    }
  }
  for (const time of all("time[datetime]", document.querySelector("article") ?? document)) {
    const text = time.getAttribute("datetime") ?? "";
    if (!isTime(text)) continue;
    const words = `(${text.length > 10 ? relativeWords(new Date(text), now) : dayWords(new Date(text), now)})`;
    const beside = time.nextElementSibling;
    if (beside instanceof HTMLElement && beside.classList.contains("bs-ago")) setText(beside, words);
    else time.after(" ", make("span", { class: "bs-ago" }, words));
  }
}

/** A link to a doubtful line must find it, and so must one into the box or a fold. */
function openTarget() {
  const id = location.hash.slice(1);
  const target = id ? document.getElementById(id) : null;
  for (let up = target; up; up = up.parentElement) {
    if (up instanceof HTMLDetailsElement) up.open = true;
  }
}
