// Times in words. All of them absolute in UTC; what is relative stands beside it.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * @param {unknown} text
 * @returns {text is string}
 */
function isTime(text) {
  return typeof text === "string" && !Number.isNaN(Date.parse(text));
}

/**
 * A running time as a stop watch shows it: `2:05`, `1:02:05`.
 * @param {number} ms
 */
function stopwatch(ms) {
  const seconds = Math.max(0, Math.floor(ms / SECOND));
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/**
 * A length of time in words, rounded down: `3 days`, `1 h 20 min`, `less than a minute`.
 * @param {number} ms
 */
function lengthWords(ms) {
  if (ms < MINUTE) return "less than a minute";
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < 2 * DAY) {
    const minutes = Math.floor((ms % HOUR) / MINUTE);
    return `${Math.floor(ms / HOUR)} h${minutes ? ` ${minutes} min` : ""}`;
  }
  return `${Math.floor(ms / DAY)} days`;
}

/**
 * @param {Date} date
 * @param {Date} now
 */
function relativeWords(date, now) {
  const ms = now.getTime() - date.getTime();
  return ms < 0 ? `in ${lengthWords(-ms)}` : `${lengthWords(ms)} ago`;
}

/**
 * A day, for which hours would say more than is known.
 * @param {Date} day
 * @param {Date} now
 */
function dayWords(day, now) {
  const days = Math.floor(now.getTime() / DAY) - Math.floor(day.getTime() / DAY);
  if (days === 0) return "today";
  if (days === -1) return "tomorrow";
  if (days === 1) return "yesterday";
  return days < 0 ? `in ${-days} days` : `${days} days ago`;
}

/** @param {Date} date */
function utc(date) {
  return `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/**
 * When a clock of the law ends. A month ends on the day of the same number, or on the last one that there is.
 * @param {Date} from
 * @param {string} within such as `72h`, `60d` or `1mo`
 */
function deadline(from, within) {
  const number = parseInt(within, 10);
  if (within.endsWith("mo")) {
    const end = new Date(from);
    end.setUTCDate(1);
    end.setUTCMonth(end.getUTCMonth() + number);
    const last = new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() + 1, 0)).getUTCDate();
    end.setUTCDate(Math.min(from.getUTCDate(), last));
    return end;
  }
  return new Date(from.getTime() + number * (within.endsWith("d") ? DAY : HOUR));
}

/**
 * The value of a `datetime-local` field: the reader's own time zone, in whole minutes.
 * @param {Date} date
 */
function localValue(date) {
  return new Date(date.getTime() - date.getTimezoneOffset() * MINUTE).toISOString().slice(0, 16);
}

/**
 * Minutes until the next post: after two hours an hour is often enough.
 * @param {number} minutes as the page says; 0 where no post follows
 * @param {string | null} startedAt
 * @param {Date} now
 */
function minutesToNext(minutes, startedAt, now) {
  const long = startedAt !== null && now.getTime() - Date.parse(startedAt) > 2 * HOUR;
  return minutes && long ? Math.max(minutes, 60) : minutes;
}
