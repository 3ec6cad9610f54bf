// The toolkit component: its imports and exports, and the same results as the JavaScript binding, under jco and Python.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { componentWit, parse, transpile, types } from "@bytecodealliance/jco";
import { scripts } from "./calls.mjs";
import { COMPONENT, at, binding, jcoHost, python, pythonHost } from "./hosts.mjs";
import { cases } from "./pure.mjs";
import { canonical } from "./same.mjs";

const ci = /^(1|true)$/i.test(process.env.CI ?? "");

/** Declarations without comments and white space. */
const bare = (text) =>
  text
    .replace(/\/\*.*?\*\//gs, "")
    .replace(/\/\/.*$/gm, "")
    .replace(/\s+/g, "");
const imports = (wit) => wit.match(/^\s*import .*$/gm) ?? [];

describe("the toolkit component", () => {
  const bytes = readFileSync(COMPONENT);

  test("imports nothing", async () => {
    assert.deepEqual(imports(await componentWit(bytes)), []);
    assert.deepEqual((await transpile(bytes, { name: "it" })).imports, []);
    // The check would find them in another component.
    assert.equal(imports(await componentWit(await parse('(component (import "log" (func)))'))).length, 1);
  });

  test("exports exactly what its world declares", async () => {
    const [, world] = /world root\s*\{(.*?)\}/s.exec(await componentWit(bytes));
    assert.equal(world.trim(), "export nango:toolkit/tools@0.1.0;");
    // As declarations, since the tools print a component's WIT without its interfaces.
    const name = "interfaces/nango-toolkit-tools.d.ts";
    const { files } = await transpile(bytes, { name: "nango-toolkit" });
    const declared = await types(at("src/wit"), { name: "nango-toolkit", worldName: "toolkit" });
    const [shown, wanted] = [files[name], declared[name]].map((file) => bare(Buffer.from(file).toString()));
    assert.equal(shown, wanted);
    for (const method of [
      "open",
      "catalog",
      "apiText",
      "exactOutputSchema",
      "validate",
      "buildRequest",
      "parseResponse",
      "search",
      "explain",
      "poll",
      "handleResponse",
      "cancel",
    ])
      assert.ok(shown.includes(`${method}(`), method);
  });

  test("is refused if one of its bytes is wrong", async () => {
    await assert.rejects(async () =>
      transpile(Buffer.concat([bytes.subarray(0, 2000), Buffer.from([255]), bytes.subarray(2001)]), { name: "it" }),
    );
  });

  test("contains no path of the machine that built it", () => {
    const text = bytes.toString("latin1");
    assert.equal(/\/(root|home|Users)\/[\w./-]+|\/rustlib\//.exec(text)?.[0], undefined);
  });
});

const hosts = { jco: jcoHost, "Python's wasmtime": pythonHost };
for (const [name, make] of Object.entries(hosts)) {
  const missing = make === pythonHost && !python && !ci && "Python 3.9 or newer was not found";
  describe(`${name} answers as the JavaScript binding does`, { skip: missing }, () => {
    let host;
    let loaded;
    before(async () => {
      loaded = await binding();
      host = await make();
    });
    after(() => host?.close());

    test("in every pure case", async (context) => {
      const off = [];
      const all = [...cases(loaded)];
      for (const [what, ofBinding, ofComponent] of all) {
        const [expected, got] = [canonical(ofBinding()), canonical(await ofComponent(host))];
        if (expected !== got)
          off.push(`${what}\n    binding:   ${expected.slice(0, 500)}\n    component: ${got.slice(0, 500)}`);
      }
      context.diagnostic(`${all.length} cases`);
      assert.ok(all.length > 500, `only ${all.length} cases`);
      assert.equal(off.length, 0, `${off.length} of ${all.length} differ:\n${off.slice(0, 10).join("\n")}`);
    });

    test("in whole calls: each step, time, id, event and outcome", async (context) => {
      const kinds = new Set();
      for (const [what, ofBinding, ofComponent] of scripts(loaded)) {
        const [expected, got] = [await ofBinding(), await ofComponent(host)];
        assert.deepEqual(JSON.parse(canonical(got)), JSON.parse(canonical(expected)), what);
        for (const step of got.flat()) kinds.add(Object.keys(step).find((key) => key !== "at"));
        assert.ok(!JSON.stringify(got).includes("hunter3"), "a secret shows");
      }
      context.diagnostic(`${scripts(loaded).length} scripts`);
      assert.deepEqual([...kinds].sort(), ["approval", "done", "event", "key", "send", "wait"]);
    });
  });
}
