// The checklist: ticks, times and notes beside each step, and the one that the reader is at.

class Steps {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.items = all(".bs-step");
    /** @type {Step[]} */
    this.steps = this.items.map((item) => ({
      id: item.id,
      title: item.dataset.title ?? item.id,
      label: labelOf(item),
      optional: item.classList.contains("bs-step--optional"),
    }));
    this.parts = this.items.map((item, index) => this.addParts(item, index));
    for (const block of all(".bs-block:not([data-language='text'], [data-language=''])")) this.addCopy(block);
  }

  /**
   * @param {HTMLElement} item
   * @param {number} index
   */
  addParts(item, index) {
    const step = /** @type {Step} */ (this.steps[index]);
    const head = /** @type {HTMLElement} */ (item.querySelector(":scope > .bs-head"));
    const tick = make("input", { type: "checkbox", onchange: () => void this.toggle(step.id) });
    const time = make("span", { class: "bs-time" });
    const here = make("span", { class: "bs-here" });
    const note = make("textarea", {
      class: "bs-field bs-note",
      rows: "2",
      hidden: true,
      "aria-label": `Note on ${step.label}`,
      placeholder: "What you saw, decided, changed",
      oninput: () => this.app.change((run) => ({ ...run, notes: { ...run.notes, [step.id]: note.value } }), "quiet"),
      onchange: () => this.app.change((run, at) => ({ ...run, log: logged(run, at, "noted", step.id, note.value) }), "quiet"),
    });
    const write = button("Note", () => this.writeNote(note), "bs-button--small");
    const label = make("label", { class: "bs-tick" }, tick, make("span", { class: "bs-tick-word" }, "Done"));
    head.append(here, time, make("span", { class: "bs-gap" }), write, label);
    head.after(note);
    const link = head.querySelector(".bs-permalink");
    link?.addEventListener("click", () => void copyAndSay(this.app.addressOf(step.id), `link to ${step.label}`));
    return { tick, time, here, note, item, step };
  }

  /** @param {HTMLTextAreaElement} note */
  writeNote(note) {
    note.hidden = false;
    note.focus();
  }

  /** @param {HTMLElement} block */
  addCopy(block) {
    const risky = block.classList.contains("bs-command--destructive");
    const copy = button(risky ? "Copy…" : "Copy", () => void this.copyBlock(block), "bs-copy-button");
    block.prepend(make("div", { class: "bs-bar" }, make("span", {}, block.dataset.language ?? ""), copy));
  }

  /** @param {HTMLElement} block */
  async copyBlock(block) {
    const item = block.closest(".bs-step");
    const step = item?.id ?? "";
    if (block.classList.contains("bs-command--destructive") && !(await this.confirmed(block, step, "Copy it"))) return;
    const text = blockText(block);
    if (await copyAndSay(text, (text.split("\n")[0] ?? "").slice(0, 40))) {
      this.app.change((run, at) => ({ ...run, log: logged(run, at, "copied", step, text.trim().slice(0, 200)) }), "quiet");
    }
  }

  /**
   * Once for each step; the answer is part of the record.
   * @param {HTMLElement} place the block, or the step itself
   * @param {string} step
   * @param {string} yes
   */
  async confirmed(place, step, yes) {
    if (step && this.app.run.confirmed[step]) return true;
    const scope = place.closest(".bs-step") ?? place.parentElement ?? document;
    const told = all(".bs-effect--destructive, .bs-effect--radius, .bs-effect--undo", scope);
    const near = place.previousElementSibling;
    const said = told.length || !(near instanceof HTMLElement) ? told : [near];
    const body = said.map((effect) => effect.cloneNode(true));
    const go = await ask("This destroys something", body.length ? body : ["Be sure that it is what you want."], yes);
    if (go && step) {
      this.app.change((run, at) => ({
        ...run,
        confirmed: { ...run.confirmed, [step]: at },
        log: logged(run, at, "confirmed", step),
      }));
    }
    return go;
  }

  /** @param {string} id */
  async toggle(id) {
    if (this.app.run.ticked[id]) {
      this.app.change((run, at) => unticked(run, id, at));
      return;
    }
    const item = /** @type {HTMLElement} */ (document.getElementById(id));
    const risky = item.classList.contains("bs-step--destructive");
    if (risky && !(await this.confirmed(item, id, "It is done: tick it"))) {
      this.app.show();
      return;
    }
    this.app.change((run, at) => ticked(run, this.steps, id, at));
    const step = this.steps.find((other) => other.id === id);
    say(`Done: ${step?.label ?? id}`);
  }

  /** The step that the keys speak about: the current one, else the first. */
  get current() {
    const place = this.steps.findIndex((step) => step.id === this.app.run.current);
    return place < 0 ? 0 : place;
  }

  /** @param {number} by */
  move(by) {
    const place = this.app.run.current ? this.current + by : this.current;
    const step = this.steps[Math.min(Math.max(place, 0), this.steps.length - 1)];
    if (!step) return;
    this.app.change((run, at) => chosen(run.startedAt ? run : started(run, this.steps, at), step.id, at));
    this.reveal(step.id);
  }

  /** @param {string} id */
  reveal(id) {
    const item = document.getElementById(id);
    item?.scrollIntoView({ block: "start" });
    const link = item?.querySelector(".bs-permalink");
    if (link instanceof HTMLElement) link.focus({ preventScroll: true });
  }

  async copyCurrent() {
    const item = this.items[this.current];
    const blocks = item ? all(".bs-command", item) : [];
    const log = this.app.run.log.filter((entry) => entry.what === "copied" && entry.step === item?.id);
    const block = blocks[log.length % Math.max(blocks.length, 1)]; // the next one, each time
    if (block) await this.copyBlock(block);
    else say("This step has no command.");
  }

  /** @param {Run} run */
  show(run) {
    for (const { tick, here, note, item, step } of this.parts) {
      const is = run.current === step.id;
      const done = Boolean(run.ticked[step.id]);
      tick.checked = done;
      tick.setAttribute("aria-label", `${step.label} is done`);
      item.classList.toggle("bs-step--current", is);
      item.classList.toggle("bs-step--done", done);
      if (is) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
      setText(here, is ? "You are here" : "");
      if (document.activeElement !== note) {
        note.value = run.notes[step.id] ?? "";
        note.hidden = !note.value;
      }
    }
  }

  /**
   * @param {Run} run
   * @param {Date} now
   */
  tick(run, now) {
    for (const { time, step } of this.parts) {
      const ms = spent(run, step.id, now);
      setText(time, ms === null ? "" : stopwatch(ms));
    }
  }
}

/** @param {HTMLElement} item */
function labelOf(item) {
  const link = item.querySelector(":scope > .bs-head > .bs-permalink");
  const words = link?.textContent ?? item.id;
  const section = item.id.replace(/-(?:step)?\d*$/, "");
  return words.startsWith("Step ") && section && section !== "steps" ? `${section} ${words.slice(5)}` : words;
}
