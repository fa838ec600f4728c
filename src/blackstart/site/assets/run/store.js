// Where a run is kept: in this browser alone. From a folder, all pages share one store, hence the long keys.

class Store {
  /**
   * @param {string} site
   * @param {string} runbook
   */
  constructor(site, runbook) {
    this.key = `blackstart:${site}:${runbook}`;
    this.works = true;
  }

  /** @returns {unknown} */
  read() {
    try {
      const text = localStorage.getItem(this.key);
      return text === null ? null : JSON.parse(text);
    } catch {
      return null;
    }
  }

  /**
   * A browser may refuse; then the page goes on, and says that nothing is kept.
   * @param {Run} run
   */
  write(run) {
    try {
      localStorage.setItem(this.key, JSON.stringify(run));
      this.works = true;
    } catch {
      this.works = false;
    }
  }

  clear() {
    try {
      localStorage.removeItem(this.key);
    } catch {
      this.works = false;
    }
  }
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
