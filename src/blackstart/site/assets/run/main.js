// One page, one run: what changes is kept, and everything that shows it is drawn again.

class App {
  /** @param {HTMLElement} dock */
  constructor(dock) {
    this.dock = dock;
    this.rto = Number(dock.dataset.rto) || 0;
    this.page = {
      runbook: dock.dataset.runbook ?? "",
      title: dock.dataset.title ?? document.title,
      commit: dock.dataset.commit ?? "",
    };
    this.store = new Store(dock.dataset.site ?? "", this.page.runbook);
    this.run = restored(this.store.read(), this.page);
    this.steps = new Steps(this);
    this.variables = new Variables(this);
    this.comms = new Comms(this);
    this.help = panel("Keys", helpBody());
    this.down = make("input", {
      type: "datetime-local",
      class: "bs-field",
      onchange: () => this.change((run, at) => this.since(run, this.down.value, at)),
    });
    this.panel = panel("This run", this.panelBody());
    this.progress = make("a", { class: "bs-progress", href: "#" });
    this.clock = make("span", { class: "bs-clock" });
    this.next = make("a", { class: "bs-next", href: "#templates", hidden: true });
    this.begin = button("Start", () => this.steps.move(0), "bs-button--main");
    this.done = button("Done", () => void this.tickCurrent(), "bs-button--main");
    const status = make("div", { class: "bs-status" }, this.progress, this.clock, this.next);
    const more = button("Run", () => this.panel.showModal());
    more.setAttribute("aria-label", "This run: clocks, export, clear");
    const keys = button("?", () => this.help.showModal(), "bs-wide-only");
    keys.setAttribute("aria-label", "Keys");
    dock.prepend(status, ...(this.steps.steps.length ? [this.begin, this.done] : []), more, keys);
    dock.classList.add("bs-dock--run");
    document.body.append(live);
    this.old = make("p", { class: "bs-changed", hidden: true });
    dock.before(this.old);
    listen(this);
    window.addEventListener("storage", (event) => {
      if (event.key === this.store.key) this.load(); // another tab of this browser
    });
    this.show();
    setInterval(() => this.tick(), SECOND);
  }

  load() {
    this.run = restored(this.store.read(), this.page);
    this.show();
  }

  /**
   * @param {(run: Run, at: string) => Run} how
   * @param {"quiet"} [quiet] where only a field changed, which shows itself
   */
  change(how, quiet) {
    const before = this.run;
    const after = how(before, new Date().toISOString());
    this.run = before.startedAt || before.log.length ? after : { ...after, commit: this.page.commit };
    this.store.write(this.run);
    if (!this.store.works) say("This browser keeps nothing: what you enter is lost when you leave the page.");
    if (quiet) {
      this.variables.show(this.run);
      this.tick();
    } else {
      this.show();
    }
  }

  show() {
    const run = this.run;
    this.steps.show(run);
    this.variables.show(run);
    this.comms.show(run);
    if (document.activeElement !== this.down) this.down.value = localValue(new Date(run.downSince ?? run.startedAt ?? Date.now()));
    this.down.disabled = !run.startedAt;
    this.begin.hidden = Boolean(run.startedAt);
    this.done.hidden = !run.startedAt || !run.current;
    const current = this.steps.steps.find((step) => step.id === run.current);
    setText(this.progress, this.progressWords());
    this.progress.href = current ? `#${current.id}` : "#steps";
    const changed = Boolean(run.startedAt) && run.commit !== this.page.commit;
    this.old.hidden = !changed;
    if (changed) setText(this.old, `This run began on commit ${run.commit.slice(0, 7) || "none"}; the page now shows ${this.page.commit.slice(0, 7)}. Steps may have changed.`);
    this.tick();
  }

  progressWords() {
    const needed = this.steps.steps.filter((step) => !step.optional);
    const done = needed.filter((step) => this.run.ticked[step.id]).length;
    const current = this.steps.steps.find((step) => step.id === this.run.current);
    const count = `${done} of ${needed.length} done`;
    if (!needed.length) return "No steps on this page";
    if (!this.run.startedAt) return needed.length === 1 ? "1 step" : `${needed.length} steps`;
    return current ? `${current.label}, ${count}` : count;
  }

  tick() {
    const now = new Date();
    const run = this.run;
    this.steps.tick(run, now);
    this.comms.tick(run, now);
    const ms = total(run, this.steps.steps, now);
    const goal = this.rto ? ` of ${lengthWords(this.rto * SECOND)} (RTO)` : "";
    const over = ms !== null && this.rto > 0 && ms > this.rto * SECOND;
    setText(this.clock, ms === null ? (this.rto ? `RTO ${lengthWords(this.rto * SECOND)}` : "") : `${stopwatch(ms)}${goal}${over ? ", over" : ""}`);
    this.clock.classList.toggle("bs-over", over);
    this.tickNext(run.post, now);
  }

  /**
   * @param {Post | null} post
   * @param {Date} now
   */
  tickNext(post, now) {
    this.next.hidden = !post?.due;
    if (!post?.due) return;
    const left = Date.parse(post.due) - now.getTime();
    const at = utc(new Date(post.due)).slice(11);
    setText(this.next, left < 0 ? `Update overdue by ${stopwatch(-left)}` : `Next update in ${stopwatch(left)}, ${at}`);
    this.next.classList.toggle("bs-over", left < 0);
  }

  async tickCurrent() {
    const step = this.run.current;
    if (!step) return;
    await this.steps.toggle(step);
    if (this.run.ticked[step] && this.run.current) this.steps.reveal(this.run.current);
  }

  escalate() {
    const link = this.dock.querySelector(".bs-escalate");
    if (link instanceof HTMLAnchorElement) link.click();
  }

  /** @param {string} id */
  addressOf(id) {
    const base = this.dock.dataset.address || location.href.split("#")[0];
    return `${base}#${id}`;
  }

  /**
   * @param {Run} run
   * @param {string} local
   * @param {string} at
   * @returns {Run}
   */
  since(run, local, at) {
    const downSince = local ? new Date(local).toISOString() : null;
    return { ...run, downSince, log: logged(run, at, "down since", undefined, downSince ?? "removed") };
  }

  panelBody() {
    const name = () => `run-${this.page.runbook.replace(/[^a-z0-9]+/gi, "-").replace(/-md$/, "")}-${new Date().toISOString().slice(0, 16).replace(/\D/g, "")}`;
    const markdown = () => asMarkdown(this.run, this.steps.steps, this.rto, new Date());
    const json = () => asJson(this.run, this.steps.steps, this.rto, new Date());
    return [
      make("p", {}, "It lives in this browser only. Nobody else sees it, and it is gone when the browser's data is. Export it before you close the incident. Secrets are never kept."),
      make("label", { class: "bs-moment" }, "Down since ", this.down),
      make("p", { class: "bs-hint" }, "Your own time. The objective counts from the outage, not from when you began."),
      make(
        "div",
        { class: "bs-buttons" },
        button("Save as Markdown", () => download(`${name()}.md`, "text/markdown", markdown())),
        button("Save as JSON", () => download(`${name()}.json`, "application/json", json())),
        button("Copy as Markdown", () => void copyAndSay(markdown(), "the run")),
        button("Clear this run…", () => void this.clear(), "bs-button--danger"),
      ),
    ];
  }

  async clear() {
    const sure = await ask("Clear this run?", [make("p", {}, "Ticks, times, notes and values on this page are deleted from this browser. There is no undo.")], "Clear it");
    if (!sure) return;
    this.run = newRun(this.page);
    this.store.write(this.run); // not removed: a copy that another tab keeps would come back
    for (const field of this.variables.fields.values()) field.value = "";
    this.panel.close();
    this.show();
    say("The run is cleared.");
  }
}

const dock = document.querySelector(".bs-dock");
if (dock instanceof HTMLElement) new App(dock);
