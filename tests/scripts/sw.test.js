// Which file of a build an address stands for, asked of the service worker's script as it is shipped.

const assert = require("node:assert/strict");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { test } = require("node:test");

const source = readFileSync(join(__dirname, "../../src/blackstart/site/assets/sw.js"), "utf8");
const files = { "index.html": "A=", "a/b c/index.html": "B=", "constructor/x.js": "C=", "ä.css": "D+/=" };

/** @param {string} scope */
const worker = (scope) => {
  const edition = `const EDITION = ${JSON.stringify({ version: "1", files })};`;
  const script = source.replace(/^.*const EDITION = .*$/m, edition);
  const self = { registration: { scope }, addEventListener: () => {} };
  return new Function("self", "caches", `${script}\nreturn { fileAt, keyOf, addressOf, CACHE };`)(self, {});
};

for (const scope of ["https://host.example/", "https://host.example/ops/runbooks/"]) {
  const { fileAt, addressOf } = worker(scope);
  const at = (/** @type {string} */ address) => fileAt(new URL(address, scope));

  test(`below ${scope} an address stands for its file, however it is written`, () => {
    assert.equal(at(""), "index.html");
    assert.equal(at("./?h=word#top"), "index.html");
    assert.equal(at("index.html"), "index.html");
    assert.equal(at("a/b%20c/"), "a/b c/index.html");
    assert.equal(at("a/b c/"), "a/b c/index.html");
    assert.equal(at("%C3%A4.css"), "ä.css");
    for (const file of Object.keys(files)) assert.equal(fileAt(new URL(addressOf(file))), file);
  });

  test(`below ${scope} nothing else stands for a file`, () => {
    for (const address of ["a/b c", "a", "constructor", "__proto__", "toString", "%zz", "../", "//other.example/index.html"]) {
      assert.equal(at(address), address === "../" && scope.endsWith("e/") ? "index.html" : undefined, address);
    }
  });
}

test("sites below different paths keep out of each other's caches, and content is kept by its digest", () => {
  const one = worker("https://host.example/");
  const other = worker("https://host.example/ops/");
  assert.ok(!other.CACHE.startsWith(one.CACHE.slice(0, -1)));
  assert.equal(one.keyOf("ä.css"), "https://host.example/%C3%A4.css?sha256=D%2B%2F%3D");
});
