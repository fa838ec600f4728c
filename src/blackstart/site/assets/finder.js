// @ts-check
/* The finder: an alert's name, an error text or a symptom leads to the runbook while the reader types.
 * The index is a script of its own, loaded when someone first asks; nothing here needs a server. */
"use strict";
(() => { // scripts share one scope, so all of this has its own

/** @typedef {{title: string, url: string, about: string, warning: string, kind: "a" | "e" | "s" | "t" | "c", clue: string, terms: string[]}} Hit */
/** @typedef {{search: (query: string) => Hit[], marked: (text: string, terms: string[]) => string[]}} Finder */

const WORDS = { a: "Alert", e: "It says", s: "Symptom", t: "Title", c: "Component" };
const OWN = typeof document === "undefined" ? null : /** @type {HTMLScriptElement | null} */ (document.currentScript);
const SHOWN = 8;
const SETTLED = 400; // milliseconds without a key before the outcome is spoken

/** What the address asks for: ?q=…, #q=…, or the alert whose page is missing. @param {{search: string, hash: string, pathname: string}} address @param {boolean} missing */
function asked(address, missing) {
  const named = new URLSearchParams(address.search).get("q") ?? new URLSearchParams(address.hash.slice(1)).get("q");
  const alert = missing ? /\/alerts\/([^/]+)/.exec(address.pathname) : null;
  try {
    return named ?? (alert ? decodeURIComponent(/** @type {string} */ (alert[1])) : "");
  } catch {
    return /** @type {string} */ (alert?.[1]);
  }
}

/** @type {Promise<Finder> | null} */
let loading = null;

/** @param {string} name */
function script(name) {
  return new Promise((resolve, reject) => {
    const made = document.createElement("script");
    made.src = new URL(name, OWN?.src).href;
    made.onload = resolve;
    made.onerror = () => reject(new Error(name));
    document.head.append(made);
  });
}

/** @returns {Promise<Finder>} */
function load() {
  loading ??= Promise.all(["finder-search.js", "finder-index.js"].map(script)).then(() => {
    const { blackstartFinder: finder, blackstartIndex: rows } = /** @type {any} */ (globalThis);
    const index = finder.prepare(rows);
    return { search: (query) => finder.search(index, query, SHOWN), marked: finder.marked };
  });
  loading.catch(() => { loading = null; }); // the network may be back at the next key
  return loading;
}

/** @param {string} tag @param {string} name @param {string[]} pieces */
function element(tag, name, pieces) {
  const made = document.createElement(tag);
  made.className = name;
  pieces.forEach((piece, number) => {
    if (!piece) return;
    const part = number % 2 ? document.createElement("mark") : document.createTextNode("");
    part.textContent = piece;
    made.append(part);
  });
  return made;
}

/** One field with its list of results: a combobox whose list pops up, as the ARIA practices have it. @param {HTMLFormElement} form */
function equip(form) {
  const input = /** @type {HTMLInputElement} */ (form.querySelector("input"));
  const list = /** @type {HTMLUListElement} */ (form.querySelector("[role=listbox]"));
  const status = /** @type {HTMLElement} */ (form.querySelector("[role=status]"));
  let active = -1;
  let spoken = 0;

  const options = () => /** @type {HTMLLIElement[]} */ ([...list.children]);

  /** @param {boolean} open */
  function show(open) {
    list.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    if (!open) choose(-1);
  }

  /** @param {number} number */
  function choose(number) {
    active = number;
    options().forEach((option, at) => option.setAttribute("aria-selected", String(at === active)));
    const chosen = options()[active];
    if (!chosen) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", chosen.id);
    return chosen.scrollIntoView({ block: "nearest" });
  }

  /** @param {Finder} finder @param {Hit} hit @param {number} number */
  function option(finder, hit, number) {
    const made = document.createElement("li");
    made.id = `${list.id}-${number}`;
    made.setAttribute("role", "option");
    made.setAttribute("aria-selected", "false");
    made.dataset["address"] = new URL(hit.url, new URL("../../", OWN?.src)).href;
    made.append(element("span", "bs-hit-title", finder.marked(hit.title, hit.terms)));
    made.append(element("span", "bs-hit-about", [hit.about]));
    if (hit.warning) made.append(element("strong", "bs-hit-warning", [hit.warning]));
    if (hit.kind !== "t") {
      const why = element("span", "bs-hit-why", [`${WORDS[hit.kind]}: `]);
      why.append(element("span", "", finder.marked(hit.clue, hit.terms)));
      made.append(why);
    }
    return made;
  }

  /** @param {string} words */
  function say(words) {
    window.clearTimeout(spoken);
    spoken = window.setTimeout(() => { status.textContent = words; }, SETTLED);
  }

  async function answer() {
    const query = input.value;
    if (query.trim().length < 2) {
      list.replaceChildren();
      show(false);
      return say("");
    }
    let finder;
    try {
      finder = await load();
    } catch {
      return say("The index of this finder could not be loaded. The list of symptoms and the search still work.");
    }
    if (query !== input.value) return undefined; // a later key is being answered
    const found = finder;
    const hits = found.search(query);
    list.replaceChildren(...hits.map((hit, number) => option(found, hit, number)));
    show(hits.length > 0);
    if (!hits.length) return say("Nothing fits. Try one word of it, the list of symptoms, or escalate.");
    return say(`${hits.length === 1 ? "1 runbook fits" : `${hits.length} runbooks fit`}, best: ${/** @type {Hit} */ (hits[0]).title}.`);
  }

  /** @param {Element | undefined | null} option @param {boolean} apart */
  function open(option, apart) {
    const address = option instanceof HTMLElement ? option.dataset["address"] : undefined;
    if (!address) return;
    if (apart) window.open(address, "_blank", "noopener");
    else window.location.assign(address);
  }

  /** @param {KeyboardEvent} event */
  function key(event) {
    const count = list.hidden ? 0 : options().length;
    if (event.isComposing) return;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) {
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(active < 0 ? (step > 0 ? 0 : count - 1) : (active + step + count) % count);
      event.preventDefault();
    } else if (event.key === "Enter" && count) {
      open(options()[Math.max(active, 0)], event.ctrlKey || event.metaKey);
      event.preventDefault();
    } else if (event.key === "Escape" && (count || input.value)) {
      if (!count) input.value = "";
      show(false);
      event.preventDefault();
      event.stopPropagation();
    }
  }

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  show(false);
  input.addEventListener("focus", () => { load().catch(() => undefined); });
  input.addEventListener("input", () => { void answer(); });
  input.addEventListener("keydown", key);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("focusout", (event) => {
    if ("pops" in form.dataset && !form.contains(/** @type {Node | null} */ (event.relatedTarget))) show(false);
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  for (const kind of ["click", "auxclick"]) {
    list.addEventListener(kind, (event) => {
      const click = /** @type {MouseEvent} */ (event);
      const chosen = event.target instanceof Element ? event.target.closest("[role=option]") : null;
      if (click.button < 2) open(chosen, click.ctrlKey || click.metaKey || click.button === 1);
    });
  }
  return { input, answer };
}

/** Whether keys go to something that is being written in. @param {EventTarget | null} target */
function isWriting(target) {
  if (target instanceof HTMLInputElement && target.type === "checkbox") return false;
  return target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

const KEYS = "blackstart:keys"; // the reader's setting, the same as on runbooks

function keysAreOn() {
  try {
    return localStorage.getItem(KEYS) !== "off";
  } catch {
    return true;
  }
}

/** The switch for people whose voice or tremor presses keys by accident. @param {Element} place */
function offerSwitch(place) {
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = keysAreOn();
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(KEYS, box.checked ? "on" : "off");
    } catch {
      box.checked = true; // nothing can be kept here
    }
  });
  const label = document.createElement("label");
  label.append(box, " Keys are on: / goes to this field, ? on a runbook lists the others");
  place.append(label);
}

function start() {
  document.querySelectorAll("[data-bs-keys]").forEach(offerSwitch);
  const forms = /** @type {HTMLFormElement[]} */ ([...document.querySelectorAll("form[data-bs-finder]")]);
  const fields = forms.map(equip);
  const own = fields[fields.length - 1]; // the page's own stands below the one in the header
  if (!own) return;
  const missing = document.querySelector("[data-bs-missing]");
  const query = asked(window.location, missing !== null);
  if (missing && query) missing.textContent = `No alert or runbook here is called “${query}”.`;
  if (query) {
    own.input.value = query;
    void own.answer();
    own.input.focus({ preventScroll: true });
  }
  window.addEventListener("hashchange", () => {
    const wanted = asked({ search: "", hash: window.location.hash, pathname: "" }, false);
    if (wanted) own.input.value = wanted;
    if (wanted) void own.answer();
  });
  window.addEventListener("keydown", (event) => {
    if (event.key !== "/" || !keysAreOn() || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // the theme's search answers the same key
    own.input.focus();
    own.input.select();
  }, true);
}

if (typeof module !== "undefined") module.exports = { asked };
else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
})();
