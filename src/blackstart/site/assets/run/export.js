// The run as a record for the postmortem. Secrets were never in it.

/**
 * @param {Run} run
 * @param {Step[]} steps
 * @param {number} rto in seconds, 0 where there is none
 * @param {Date} now
 */
function asJson(run, steps, rto, now) {
  const record = {
    version: 1,
    runbook: run.runbook,
    title: run.title,
    commit: run.commit,
    exported_at: now.toISOString(),
    started_at: run.startedAt,
    down_since: run.downSince,
    elapsed_seconds: seconds(total(run, steps, now)),
    rto_seconds: rto || null,
    steps: steps.map((step) => ({
      id: step.id,
      title: step.title,
      begun_at: run.begun[step.id] ?? null,
      ticked_at: run.ticked[step.id] ?? null,
      elapsed_seconds: seconds(spent(run, step.id, now)),
      note: run.notes[step.id] ?? "",
    })),
    variables: Object.fromEntries(shown(run)),
    moments: run.moments,
    timeline: run.log,
  };
  return `${JSON.stringify(record, null, 2)}\n`;
}

/**
 * @param {Run} run
 * @param {Step[]} steps
 * @param {number} rto in seconds, 0 where there is none
 * @param {Date} now
 */
function asMarkdown(run, steps, rto, now) {
  const all = total(run, steps, now);
  const goal = rto ? ` (objective: ${lengthWords(rto * SECOND)})` : "";
  const lines = [
    `# ${run.title}`,
    "",
    `- Runbook: \`${run.runbook}\` at commit \`${run.commit.slice(0, 10) || "none"}\``,
    `- Down since: ${stamp(run.downSince)}`,
    `- Started: ${stamp(run.startedAt)}`,
    `- Took: ${all === null ? "not started" : stopwatch(all)}${goal}`,
    `- Exported: ${stamp(now.toISOString())}`,
    "",
    "## Steps",
    "",
    ...steps.map((step) => stepLine(run, step, now)),
  ];
  const values = shown(run);
  if (values.length) lines.push("", "## Variables", "", ...values.map(([name, value]) => `- \`${name}\`: ${inline(value)}`));
  lines.push("", "## Timeline", "", "| Time | What | Step | Text |", "|---|---|---|---|");
  const titles = new Map(steps.map((step) => [step.id, step.label]));
  for (const entry of run.log) {
    const step = entry.step ? (titles.get(entry.step) ?? entry.step) : "";
    lines.push(`| ${seconds19(entry.at)} | ${entry.what} | ${inline(step)} | ${inline(entry.text ?? "")} |`);
  }
  return `${lines.join("\n")}\n`;
}

/**
 * @param {Run} run
 * @param {Step} step
 * @param {Date} now
 */
function stepLine(run, step, now) {
  const took = spent(run, step.id, now);
  const note = run.notes[step.id];
  const done = run.ticked[step.id];
  const when = done ? `, done ${stamp(done)}` : "";
  const long = took === null ? "" : `, took ${stopwatch(took)}`;
  return `- [${done ? "x" : " "}] ${step.label}: ${inline(step.title)}${when}${long}${note ? `\n    - ${inline(note)}` : ""}`;
}

/** @param {Run} run */
function shown(run) {
  return Object.entries(run.values).filter(([name, value]) => value && !isSecret(name));
}

/** @param {string | null} at */
function stamp(at) {
  return at ? utc(new Date(at)) : "not said";
}

/** @param {string} at */
function seconds19(at) {
  return `${at.slice(0, 19).replace("T", " ")} UTC`;
}

/** @param {number | null} ms */
function seconds(ms) {
  return ms === null ? null : Math.round(ms / SECOND);
}

/**
 * Text in one line that a table's cell can hold.
 * @param {string} text
 */
function inline(text) {
  return text.replace(/\s+/g, " ").trim().replaceAll("|", "\\|");
}
