// One run of one runbook: what was ticked, noted and filled in, and when. Plain data; every change gives a new one.

/**
 * @typedef {{ at: string, what: string, step?: string, text?: string }} Entry
 * @typedef {{ state: string, at: string, due: string | null }} Post
 * @typedef {object} Run
 * @property {1} version
 * @property {string} runbook
 * @property {string} title
 * @property {string} commit that the page was built from when the run began
 * @property {string | null} startedAt
 * @property {string | null} downSince when the outage began; the objective counts from there
 * @property {string | null} current the step that the reader is at
 * @property {Record<string, string>} begun when each step was begun
 * @property {Record<string, string>} ticked when each step was done
 * @property {Record<string, string>} confirmed when a destructive step was confirmed
 * @property {Record<string, string>} notes
 * @property {Record<string, string>} values of variables, never of secret ones
 * @property {Record<string, string>} moments from which legal clocks run
 * @property {Post | null} post the last one
 * @property {Entry[]} log
 */

/** @typedef {{ id: string, title: string, label: string, optional: boolean }} Step */

/**
 * @param {{ runbook: string, title: string, commit: string }} page
 * @returns {Run}
 */
function newRun(page) {
  return {
    version: 1,
    ...page,
    startedAt: null,
    downSince: null,
    current: null,
    begun: {},
    ticked: {},
    confirmed: {},
    notes: {},
    values: {},
    moments: {},
    post: null,
    log: [],
  };
}

/**
 * What was stored, if it is a run at all; nobody knows who else writes there.
 * @param {unknown} data
 * @param {{ runbook: string, title: string, commit: string }} page
 * @returns {Run}
 */
function restored(data, page) {
  const fresh = newRun(page);
  if (typeof data !== "object" || data === null || !("version" in data) || data.version !== 1) return fresh;
  /** @type {Partial<Record<keyof Run, unknown>>} */
  const kept = { ...data };
  const post = /** @type {Partial<Post> | null} */ (kept.post);
  const log = Array.isArray(kept.log) ? kept.log : [];
  return {
    ...fresh,
    commit: typeof kept.commit === "string" ? kept.commit : fresh.commit,
    startedAt: isTime(kept.startedAt) ? kept.startedAt : null,
    downSince: isTime(kept.downSince) ? kept.downSince : null,
    current: typeof kept.current === "string" ? kept.current : null,
    begun: texts(kept.begun, isTime),
    ticked: texts(kept.ticked, isTime),
    confirmed: texts(kept.confirmed, isTime),
    notes: texts(kept.notes),
    values: texts(kept.values),
    moments: texts(kept.moments, isTime),
    post: isTime(post?.at) && (isTime(post?.due) || post?.due === null) ? /** @type {Post} */ (post) : null,
    log: log.filter((entry) => isTime(entry?.at) && typeof entry.what === "string"),
  };
}

/**
 * The entries of a mapping that are texts, and of the right sort.
 * @param {unknown} mapping
 * @param {(text: string) => boolean} [fits]
 * @returns {Record<string, string>}
 */
function texts(mapping, fits = () => true) {
  if (typeof mapping !== "object" || mapping === null || Array.isArray(mapping)) return {};
  return Object.fromEntries(Object.entries(mapping).filter(([, text]) => typeof text === "string" && fits(text)));
}

/**
 * @param {Run} run
 * @param {string} at
 * @param {string} what
 * @param {string} [step]
 * @param {string} [text]
 * @returns {Entry[]}
 */
function logged(run, at, what, step, text) {
  return [...run.log, { at, what, ...(step ? { step } : {}), ...(text ? { text } : {}) }];
}

/**
 * Begin, at the first step; a run that has begun stays as it is.
 * @param {Run} run
 * @param {Step[]} steps
 * @param {string} at
 * @returns {Run}
 */
function started(run, steps, at) {
  if (run.startedAt) return run;
  const begun = { ...run, startedAt: at, log: logged(run, at, "started") };
  const first = steps.find((step) => !step.optional) ?? steps[0];
  return first ? chosen(begun, first.id, at) : begun;
}

/**
 * Make a step the current one.
 * @param {Run} run
 * @param {string} step
 * @param {string} at
 * @returns {Run}
 */
function chosen(run, step, at) {
  if (run.current === step) return run;
  return { ...run, current: step, begun: { [step]: at, ...run.begun } };
}

/**
 * Tick a step; the next one that is open becomes the current one.
 * @param {Run} run
 * @param {Step[]} steps
 * @param {string} step
 * @param {string} at
 * @returns {Run}
 */
function ticked(run, steps, step, at) {
  const begun = started(run, steps, at);
  const done = {
    ...begun,
    begun: { [step]: at, ...begun.begun },
    ticked: { ...begun.ticked, [step]: at },
    log: logged(begun, at, "ticked", step),
  };
  const place = steps.findIndex((other) => other.id === step);
  const next = steps.slice(place + 1).find((other) => !other.optional && !done.ticked[other.id]);
  return next ? chosen(done, next.id, at) : { ...done, current: null };
}

/**
 * @param {Run} run
 * @param {string} step
 * @param {string} at
 * @returns {Run}
 */
function unticked(run, step, at) {
  const { [step]: _, ...rest } = run.ticked;
  return { ...run, ticked: rest, current: step, log: logged(run, at, "unticked", step) };
}

/**
 * @param {Run} run
 * @param {string} step
 * @param {string} text
 * @param {string} at
 * @returns {Run}
 */
function noted(run, step, text, at) {
  if ((run.notes[step] ?? "") === text) return run;
  return { ...run, notes: { ...run.notes, [step]: text }, log: logged(run, at, "noted", step, text) };
}

/**
 * @param {Run} run
 * @param {string} name
 * @param {string} value
 * @param {string} at
 * @returns {Run}
 */
function valued(run, name, value, at) {
  if (isSecret(name) || (run.values[name] ?? "") === value) return run;
  return { ...run, values: { ...run.values, [name]: value }, log: logged(run, at, "set", undefined, `${name}=${value}`) };
}

/**
 * @param {Run} run
 * @param {string} state
 * @param {number} minutes until the next post, 0 where none follows
 * @param {Date} now
 * @returns {Run}
 */
function posted(run, state, minutes, now) {
  const at = now.toISOString();
  const due = minutes ? new Date(now.getTime() + minutes * MINUTE).toISOString() : null;
  return { ...run, post: { state, at, due }, log: logged(run, at, "posted", undefined, state) };
}

/**
 * How long a step has been worked at: from its beginning to its tick, or to now; null where it was never begun.
 * @param {Run} run
 * @param {string} step
 * @param {Date} now
 */
function spent(run, step, now) {
  const begun = run.begun[step];
  const end = run.ticked[step];
  if (!begun || (!end && run.current !== step)) return null;
  return (end ? Date.parse(end) : now.getTime()) - Date.parse(begun);
}

/**
 * How long the whole has taken; the clock of the objective began with the outage. It stops with the last step.
 * @param {Run} run
 * @param {Step[]} steps
 * @param {Date} now
 */
function total(run, steps, now) {
  if (!run.startedAt) return null;
  const needed = steps.filter((step) => !step.optional);
  const over = needed.length > 0 && needed.every((step) => run.ticked[step.id]);
  const end = over ? Math.max(...needed.map((step) => Date.parse(run.ticked[step.id] ?? ""))) : now.getTime();
  return end - Date.parse(run.downSince ?? run.startedAt);
}
