// Values for the shell. They are offered as `export` lines and never put into a command.

const VARIABLE = /\$(?:\{([A-Z][A-Z0-9_]*)\}|([A-Z][A-Z0-9_]*))/g;
const SECRET = /PASSWORD|PASSWD|PASSPHRASE|TOKEN|SECRET|KEY|CREDENTIAL/;

/**
 * Text as one word of a POSIX shell: between single quotes nothing means anything.
 * @param {string} value
 */
function quoted(value) {
  return `'${value.replaceAll("'", "'\\''")}'`;
}

/**
 * @param {string} name
 * @param {string} value
 */
function exportLine(name, value) {
  return `export ${name}=${quoted(value)}`;
}

/**
 * Whether the variable must never be kept: its name says what it is.
 * @param {string} name
 */
function isSecret(name) {
  return SECRET.test(name);
}

/**
 * A text for people with its variables filled in. What has no value stays as it is.
 * @param {string} text
 * @param {Record<string, string>} values
 * @returns {{ text: string, missing: string[] }}
 */
function filled(text, values) {
  const missing = new Set();
  /** @type {(part: string, inside: string[]) => string} */
  const fill = (part, inside) =>
    part.replace(VARIABLE, (whole, braced, bare) => {
      const name = braced ?? bare;
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (!value || inside.includes(name)) {
        missing.add(name);
        return whole;
      }
      return fill(value, [...inside, name]);
    });
  return { text: fill(text, []), missing: [...missing] };
}
