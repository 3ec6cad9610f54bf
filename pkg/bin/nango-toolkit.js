#!/usr/bin/env node
// This file runs on old versions of Node, so that it can report them.
const LEAST = [20, 16];
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < LEAST[0] || (major === LEAST[0] && minor < LEAST[1])) {
  fail(`nango-toolkit needs Node ${LEAST.join(".")} or later; this is ${process.versions.node}`);
} else {
  // An import that fails would print the code that it stands in.
  import("../dist/node/nango-toolkit.js").catch((error) => fail(error.message));
}

function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exitCode = 1;
}
