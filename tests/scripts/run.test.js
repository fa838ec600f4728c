// The parts of the runbook page's script that need no page, run as they are shipped.

const assert = require("node:assert/strict");
const { execFileSync } = require("node:child_process");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { test } = require("node:test");

const folder = join(__dirname, "../../src/blackstart/site/assets/run");
const source = ["time", "shell", "run", "export"].map((name) => readFileSync(join(folder, `${name}.js`), "utf8"));
const names = `quoted, exportLine, filled, isSecret, stopwatch, lengthWords, relativeWords, dayWords, utc, deadline, minutesToNext,
  newRun, restored, started, chosen, ticked, unticked, noted, valued, posted, spent, total, asJson, asMarkdown`;
const blackstart = new Function(`"use strict";\n${source.join("\n")}\nreturn { ${names} };`)();
const { deadline, filled, newRun, posted, quoted, restored, spent, started, ticked, total, valued } = blackstart;

const PAGE = { runbook: "runbooks/restore/a.md", title: "A", commit: "1c0ffee123" };
const STEPS = ["steps-1", "steps-2", "roll-back-1", "verify-1"].map((id, index) => ({
  id,
  title: `Do | ${id}`,
  label: `Step ${index + 1}`,
  optional: id.startsWith("roll"),
}));
const at = (/** @type {number} */ minute) => new Date(Date.UTC(2026, 10, 25, 3, minute)).toISOString();

test("whatever a value holds, the shell sees it and nothing else", () => {
  const values = ["a", "it's", "$(touch /tmp/x)", "`id`", "a\nb", "'; rm -rf /; '", "\\", '"', "", " ", "!x", "é", "-n"];
  for (const value of values) {
    const script = `${blackstart.exportLine("VALUE", value)}; printf %s "$VALUE"`;
    assert.equal(execFileSync("bash", ["-c", script], { encoding: "utf8" }), value);
  }
  assert.equal(quoted("a'b"), "'a'\\''b'");
});

test("texts are filled with values, also those that name others, and say what is missing", () => {
  const values = { FROM: "06:48", WHAT: "orders from $FROM", LOOP: "$LOOP", EMPTY: "" };
  assert.deepEqual(filled("Lost: ${WHAT}, $NOBODY $EMPTY $LOOP.", values), {
    text: "Lost: orders from 06:48, $NOBODY $EMPTY $LOOP.",
    missing: ["NOBODY", "EMPTY", "LOOP"],
  });
  assert.equal(filled("$constructor $__proto__ $TOSTRING", values).text, "$constructor $__proto__ $TOSTRING");
});

test("secrets are never kept", () => {
  const run = newRun(PAGE);
  for (const name of ["PGPASSWORD", "API_TOKEN", "CLIENT_SECRET", "SSH_KEY"]) {
    assert.equal(valued(run, name, "x", at(0)), run);
  }
  const kept = valued(run, "FLAG", "dark-mode", at(0));
  const smuggled = { ...kept, values: { ...kept.values, DB_PASSWORD: "hunter2" } };
  assert.doesNotMatch(blackstart.asJson(smuggled, STEPS, 0, new Date(at(1))), /hunter2/);
  assert.doesNotMatch(blackstart.asMarkdown(smuggled, STEPS, 0, new Date(at(1))), /hunter2/);
});

test("a run goes from step to step, passes over what is optional, and ends", () => {
  let run = started(newRun(PAGE), STEPS, at(0));
  assert.equal(run.current, "steps-1");
  run = ticked(run, STEPS, "steps-1", at(2));
  run = ticked(run, STEPS, "steps-2", at(5));
  assert.equal(run.current, "verify-1");
  assert.equal(spent(run, "steps-2", new Date(at(9))), 3 * 60_000);
  assert.equal(spent(run, "verify-1", new Date(at(9))), 4 * 60_000);
  assert.equal(spent(run, "roll-back-1", new Date(at(9))), null);
  assert.equal(total(run, STEPS, new Date(at(9))), 9 * 60_000);
  run = ticked(run, STEPS, "verify-1", at(10));
  assert.equal(run.current, null);
  assert.equal(total(run, STEPS, new Date(at(59))), 10 * 60_000);
  assert.equal(total({ ...run, downSince: new Date(Date.parse(at(0)) - 60_000).toISOString() }, STEPS, new Date()), 660_000);
});

test("a tick begins the run, and taking it back returns to the step", () => {
  let run = ticked(newRun(PAGE), STEPS, "steps-2", at(1));
  assert.equal(run.startedAt, at(1));
  assert.equal(run.current, "verify-1");
  run = blackstart.unticked(run, "steps-2", at(2));
  assert.equal(run.current, "steps-2");
  assert.deepEqual(run.log.map((entry) => entry.what), ["started", "ticked", "unticked"]);
});

test("what is restored has the form of a run, whatever was stored", () => {
  const run = ticked(newRun(PAGE), STEPS, "steps-1", at(1));
  assert.deepEqual(restored(JSON.parse(JSON.stringify(run)), PAGE), run);
  for (const broken of [null, 7, "x", [], { version: 2 }]) assert.deepEqual(restored(broken, PAGE), newRun(PAGE));
  const odd = restored({ version: 1, log: "x", ticked: [], startedAt: "soon", values: null, begun: { a: "x" }, post: {} }, PAGE);
  assert.deepEqual(odd, newRun(PAGE));
});

test("the clock to the next post", () => {
  const run = posted(newRun(PAGE), "identified", 20, new Date(at(10)));
  assert.deepEqual(run.post, { state: "identified", at: at(10), due: at(30) });
  assert.equal(posted(run, "resolved", 0, new Date(at(20))).post.due, null);
  assert.equal(blackstart.minutesToNext(20, at(0), new Date(at(59))), 20);
  assert.equal(blackstart.minutesToNext(20, at(0), new Date(Date.parse(at(0)) + 3 * 3_600_000)), 60);
  assert.equal(blackstart.minutesToNext(0, at(0), new Date(Date.parse(at(0)) + 3 * 3_600_000)), 0);
});

test("legal clocks count hours, days and calendar months", () => {
  const ends = (/** @type {string} */ from, /** @type {string} */ within) => deadline(new Date(from), within).toISOString();
  assert.equal(ends("2026-11-25T03:12:00Z", "72h"), "2026-11-28T03:12:00.000Z");
  assert.equal(ends("2026-11-25T03:12:00Z", "60d"), "2027-01-24T03:12:00.000Z");
  assert.equal(ends("2026-12-25T03:12:00Z", "1mo"), "2027-01-25T03:12:00.000Z");
  assert.equal(ends("2027-01-31T03:12:00Z", "1mo"), "2027-02-28T03:12:00.000Z");
});

test("times in words", () => {
  assert.equal(blackstart.stopwatch(3_725_000), "1:02:05");
  assert.equal(blackstart.stopwatch(65_000), "1:05");
  assert.equal(blackstart.lengthWords(80 * 60_000), "1 h 20 min");
  assert.equal(blackstart.lengthWords(72 * 3_600_000), "3 days");
  assert.equal(blackstart.relativeWords(new Date(at(10)), new Date(at(5))), "in 5 min");
  assert.equal(blackstart.dayWords(new Date("2026-11-24"), new Date(at(5))), "yesterday");
  const words = ["2026-11-20", "2026-11-26", "2026-12-05"].map((day) => blackstart.dayWords(new Date(day), new Date(at(5))));
  assert.deepEqual(words, ["5 days ago", "tomorrow", "in 10 days"]);
  assert.equal(blackstart.utc(new Date(at(7))), "2026-11-25 03:07 UTC");
});

test("the record has every tick, note and value, and tables that hold", () => {
  let run = ticked(newRun(PAGE), STEPS, "steps-1", at(2));
  run = blackstart.noted(run, "steps-1", "was | fine\nreally", at(3));
  run = valued(run, "FLAG", "a|b", at(4));
  const markdown = blackstart.asMarkdown(run, STEPS, 7200, new Date(at(9)));
  assert.match(markdown, /- \[x\] Step 1: Do \\\| steps-1, done 2026-11-25 03:02 UTC/);
  assert.match(markdown, /was \\\| fine really/);
  assert.match(markdown, /- `FLAG`: a\\\|b/);
  assert.match(markdown, /objective: 2 h/);
  for (const row of markdown.split("\n").filter((line) => line.startsWith("|"))) {
    assert.equal(row.replaceAll("\\|", "").split("|").length, 6, row);
  }
  const record = JSON.parse(blackstart.asJson(run, STEPS, 7200, new Date(at(9))));
  assert.equal(record.steps[0].note, "was | fine\nreally");
  assert.equal(record.rto_seconds, 7200);
  assert.deepEqual(record.timeline.map((/** @type {{ what: string }} */ entry) => entry.what), ["started", "ticked", "noted", "set"]);
});
