// @ts-check
/* How the finder finds: pure functions over the index. Loaded, like the index, when someone first asks. */
"use strict";
(() => { // scripts share one scope, so all of this has its own

/** @typedef {"a" | "e" | "s" | "t" | "c"} Kind  alert, error, symptom, title, component */
/** @typedef {[Kind, string]} Clue */
/** @typedef {[title: string, url: string, about: string, warning: string, clues: Clue[]]} Row */
/** @typedef {{text: string, weight: number}} Term */
/** @typedef {{title: string, url: string, about: string, warning: string, kind: Kind, clue: string, terms: string[]}} Hit */
/**
 * All clues in one text, so that a scan of it finds a word anywhere, also inside of another.
 * @typedef {{rows: Row[], kinds: Kind[], texts: string[], owners: number[], starts: number[], squashed: string[], raw: string, folded: string}} Index
 */

/** @type {Record<Kind, number>} */
const WEIGHTS = { a: 1.3, e: 1.2, s: 1, t: 1.1, c: 0.7 };
const MOST_TERMS = 32;
const LONGEST_QUERY = 20000;

/** What a terminal, a log or Alertmanager puts around what matters. Replaced by a blank, in this order. */
const NOISE = [
  /\u001b\[[0-9;?]*[ -/]*[@-~]/g, // colours
  /\\[nrt]/g, // line breaks in JSON
  /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi,
  /\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?/g,
  /\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* {1,2}\d{1,2}\b/g,
  /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g,
  /\b\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?\b/g,
  /\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,}\b/gi, // commits, fingerprints, container ids
  /-[0-9a-f]{8,10}-[a-z0-9]{5}\b/g, // what Kubernetes adds to a pod's name
];
const SILENT = new Set(
  (
    "a an and are as at be been by did do does for from had has have i if in into is it its of on or our so than that the " +
    "their then there this to was we were what when which while who will with you your " +
    "alertname alerts annotations app container endpoint endsat env externalurl fingerprint firing generatorurl " +
    "grouplabels groupkey instance job labels level msg namespace null pod receiver resolved runbook_url severity " +
    "startsat status summary time timestamp truncatedalerts true false http https"
  ).split(" "),
);

/** Lower case of the same length, so that places stay what they are. @param {string} text */
function fold(text) {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Letters and digits alone. @param {string} text */
function squash(text) {
  return fold(text).replace(/[^\p{L}\p{N}]+/gu, "");
}

/** @param {Row[]} rows @returns {Index} */
function prepare(rows) {
  /** @type {Index} */
  const index = { rows, kinds: [], texts: [], owners: [], starts: [], squashed: [], raw: "", folded: "" };
  let at = 1;
  rows.forEach((row, owner) => {
    for (const [kind, text] of row[4]) {
      index.kinds.push(kind);
      index.texts.push(text);
      index.owners.push(owner);
      index.starts.push(at);
      at += text.length + 1;
    }
  });
  index.raw = `\n${index.texts.join("\n")}\n`;
  index.folded = fold(index.raw);
  return index;
}

/** The words of a query without noise, each once. @param {string} query @returns {Term[]} */
function termsOf(query) {
  let text = query.slice(0, LONGEST_QUERY);
  for (const noise of NOISE) text = text.replace(noise, " ");
  const words = text.match(/[\p{L}\p{N}_]+(?:[.-][\p{L}\p{N}_]+)*/gu) || [];
  const unique = [...new Map(words.map((word) => [fold(word), word])).values()];
  const telling = unique.filter((word) => !SILENT.has(fold(word)) && (word.length > 1 || words.length === 1));
  return (telling.length ? telling : unique).slice(0, MOST_TERMS).map((text) => ({ text, weight: weightOf(text) }));
}

/** Numbers tell little, but for states such as 503. @param {string} word */
function weightOf(word) {
  return /^\d+$/.test(word) && !/^[1-5]\d\d$/.test(word) ? 0.3 : 1;
}

/** The same word cut at its joints, without its ending. @param {string} word @returns {string[]} */
function partsOf(word) {
  const parts = word.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{N}+|\p{L}+/gu) || [];
  return parts.length > 1 ? parts.filter((part) => part.length > 1 && !SILENT.has(fold(part))) : stemsOf(word);
}

/** @param {string} word @returns {string[]} */
function stemsOf(word) {
  const stem = word.replace(/(?<=\p{L}{4})(?:ing|ed|es)$|(?<=\p{L}{3})s$/iu, "");
  return stem === word ? [] : [stem];
}

/** 0: no letter, 1: a capital, 2: a small letter or digit. @param {number} code */
function sort(code) {
  if (code < 128) return SORTS[code] || 0;
  const letter = String.fromCharCode(code);
  if (/\p{Lu}/u.test(letter)) return 1;
  return /[\p{L}\p{N}]/u.test(letter) ? 2 : 0;
}
const SORTS = Array.from({ length: 128 }, (_, code) => (/[A-Z]/.test(String.fromCharCode(code)) ? 1 : /[a-z0-9]/.test(String.fromCharCode(code)) ? 2 : 0));

/** Whether a word begins at a place: behind no letter, or at a capital within one. @param {string} text @param {number} at */
function begins(text, at) {
  const before = at > 0 ? sort(text.charCodeAt(at - 1)) : 0;
  return before === 0 || (before === 2 && at < text.length && sort(text.charCodeAt(at)) === 1);
}

/** How well each clue holds a word. @param {Index} index @param {string} word @returns {Map<number, number>} */
function find(index, word) {
  const wanted = fold(word);
  /** @type {Map<number, number>} */
  const found = new Map();
  let clue = 0;
  for (let at = index.folded.indexOf(wanted); at >= 0; at = index.folded.indexOf(wanted, at + 1)) {
    while (clue + 1 < index.starts.length && /** @type {number} */ (index.starts[clue + 1]) <= at) clue += 1;
    const first = begins(index.raw, at);
    if (!first && wanted.length < 3) continue;
    const quality = (first ? 0.8 : 0.5) + (first && begins(index.raw, at + wanted.length) ? 0.2 : 0);
    found.set(clue, Math.max(quality, found.get(clue) || 0));
  }
  return found;
}

/**
 * The words that are found, with where; a word that is nowhere is tried in parts.
 * @param {Index} index @param {Term[]} terms
 */
function findAll(index, terms) {
  /** @type {{text: string, weight: number, found: Map<number, number>}[]} */
  const all = [];
  for (const { text, weight } of terms) {
    const found = find(index, text);
    if (found.size) {
      all.push({ text, weight, found });
      continue;
    }
    for (const part of partsOf(text)) {
      const inside = find(index, part).size ? [part] : stemsOf(part);
      for (const piece of inside) all.push({ text: piece, weight: weight * 0.6, found: find(index, piece) });
    }
  }
  return all.filter((term) => term.found.size);
}

/** The runbooks that fit, best first. @param {Index} index @param {string} query @param {number} most @returns {Hit[]} */
function search(index, query, most) {
  const terms = findAll(index, termsOf(query));
  /** @type {Map<number, number>} */
  const sums = new Map(); // by clue
  /** @type {Map<number, number>} */
  const lengths = new Map(); // by clue: how many of its letters were found
  /** @type {Map<number, number>} */
  const pages = new Map(); // by row: the sum of the best of each term
  for (const term of terms) {
    /** @type {Map<number, number>} */
    const best = new Map();
    for (const [clue, quality] of term.found) {
      const row = /** @type {number} */ (index.owners[clue]);
      best.set(row, Math.max(best.get(row) || 0, quality * WEIGHTS[/** @type {Kind} */ (index.kinds[clue])]));
    }
    const worth = term.weight * Math.log(1 + (2 * index.rows.length) / best.size);
    for (const [clue, quality] of term.found) {
      sums.set(clue, (sums.get(clue) || 0) + worth * quality);
      lengths.set(clue, (lengths.get(clue) || 0) + term.text.length);
    }
    for (const [row, quality] of best) pages.set(row, (pages.get(row) || 0) + worth * quality);
  }
  return ranked(index, query, terms, sums, lengths, pages).slice(0, most);
}

/**
 * @param {Index} index @param {string} query @param {{text: string}[]} terms
 * @param {Map<number, number>} sums @param {Map<number, number>} lengths @param {Map<number, number>} pages
 * @returns {Hit[]}
 */
function ranked(index, query, terms, sums, lengths, pages) {
  const said = new Set((query.slice(0, LONGEST_QUERY).match(/[^\s"'`{}()[\],;=\\]+/g) || []).map(fold));
  const whole = squash(query.slice(0, 300));
  /** @type {Map<number, {score: number, clue: number}>} */
  const best = new Map();
  for (const [clue, sum] of sums) {
    const row = /** @type {number} */ (index.owners[clue]);
    const text = /** @type {string} */ (index.texts[clue]);
    const kind = /** @type {Kind} */ (index.kinds[clue]);
    const plain = (index.squashed[clue] ??= squash(text));
    const share = Math.min(1, (lengths.get(clue) || 0) / (plain.length || 1));
    let score = sum * WEIGHTS[kind] * (0.5 + 0.5 * share);
    if (kind === "a" && said.has(fold(text))) score += 100;
    else if (plain === whole) score += 50;
    if (score > (best.get(row)?.score || 0)) best.set(row, { score, clue });
  }
  const hits = [...best].map(([row, { score, clue }]) => ({ row, clue, score: score + 0.5 * (pages.get(row) || 0) }));
  hits.sort((one, other) => other.score - one.score || one.row - other.row);
  const least = (hits[0]?.score || 0) * 0.25;
  return hits.filter((hit) => hit.score >= least || hit.score > 50).map((hit) => {
    const [title, url, about, warning] = /** @type {Row} */ (index.rows[hit.row]);
    const kind = /** @type {Kind} */ (index.kinds[hit.clue]);
    return { title, url, about, warning, kind, clue: /** @type {string} */ (index.texts[hit.clue]), terms: terms.map((term) => term.text) };
  });
}

/** A text cut where the terms stand in it; every second piece is one. @param {string} text @param {string[]} terms */
function marked(text, terms) {
  const folded = fold(text);
  const is = new Array(text.length).fill(false);
  for (const term of terms.map(fold)) {
    for (let at = folded.indexOf(term); at >= 0; at = folded.indexOf(term, at + 1)) {
      if (term.length > 2 || begins(text, at)) is.fill(true, at, at + term.length);
    }
  }
  const cuts = [0, ...[...is.keys()].filter((at) => is[at] !== (is[at - 1] ?? false)), text.length];
  return cuts.slice(1).map((cut, number) => text.slice(cuts[number], cut));
}

const api = { prepare, search, termsOf, marked };
if (typeof module !== "undefined") module.exports = api;
else Object.assign(globalThis, { blackstartFinder: api });
})();
