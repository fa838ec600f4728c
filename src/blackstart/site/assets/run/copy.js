// Copying, also where the browser offers no clipboard: over http and from a folder.

/**
 * @param {string} text
 * @returns {Promise<boolean>}
 */
async function copyText(text) {
  try {
    if (navigator.clipboard && window.isSecureContext) {
      await navigator.clipboard.writeText(text);
      return true;
    }
  } catch {
    // Denied: the old way still works on a click.
  }
  return copiedTheOldWay(text);
}

/** @param {string} text */
function copiedTheOldWay(text) {
  const field = make("textarea", { class: "bs-offscreen", readonly: true, "aria-hidden": "true", tabindex: "-1" });
  field.value = text;
  const open = document.querySelector("dialog[open]") ?? document.body; // behind a dialog nothing can be selected
  const before = document.activeElement;
  open.append(field);
  field.select();
  let done = false;
  try {
    done = document.execCommand("copy");
  } catch {
    done = false;
  }
  field.remove();
  if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  return done;
}

/**
 * @param {string} text
 * @param {string} what
 */
async function copyAndSay(text, what) {
  const done = await copyText(text);
  say(done ? `Copied: ${what}` : "This browser does not let the page copy. Select the text by hand.");
  return done;
}

/**
 * What a block tells the reader to type: of a session, what stands behind its prompts.
 * @param {string} text
 * @param {string} language
 */
function typedText(text, language) {
  const plain = text.replace(/\n+$/, "\n");
  if (!["console", "shell-session", "shellsession", "terminal"].includes(language)) return plain;
  const lines = plain.split("\n");
  const typed = lines.filter((line, index) => /^[$#] /.test(line) || (/^> /.test(line) && index > 0));
  return typed.map((line) => `${line.slice(2)}\n`).join("") || plain;
}

/** @param {HTMLElement} block */
function blockText(block) {
  const code = block.querySelector("code") ?? block;
  return typedText(code.textContent ?? "", block.dataset.language ?? "");
}
