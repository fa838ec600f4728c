// Where a run is kept: in this browser alone. From a folder, all pages share one store, hence the long keys.

class Store {
  /**
   * @param {string} site
   * @param {string} runbook
   */
  constructor(site, runbook) {
    this.key = `blackstart:${site}:${runbook}`;
    this.works = true;
    this.count = 0; // of what was written, by whichever tab
  }

  /**
   * The tab keeps a copy of its own: Chromium, when busy, can give a page that is reloaded from a folder what was in
   * the browser's store before the last entries, and never tell it of them. A copy that is behind is brought up to
   * date, so that nothing stays of a run that another tab cleared.
   * @returns {unknown} whichever was written later
   */
  read() {
    const common = this.readFrom(() => localStorage);
    const own = this.readFrom(() => sessionStorage);
    const later = writes(own) > writes(common) ? own : common;
    if (common && later === common) this.writeTo(() => sessionStorage, JSON.stringify(later));
    this.count = writes(later);
    return later;
  }

  /** @param {() => Storage} place that may be out of bounds altogether */
  readFrom(place) {
    try {
      return JSON.parse(place().getItem(this.key) ?? "null");
    } catch {
      return null;
    }
  }

  /**
   * A browser may refuse; then the page goes on, and says that nothing is kept.
   * @param {Run} run
   */
  write(run) {
    this.count += 1;
    const text = JSON.stringify({ ...run, writes: this.count });
    this.writeTo(() => sessionStorage, text);
    this.works = this.writeTo(() => localStorage, text);
  }

  /**
   * @param {() => Storage} place
   * @param {string} text
   */
  writeTo(place, text) {
    try {
      place().setItem(this.key, text);
      return true;
    } catch {
      return false;
    }
  }
}

/** @param {unknown} run as it was stored, by whomever */
function writes(run) {
  const { writes } = /** @type {{ writes?: unknown }} */ (run ?? {});
  return typeof writes === "number" && Number.isSafeInteger(writes) ? writes : 0;
}

/** The reader's own settings, the same on all pages. */
const settings = {
  /** @returns {boolean} */
  get keys() {
    try {
      return localStorage.getItem("blackstart:keys") !== "off";
    } catch {
      return true;
    }
  },
  set keys(on) {
    try {
      localStorage.setItem("blackstart:keys", on ? "on" : "off");
    } catch {
      // The setting holds until the page is left.
    }
  },
};
