// Telling people: texts with the variables filled in, the clock to the next post, and the clocks of the law.

class Comms {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.templates = all(".bs-template").map((whole) => this.addTemplate(whole));
    this.clocks = all("tr[data-clock]").map((row) => ({
      cell: /** @type {HTMLElement} */ (row.querySelector(".bs-due")),
      law: row.querySelector(".bs-due")?.textContent ?? "",
      since: row.dataset.since ?? "",
      within: row.dataset.within ?? "",
    }));
    this.fields = this.addMoments();
  }

  /** @param {HTMLElement} whole */
  addTemplate(whole) {
    const state = whole.dataset.state ?? "";
    const body = /** @type {HTMLElement} */ (whole.querySelector(".bs-text"));
    const source = body.querySelector("code")?.textContent ?? body.textContent ?? "";
    const text = make("p", { class: "bs-filled" });
    const left = make("p", { class: "bs-left", role: "status" });
    const minutes = make("input", {
      type: "number",
      class: "bs-field bs-minutes",
      min: "0",
      max: "1440",
      value: whole.dataset.minutes ?? "0",
      "aria-label": `Minutes from ${state} to the next update`,
      oninput: () => {
        minutes.dataset.own = "";
        this.tick(this.app.run, new Date());
      },
    });
    const next = make("label", { class: "bs-next-field" }, "Next update in ", minutes, " min");
    const copy = button("Copy", () => void this.copy(state, text), "bs-copy-button");
    const post = button("Posted: start the clock", () => this.post(state, minutes), "bs-button--small");
    body.hidden = true;
    whole.append(text, left, make("div", { class: "bs-buttons" }, copy, post, next));
    return { source, text, left, minutes };
  }

  /**
   * @param {string} state
   * @param {HTMLElement} text
   */
  async copy(state, text) {
    if (await copyAndSay(text.textContent ?? "", `text for ${state}`)) {
      this.app.change((run, at) => ({ ...run, log: logged(run, at, "copied", undefined, `text for ${state}`) }), "quiet");
    }
  }

  /**
   * @param {string} state
   * @param {HTMLInputElement} minutes
   */
  post(state, minutes) {
    this.app.change((run) => posted(run, state, Number(minutes.value) || 0, new Date()));
    say(`Posted: ${state}. The clock to the next update runs.`);
  }

  addMoments() {
    const place = document.querySelector(".bs-moments");
    /** @type {Map<string, HTMLInputElement>} */
    const fields = new Map();
    for (const row of place ? all("tr[data-clock]") : []) {
      const moment = row.dataset.since ?? "";
      if (fields.has(moment)) continue;
      const field = make("input", {
        type: "datetime-local",
        class: "bs-field",
        onchange: () => this.app.change((run, at) => this.moment(run, moment, field.value, at)),
      });
      fields.set(moment, field);
      const now = button("Now", () => this.app.change((run, at) => this.moment(run, moment, localValue(new Date()), at)), "bs-button--small");
      now.setAttribute("aria-label", `${row.dataset.moment}: now`);
      place?.append(make("div", { class: "bs-moment" }, make("label", {}, `${row.dataset.moment} `, field), now));
    }
    place?.append(make("p", { class: "bs-hint" }, `You enter your own time (${Intl.DateTimeFormat().resolvedOptions().timeZone}).`));
    return fields;
  }

  /**
   * @param {Run} run
   * @param {string} moment
   * @param {string} local
   * @param {string} at
   * @returns {Run}
   */
  moment(run, moment, local, at) {
    const { [moment]: _, ...rest } = run.moments;
    const when = local ? new Date(local).toISOString() : "";
    const moments = when ? { ...rest, [moment]: when } : rest;
    return { ...run, moments, log: logged(run, at, "moment", undefined, `${moment}: ${when || "removed"}`) };
  }

  /** @param {Run} run */
  show(run) {
    for (const [moment, field] of this.fields) {
      const at = run.moments[moment];
      if (document.activeElement !== field) field.value = at ? localValue(new Date(at)) : "";
    }
  }

  /**
   * @param {Run} run
   * @param {Date} now
   */
  tick(run, now) {
    const { values, examples } = this.app.variables.forTexts();
    for (const { source, text, left, minutes } of this.templates) {
      if (document.activeElement !== minutes && minutes.dataset.own === undefined) {
        const asked = Number(minutes.getAttribute("value"));
        minutes.value = String(minutesToNext(asked, run.startedAt, now));
      }
      const due = new Date(Math.ceil((now.getTime() + Number(minutes.value) * MINUTE) / MINUTE) * MINUTE);
      const known = { ...values, NEXT_UPDATE_AT: utc(due).slice(11) };
      const found = filled(source, known);
      const used = [...source.matchAll(VARIABLE)].map((name) => name[1] ?? name[2] ?? "");
      const shown = examples.filter((name) => used.includes(name));
      setText(text, found.text.trim());
      const open = found.missing.length ? `Not filled in: ${found.missing.join(", ")}. ` : "";
      const sample = shown.length ? `Still the page's example: ${shown.join(", ")}.` : "";
      setText(left, open + sample);
    }
    for (const { cell, law, since, within } of this.clocks) {
      const at = run.moments[since];
      setText(cell, at && within ? dueWords(deadline(new Date(at), within), now) : law);
      const over = Boolean(at && within) && deadline(new Date(at ?? ""), within) < now;
      cell.classList.toggle("bs-over", over);
    }
  }
}

/**
 * @param {Date} end
 * @param {Date} now
 */
function dueWords(end, now) {
  const left = end.getTime() - now.getTime();
  return `${utc(end)}, ${left < 0 ? `overdue since ${lengthWords(-left)}` : `${lengthWords(left)} left`}`;
}
