// @ts-check
"use strict";
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { asked } = require("../../src/blackstart/site/assets/finder.js");
const { marked, prepare, search, termsOf } = require("../../src/blackstart/site/assets/finder-search.js");

const ROWS = [
  ["The database does not answer", "db/", "Flag database", "", [
    ["t", "The database does not answer"], ["a", "PennantDatabaseDown"], ["c", "pennant-db"],
    ["e", "No space left"], ["e", "relation \"flags\" does not exist"], ["s", "reads are old and changes answer 503"]]],
  ["Pods do not start", "pods/", "Cluster", "", [
    ["t", "Pods do not start"], ["e", "CrashLoopBackOff"], ["e", "ImagePullBackOff"], ["s", "restarts again and again"]]],
  ["The API is down", "api/", "API", "Stale", [
    ["t", "The API is down"], ["a", "PennantDown"], ["a", "PennantLatencyHigh"], ["e", "Address already in use"],
    ["s", "connection refused on port 8080"], ["s", "One request in a hundred takes longer than half a second"]]],
  ["Backups are missing", "backup/", "Backup store", "", [
    ["t", "Backups are missing"], ["a", "PennantBackupTooOld"], ["a", "constructor"], ["s", "a backup fails"]]],
];
const index = prepare(/** @type {any} */ (ROWS));

/** @param {string} query */
const best = (query) => search(index, query, 8)[0]?.url;

for (const [query, url] of /** @type {[string, string][]} */ ([
  ["PennantDatabaseDown", "db/"],
  ["pennantdatabasedown", "db/"],
  ["database down", "db/"],
  ["databasedown", "db/"],
  ["PennantDbDown", "api/"], // no such alert: its parts still lead somewhere
  ["CrashLoop", "pods/"],
  ["crash loop", "pods/"],
  ["backoff", "pods/"],
  ["BackupsFailing", "backup/"],
  ["no space left on device", "db/"],
  ["constructor", "backup/"],
  ["hundred", "api/"],
  ["503", "db/"],
])) {
  test(`${query} leads to ${url}`, () => assert.equal(best(query), url));
}

const ALERTMANAGER = JSON.stringify({
  receiver: "page", status: "firing", groupKey: "{}:{alertname=\"PennantDatabaseDown\"}", truncatedAlerts: 0,
  alerts: [{
    status: "firing", startsAt: "2026-11-25T22:41:03.123Z", fingerprint: "8c1f0c2e9d3b7a55",
    labels: { alertname: "PennantDatabaseDown", instance: "10.0.3.7:8080", job: "pennant", severity: "page" },
    annotations: { runbook_url: "https://runbooks.example.com/alerts/PennantDatabaseDown/" },
  }],
});
for (const [name, pasted, url] of /** @type {[string, string, string][]} */ ([
  ["what Alertmanager posts", ALERTMANAGER, "db/"],
  ["a title in chat", "[FIRING:1] PennantDatabaseDown (10.0.3.7:8080 pennant page)", "db/"],
  ["labels", "alertname=\"PennantLatencyHigh\",instance=\"10.0.3.7:8080\",severity=\"ticket\"", "api/"],
  ["a log line in colours", "\u001b[31m2026-11-25 22:41:03,120 ERROR\u001b[0m pid 4711 OSError: [Errno 98] Address already in use", "api/"],
  ["a line of kubectl", "shop-7d9f8b6c5d-x2x9z   0/1   CrashLoopBackOff   17 (2m41s ago)   66m", "pods/"],
  ["a message of psql", "psycopg.errors.UndefinedTable: relation \"flags\" does not exist\nLINE 1: SELECT count(*) FROM flags", "db/"],
])) {
  test(`${name} leads to ${url}`, () => assert.equal(best(pasted), url));
}

test("noise is no term", () => {
  const words = termsOf("\u001b[1mNov 25 22:41:03 3f2504e0-4f89-11d3-9a0c-0305e82c3301 a1b2c3d4e5 10.0.0.1:80 job=\"x\" the lock");
  assert.deepEqual(words.map((term) => term.text), ["lock"]);
});

test("words without meaning are better than none", () => assert.deepEqual(termsOf("what is this").map((t) => t.text), ["what", "is", "this"]));

test("what fits nothing gives nothing", () => {
  for (const query of ["", "   ", "zzzz", "{}", "\u2028", "__proto__", "toString"]) assert.deepEqual(search(index, query, 8), [], query);
});

test("it says why, and where the words stand in it", () => {
  const [hit] = search(index, "space left", 8);
  assert.deepEqual([hit?.kind, hit?.clue], ["e", "No space left"]);
  assert.deepEqual(marked(hit?.clue ?? "", hit?.terms ?? []), ["No ", "space", " ", "left"]);
  assert.deepEqual(marked("Down", ["down"]), ["", "Down"]);
  assert.deepEqual(marked("none", []), ["none"]);
});

test("letters whose lower case is longer keep their places", () => {
  const turkish = prepare(/** @type {any} */ ([["İİİ", "a/", "", "", [["s", "İİİ Down"], ["s", "next one"]]]]));
  const [hit] = search(turkish, "next", 8);
  assert.equal(hit?.clue, "next one");
});

test("hostile queries end", () => {
  for (const query of ["a".repeat(100000), "1-".repeat(50000), "a.b-".repeat(20000), "\u001b[".repeat(50000), "%".repeat(1e5)]) search(index, query, 8);
});

test("the address can ask", () => {
  const at = (/** @type {string} */ search, hash = "", pathname = "/") => ({ search, hash, pathname });
  assert.equal(asked(at("?q=disk+full"), false), "disk full");
  assert.equal(asked(at("", "#q=disk%20full"), false), "disk full");
  assert.equal(asked(at("", "#steps"), false), "");
  assert.equal(asked(at("", "", "/book/alerts/Disk%20Full/"), true), "Disk Full");
  assert.equal(asked(at("", "", "/alerts/%E0%A4%A/"), true), "%E0%A4%A");
  assert.equal(asked(at("", "", "/alerts/DiskFull/"), false), "");
});
