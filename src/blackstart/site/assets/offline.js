"use strict";
/**
 * Saves the whole site in this browser after the first visit, and says in one line which copy the reader has.
 * From a folder it does nothing: there the folder is the copy.
 */
(() => {
  const own = /** @type {HTMLScriptElement} */ (document.currentScript);
  const root = new URL("../../", own.src);
  const service = navigator.serviceWorker; // absent where the address is not https
  if (!service || !location.protocol.startsWith("http")) return;

  const HOUR = 3600_000;
  const fromCopy = service.controller !== null;

  const line = /** @type {HTMLElement} */ (document.querySelector(".bs-edition") ?? document.createElement("p"));
  if (!line.isConnected) document.querySelector("main, body")?.prepend(line);
  line.classList.add("bs-edition");
  const built = (line.textContent ?? "").trim().replace(/^Built from /, "").replace(/\.$/, "");
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  if (fromCopy) line.textContent = built ? `Offline copy of ${built}.` : "Offline copy.";
  line.append(" ", status);

  /** @param {string} words */
  const say = (words) => {
    status.textContent = words;
  };

  /** @param {ServiceWorker} next */
  const offer = (next) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Reload";
    button.addEventListener("click", () => next.postMessage("take over"));
    status.replaceChildren("A newer copy is ready. ", button);
    line.classList.add("bs-edition--newer");
  };

  /** @param {ServiceWorker} next */
  const follow = (next) => {
    if (!fromCopy) say("Saving the whole site for offline use …");
    next.addEventListener("statechange", () => {
      if (next.state === "installed" && fromCopy) offer(next);
      if (next.state === "activated" && !fromCopy) say("The whole site is saved for offline use.");
      if (next.state === "redundant") say(fromCopy ? "A newer copy could not be fetched whole; this one stays." : "The site could not be saved for offline use.");
    });
  };

  /** @param {ServiceWorkerRegistration} registration */
  const check = async (registration) => {
    if (registration.waiting && fromCopy) return offer(registration.waiting);
    if (!fromCopy) return undefined;
    try {
      const { installing, waiting } = await registration.update();
      if (!installing && !waiting) say(`The server had nothing newer at ${new Date().toTimeString().slice(0, 5)}.`);
    } catch {
      if (!line.classList.contains("bs-edition--newer")) say("The server cannot be reached.");
    }
    return undefined;
  };

  const start = async () => {
    const registration = await service.register(new URL("sw.js", root), { scope: root.pathname, updateViaCache: "none" });
    if (registration.installing) follow(registration.installing);
    registration.addEventListener("updatefound", () => registration.installing && follow(registration.installing));
    await check(registration);
    const again = () => void check(registration);
    addEventListener("online", again);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && again());
    setInterval(again, HOUR);
  };

  // One click takes the newer copy over in all tabs: a page of one build must not load parts of another.
  if (fromCopy) service.addEventListener("controllerchange", () => location.reload());
  // What the reader came for goes first.
  addEventListener("load", () => setTimeout(() => void start().catch((error) => say(`Not saved for offline use: ${error.message}`)), 0));
})();
