// Keys, for hands that stay on the keyboard. They can be switched off, and none works while the reader types.

/** @type {[string, string][]} */
const KEYS = [
  ["j or n", "next step"],
  ["k or p", "previous step"],
  ["x", "tick the current step, or take the tick back"],
  ["c", "copy the current step's command; again: its next one"],
  ["w", "write a note on the current step"],
  ["r", "this run: clocks, export, clear"],
  ["e", "none of this fits: escalate"],
  ["/", "search"],
  ["?", "this list"],
];

/** @param {App} app */
function listen(app) {
  /** @type {Record<string, () => void>} */
  const acts = {
    j: () => app.steps.move(1),
    n: () => app.steps.move(1),
    k: () => app.steps.move(-1),
    p: () => app.steps.move(-1),
    x: () => app.steps.steps[app.steps.current] && void app.steps.toggle(app.steps.steps[app.steps.current]?.id ?? ""),
    c: () => void app.steps.copyCurrent(),
    w: () => {
      const part = app.steps.parts[app.steps.current];
      if (part) app.steps.writeNote(part.note);
    },
    r: () => app.panel.showModal(),
    e: () => app.escalate(),
    "?": () => app.help.showModal(),
  };
  // Before the theme, which leaves the page at `n` and `p`.
  window.addEventListener(
    "keydown",
    (event) => {
      const act = acts[event.key];
      if (!act || !settings.keys || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      act();
    },
    true,
  );
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  if (document.querySelector("dialog[open]")) return true;
  if (!(target instanceof HTMLElement)) return false;
  const box = target instanceof HTMLInputElement && target.type === "checkbox";
  return target.isContentEditable || (!box && ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
}

function helpBody() {
  const on = make("input", { type: "checkbox", onchange: () => (settings.keys = on.checked) });
  on.checked = settings.keys;
  const rows = KEYS.map(([key, what]) => make("tr", {}, make("th", { scope: "row" }, make("kbd", {}, key)), make("td", {}, what)));
  return [make("table", { class: "bs-keys" }, make("tbody", {}, ...rows)), make("label", { class: "bs-tick" }, on, "Keys are on")];
}
