// The runbook's variables: filled in once, offered as `export` lines, and put into texts for people.

/** @typedef {{ name: string, examples: string[], secret: boolean }} Variable */

/** @param {HTMLElement} row */
function variableOf(row) {
  const examples = [...row.querySelectorAll("td code")].map((item) => item.textContent ?? "");
  return { name: row.dataset.name ?? "", examples, secret: row.dataset.secret !== undefined };
}

class Variables {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    /** @type {Map<string, HTMLInputElement>} */
    this.fields = new Map();
    /** @type {Variable[]} */
    this.known = [];
    /** @type {{ place: HTMLElement, names: string[] }[]} */
    this.echoes = [];
    this.lines = make("code");
    const table = document.querySelector(".bs-variables");
    if (!(table instanceof HTMLElement)) return;
    for (const row of all("tr[data-name]", table)) this.addField(row);
    this.output = make("div", { class: "bs-exports bs-yours", hidden: true }, make("p", {}, "Your values, for the shell:"));
    this.output.append(make("pre", { tabindex: "0" }, this.lines), button("Copy", () => void this.copy(), "bs-copy-button"));
    table.append(this.output);
    for (const block of all(".bs-command")) this.addEcho(block);
  }

  /** @param {HTMLElement} row */
  addField(row) {
    const variable = variableOf(row);
    this.known.push(variable);
    const cell = row.querySelector("td");
    if (variable.secret || !cell) return;
    const list = `bs-examples-${variable.name}`;
    const field = make("input", {
      type: "text",
      class: "bs-field",
      "aria-label": `Value of ${variable.name}`,
      placeholder: variable.examples.length ? `example: ${variable.examples[0]}` : (cell.textContent ?? ""),
      spellcheck: "false",
      autocapitalize: "off",
      autocomplete: "off",
      ...(variable.examples.length ? { list } : {}),
      oninput: () => this.app.change((run, at) => valued(run, variable.name, field.value, at), "quiet"),
    });
    this.fields.set(variable.name, field);
    const examples = variable.examples.map((value) => make("option", { value }));
    cell.replaceChildren(field, ...(examples.length ? [make("datalist", { id: list }, ...examples)] : []));
  }

  /**
   * A block that exports an example would undo what the reader exported before; so his line stands right below it.
   * @param {HTMLElement} block
   */
  addEcho(block) {
    const names = [...blockText(block).matchAll(/\bexport ([A-Z][A-Z0-9_]*)=/g)].map((found) => found[1] ?? "");
    const mine = names.filter((name) => this.fields.has(name));
    if (!mine.length) return;
    const place = make("div", { class: "bs-yours", hidden: true });
    block.after(place);
    this.echoes.push({ place, names: mine });
  }

  /** @param {Run} run */
  show(run) {
    for (const [name, field] of this.fields) {
      if (document.activeElement !== field) field.value = run.values[name] ?? "";
    }
    setText(this.lines, this.exports([...this.fields.keys()]));
    if (this.output) this.output.hidden = !this.lines.textContent;
    for (const echo of this.echoes) this.showEcho(echo.place, this.exports(echo.names));
  }

  /**
   * @param {HTMLElement} place
   * @param {string} lines
   */
  showEcho(place, lines) {
    place.hidden = !lines;
    if (place.dataset.lines === lines) return;
    place.dataset.lines = lines;
    const copy = button("Copy", () => void copyAndSay(lines, "your values"), "bs-copy-button");
    const said = make("p", {}, "This block sets the page's examples. Run your own behind it:");
    place.replaceChildren(said, make("pre", { tabindex: "0" }, make("code", {}, lines)), copy);
  }

  /** @param {string[]} names */
  exports(names) {
    const values = this.app.run.values;
    return names
      .filter((name) => values[name] && !isSecret(name))
      .map((name) => `${exportLine(name, values[name] ?? "")}\n`)
      .join("");
  }

  async copy() {
    await copyAndSay(this.lines.textContent ?? "", "your values as export lines");
  }

  /** The values for texts: the reader's own, else the page's examples, whose names come second. */
  forTexts() {
    const own = this.app.run.values;
    const examples = this.known.filter((variable) => variable.examples[0] && !own[variable.name]);
    const values = Object.fromEntries(examples.map((variable) => [variable.name, variable.examples[0] ?? ""]));
    return { values: { ...values, ...own }, examples: examples.map((variable) => variable.name) };
  }
}
