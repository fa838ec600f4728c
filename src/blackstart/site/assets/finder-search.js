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
  const telling = unique.filter((word) => !SILENT.has(fold(word)) && (word.length > 1 || word > "\u007f"));
  return (telling.length ? telling : unique.filter((word) => word.length > 1)).slice(0, MOST_TERMS).map((text) => ({ text, weight: weightOf(text) }));
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
  const letter = String.fromCharCode(code);
  return /\p{Lu}/u.test(letter) ? 1 : /[\p{L}\p{N}]/u.test(letter) ? 2 : 0;
}
const SORTS = Uint8Array.from({ length: 65536 }, (_, code) => (code < 128 ? sort(code) : 3)); // 3: not looked at yet

/** @param {string} text @param {number} at */
function sortAt(text, at) {
  const code = text.charCodeAt(at);
  if (SORTS[code] === 3) SORTS[code] = sort(code);
  return number(SORTS, code);
}

/** Whether a word begins at a place: behind no letter, or at a capital within one. @param {string} text @param {number} at */
function begins(text, at) {
  const before = at > 0 ? sortAt(text, at - 1) : 0;
  return before === 0 || (before === 2 && at < text.length && sortAt(text, at) === 1);
}

/**
 * Which clues hold a word, in their order, and how well.
 * @typedef {{clues: number[], qualities: number[]}} Found
 * @param {Index} index @param {string} word @returns {Found}
 */
function find(index, word) {
  const wanted = fold(word);
  const clues = /** @type {number[]} */ ([]), qualities = /** @type {number[]} */ ([]);
  let clue = 0;
  for (let at = index.folded.indexOf(wanted); at >= 0; at = index.folded.indexOf(wanted, at + 1)) {
    while (clue + 1 < index.starts.length && number(index.starts, clue + 1) <= at) clue += 1;
    const first = begins(index.raw, at);
    if (!first && wanted.length < 3) continue;
    const quality = (first ? 0.8 : 0.5) + (first && begins(index.raw, at + wanted.length) ? 0.2 : 0);
    const last = clues.length - 1;
    if (clues[last] === clue) qualities[last] = Math.max(quality, number(qualities, last));
    else {
      clues.push(clue);
      qualities.push(quality);
    }
  }
  return { clues, qualities };
}

/** What is surely there. @param {ArrayLike<number>} list @param {number} at */
function number(list, at) {
  return /** @type {number} */ (list[at]);
}

/**
 * The words that are found, with where; a word that is nowhere is tried in parts.
 * @param {Index} index @param {Term[]} terms
 */
function findAll(index, terms) {
  const all = /** @type {{text: string, weight: number, found: Found}[]} */ ([]);
  for (const { text, weight } of terms) {
    const found = find(index, text);
    if (found.clues.length) {
      all.push({ text, weight, found });
      continue;
    }
    for (const part of partsOf(text)) {
      const inside = find(index, part);
      if (inside.clues.length) all.push({ text: part, weight: weight * 0.6, found: inside });
      else for (const stem of stemsOf(part)) all.push({ text: stem, weight: weight * 0.6, found: find(index, stem) });
    }
  }
  return all.filter((term) => term.found.clues.length);
}

/** The best a term is held by each row, summed up over the terms; and by each clue, how much and how many letters. */
class Sums {
  /** @param {Index} index */
  constructor(index) {
    this.index = index;
    this.clues = new Float64Array(index.texts.length);
    this.letters = new Float64Array(index.texts.length);
    this.rows = new Float64Array(index.rows.length);
    this.touched = /** @type {number[]} */ ([]);
  }

  /** Clues come in the order of their rows. @param {{text: string, weight: number, found: Found}} term */
  add({ text, weight, found }) {
    const { owners, kinds } = this.index;
    const rows = /** @type {number[]} */ ([]), best = /** @type {number[]} */ ([]);
    found.clues.forEach((clue, at) => {
      const row = number(owners, clue), last = rows.length - 1;
      const quality = number(found.qualities, at) * WEIGHTS[/** @type {Kind} */ (kinds[clue])];
      if (rows[last] === row) best[last] = Math.max(quality, number(best, last));
      else {
        rows.push(row);
        best.push(quality);
      }
    });
    const worth = weight * Math.log(1 + (2 * this.index.rows.length) / rows.length);
    rows.forEach((row, at) => { this.rows[row] = number(this.rows, row) + worth * number(best, at); });
    found.clues.forEach((clue, at) => {
      if (!this.clues[clue]) this.touched.push(clue);
      this.clues[clue] = number(this.clues, clue) + worth * number(found.qualities, at);
      this.letters[clue] = number(this.letters, clue) + text.length;
    });
  }
}

/** The runbooks that fit, best first. @param {Index} index @param {string} query @param {number} most @returns {Hit[]} */
function search(index, query, most) {
  const terms = findAll(index, termsOf(query));
  const sums = new Sums(index);
  for (const term of terms) sums.add(term);
  return ranked(index, query, sums).slice(0, most).map(({ row, clue }) => {
    const [title, url, about, warning] = /** @type {Row} */ (index.rows[row]);
    const kind = /** @type {Kind} */ (index.kinds[clue]);
    return { title, url, about, warning, kind, clue: /** @type {string} */ (index.texts[clue]), terms: terms.map((term) => term.text) };
  });
}

/** Each row with its best clue, in order. @param {Index} index @param {string} query @param {Sums} sums */
function ranked(index, query, sums) {
  const said = new Set((query.slice(0, LONGEST_QUERY).match(/[^\s"'`{}()[\],;=\\]+/g) || []).map(fold));
  const whole = squash(query.slice(0, 300));
  const scores = new Float64Array(index.rows.length);
  const clues = new Int32Array(index.rows.length);
  for (const clue of sums.touched) {
    const row = number(index.owners, clue);
    const text = /** @type {string} */ (index.texts[clue]);
    const kind = /** @type {Kind} */ (index.kinds[clue]);
    const plain = (index.squashed[clue] ??= squash(text));
    const share = Math.min(1, number(sums.letters, clue) / (plain.length || 1));
    let score = number(sums.clues, clue) * WEIGHTS[kind] * (0.5 + 0.5 * share);
    if (kind === "a" && said.has(fold(text))) score += 100;
    else if (plain === whole) score += 50;
    if (score <= number(scores, row)) continue;
    scores[row] = score;
    clues[row] = clue;
  }
  const hits = [...scores.keys()].filter((row) => scores[row]).map((row) => ({
    row, clue: number(clues, row), score: number(scores, row) + 0.5 * number(sums.rows, row),
  }));
  hits.sort((one, other) => other.score - one.score || one.row - other.row);
  const least = (hits[0]?.score || 0) * 0.25;
  return hits.filter((hit) => hit.score >= least || hit.score > 50);
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
