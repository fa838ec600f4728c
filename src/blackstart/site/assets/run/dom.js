// Small helpers for building what only a script can offer. Text is always set as text, never as HTML.

/**
 * An element with attributes and children. Names that begin with `on` are listeners.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | boolean | ((event: Event) => void)>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
function make(tag, attributes = {}, ...children) {
  const item = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") item.addEventListener(name.slice(2), value);
    else if (value === true) item.setAttribute(name, "");
    else if (value !== false) item.setAttribute(name, value);
  }
  item.append(...children);
  return item;
}

/**
 * @param {string} text
 * @param {(event: Event) => void} onclick
 * @param {string} [kind]
 */
function button(text, onclick, kind = "") {
  return make("button", { type: "button", class: `bs-button ${kind}`.trim(), onclick }, text);
}

/**
 * @param {string} selector
 * @param {ParentNode} [root]
 * @returns {HTMLElement[]}
 */
function all(selector, root = document) {
  return [...root.querySelectorAll(selector)].filter((item) => item instanceof HTMLElement);
}

/**
 * Set a text only where it differs, so that a second's tick redraws nothing else.
 * @param {HTMLElement} item
 * @param {string} text
 */
function setText(item, text) {
  if (item.textContent !== text) item.textContent = text;
}

const live = make("div", { class: "bs-live", role: "status" });

/**
 * Say it, on the page and to a screen reader.
 * @param {string} text
 */
function say(text) {
  (document.querySelector("dialog[open]") ?? document.body).append(live); // nothing shows above a dialog but what is in it
  live.textContent = text;
  clearTimeout(said);
  said = setTimeout(() => (live.textContent = ""), 6 * SECOND);
}
/** @type {number | ReturnType<typeof setTimeout> | undefined} */
let said;

/**
 * Ask before something that cannot be undone. The safe answer has the focus.
 * @param {string} title
 * @param {(Node | string)[]} body
 * @param {string} yes
 * @returns {Promise<boolean>}
 */
function ask(title, body, yes) {
  return new Promise((resolve) => {
    const no = make("button", { value: "no", class: "bs-button", autofocus: true }, "Cancel");
    const go = make("button", { value: "yes", class: "bs-button bs-button--danger" }, yes);
    const form = make("form", { method: "dialog", class: "bs-buttons" }, no, go);
    const dialog = make("dialog", { class: "bs-dialog", "aria-label": title }, make("h2", {}, title), ...body, form);
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/**
 * A dialog that stays in the page and can be opened again.
 * @param {string} title
 * @param {(Node | string)[]} body
 */
function panel(title, body) {
  const close = make("form", { method: "dialog", class: "bs-buttons" }, make("button", { class: "bs-button" }, "Close"));
  const dialog = make("dialog", { class: "bs-dialog", "aria-label": title }, make("h2", {}, title), ...body, close);
  document.body.append(dialog);
  return dialog;
}

/**
 * @param {string} name
 * @param {string} type
 * @param {string} text
 */
function download(name, type, text) {
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), MINUTE);
}
