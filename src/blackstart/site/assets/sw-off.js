"use strict";
/// <reference lib="webworker" />
/** Takes the offline copy away again: where an earlier sw.js was, this one removes it and all that it kept. */
(() => {
  const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

  const remove = async () => {
    const mine = `blackstart:${new URL(worker.registration.scope).pathname}:`;
    for (const name of await caches.keys()) if (name.startsWith(mine)) await caches.delete(name);
    await worker.registration.unregister();
    for (const client of await worker.clients.matchAll({ type: "window" })) await client.navigate(client.url);
  };

  worker.addEventListener("install", () => void worker.skipWaiting());
  worker.addEventListener("activate", (event) => event.waitUntil(remove()));
})();
