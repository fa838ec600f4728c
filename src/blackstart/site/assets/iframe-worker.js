"use strict";
/**
 * Workers for a page opened from a folder, where browsers allow none: an invisible frame runs the script instead.
 * It writes no script into the page, so that the content security policy holds there too.
 */
(() => {
  if (location.protocol !== "file:") return;

  /** @param {Window} frame @param {string | URL} address @returns {Promise<void>} */
  const run = (frame, address) =>
    new Promise((done, fail) => {
      const script = frame.document.createElement("script");
      script.src = String(address);
      script.onload = () => done();
      script.onerror = () => fail(new Error(`${address} cannot be loaded`));
      frame.document.body.append(script);
    });

  class FrameWorker extends EventTarget {
    /** @param {string | URL} address */
    constructor(address) {
      super();
      /** @type {((event: MessageEvent) => void) | null} */
      this.onmessage = null;
      this.element = document.createElement("iframe");
      this.element.hidden = true;
      document.body.append(this.element);
      const frame = /** @type {Window} */ (this.element.contentWindow);
      Object.assign(frame, {
        importScripts: (/** @type {string[]} */ ...more) =>
          more.reduce((before, one) => before.then(() => run(frame, one)), Promise.resolve()),
        postMessage: (/** @type {unknown} */ data) => this.receive(data),
      });
      this.frame = frame;
      this.ready = run(frame, address);
    }

    /** @param {unknown} data */
    receive(data) {
      const event = new MessageEvent("message", { data });
      this.dispatchEvent(event);
      this.onmessage?.(event);
    }

    /** @param {unknown} data */
    async postMessage(data) {
      await this.ready;
      this.frame.dispatchEvent(new MessageEvent("message", { data: structuredClone(data) }));
    }

    terminate() {
      this.element.remove();
    }
  }

  Object.assign(window, { Worker: FrameWorker });
})();
