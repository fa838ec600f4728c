"use strict";
/// <reference lib="webworker" />
/**
 * Keeps one whole build of the site in the reader's browser and answers from it, so that pages of two builds never mix.
 *
 * A newer build is fetched completely, each file held to its digest, before it can take over; what fails half-way leaves
 * the build before as it was, and the next try goes on from there.
 *
 * @typedef {{version: string, files: Record<string, string>}} Edition
 */
/** @type {Edition} */ const EDITION = { version: "", files: {} }; // written by the build

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const SCOPE = new URL(worker.registration.scope);
const CACHES = `blackstart:${SCOPE.pathname}:`;
const CACHE = CACHES + EDITION.version;
const AT_ONCE = 6;

/** The file of this build that an address stands for. @param {URL} url @returns {string | undefined} */
const fileAt = (url) => {
  const path = pathIn(url);
  const file = path === "" || path?.endsWith("/") ? `${path}index.html` : path;
  return file !== undefined && Object.hasOwn(EDITION.files, file) ? file : undefined;
};

/** @param {URL} url @returns {string | undefined} */
const pathIn = (url) => {
  if (url.origin !== SCOPE.origin || !url.pathname.startsWith(SCOPE.pathname)) return undefined;
  try {
    return decodeURIComponent(url.pathname.slice(SCOPE.pathname.length));
  } catch {
    return undefined;
  }
};

/** @param {string} file */
const addressOf = (file) => SCOPE.href + file.split("/").map(encodeURIComponent).join("/");

/** Names the content, so that builds share what is the same in both. @param {string} file */
const keyOf = (file) => `${addressOf(file)}?sha256=${encodeURIComponent(EDITION.files[file] ?? "")}`;

const install = async () => {
  const cache = await caches.open(CACHE);
  const files = Object.keys(EDITION.files);
  const fetchInTurn = async () => {
    for (let file = files.pop(); file !== undefined; file = files.pop()) await keep(cache, file);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, fetchInTurn));
};

/** @param {Cache} cache @param {string} file */
const keep = async (cache, file) => {
  const key = keyOf(file);
  if (await cache.match(key)) return;
  await cache.put(key, (await caches.match(key)) ?? (await download(file)));
};

/** @param {string} file */
const download = async (file) => {
  // A server may say "not modified" of a file that is older than the broken one in the browser's own cache.
  const response = await request(file, "no-cache").catch(() => request(file, "reload"));
  if (!response.ok) throw new Error(`${file}: ${response.status}`);
  return askedForEachTime(response);
};

/**
 * Between two pages of a tab the browser reuses what it thinks fresh without asking here, though they may be of two
 * builds. A new answer has no redirect in its past either, which may not open a page.
 * @param {Response} response
 */
const askedForEachTime = (response) => {
  const headers = new Headers(response.headers);
  headers.set("Cache-Control", "no-cache");
  return new Response(response.body, { headers, status: response.status, statusText: response.statusText });
};

/** @param {string} file @param {RequestCache} cache */
const request = (file, cache) =>
  fetch(addressOf(file), { cache, integrity: `sha256-${EDITION.files[file]}`, credentials: "same-origin" });

const dropOtherBuilds = async () => {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(CACHES) && name !== CACHE).map((name) => caches.delete(name)));
};

/** @param {FetchEvent} event @param {URL} url @returns {Promise<Response>} */
const answer = async (event, url) => {
  const file = fileAt(url);
  if (file === undefined) return beyond(event, url);
  if (await isOfAnotherBuild(event)) {
    return fetch(event.request, { cache: "no-cache" }).then(askedForEachTime).catch(() => kept(file));
  }
  return kept(file).catch(() => fetch(event.request));
};

/** @param {string} file @returns {Promise<Response>} */
const kept = async (file) => {
  const response = await (await caches.open(CACHE)).match(keyOf(file));
  if (!response) throw new Error(`${file} is no longer in the cache`);
  return response;
};

/** A page that this build lacks came from the server, and so must all that it loads. @param {FetchEvent} event */
const isOfAnotherBuild = async (event) => {
  if (event.request.mode === "navigate") return false;
  const client = await worker.clients.get(event.clientId);
  return client !== undefined && fileAt(new URL(client.url)) === undefined;
};

/** @param {FetchEvent} event @param {URL} url @returns {Promise<Response>} */
const beyond = async (event, url) => {
  if (event.request.mode !== "navigate") return fetch(event.request);
  if (fileAt(new URL(`${url.pathname}/`, url))) return Response.redirect(`${url.pathname}/${url.search}`);
  return fetch(event.request).catch(notHere);
};

const notHere = async () => {
  const page = await kept("404.html").catch(() => Response.error());
  return new Response(page.body, { status: 404, headers: page.headers });
};

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(dropOtherBuilds()));
worker.addEventListener("message", (event) => {
  if (event.data === "take over") event.waitUntil(worker.skipWaiting());
});
worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method === "GET" && pathIn(url) !== undefined) event.respondWith(answer(event, url));
});
