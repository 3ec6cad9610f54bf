// A module that traps and cannot be instantiated again at first: calls in progress end, and a later one gets a module.
import assert from "node:assert/strict";
import { test } from "node:test";
import { NangoToolkit, validate } from "../../pkg/dist/entry/node.js";

const KEY = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";
const SLUG = "NANGO_LIST_INTEGRATIONS";

test("calls in progress end when the module trapped and cannot be replaced", async () => {
  let hang = true;
  const fetch = async () => (hang ? new Promise(() => {}) : Response.json({ data: [] }));
  const nango = new NangoToolkit({ apiKey: KEY, fetch });
  const sent = [nango.execute(SLUG, {}), nango.execute(SLUG, {})];
  const { decode } = TextDecoder.prototype;
  const { Instance } = WebAssembly;
  let asked = 0;
  try {
    TextDecoder.prototype.decode = () => {
      TextDecoder.prototype.decode = decode;
      throw new WebAssembly.RuntimeError("unreachable");
    };
    WebAssembly.Instance = class {
      constructor() {
        asked++;
        throw new RangeError("out of memory");
      }
    };
    assert.throws(() => validate(SLUG, {}), {
      code: "internal",
      kind: "internal",
      message: /could not be instantiated again: out of memory/,
    });
    assert.throws(() => validate(SLUG, {}), {
      code: "internal",
      kind: "internal",
      message: /could not be instantiated again: out of memory/,
    });
    for (const lost of await Promise.all(sent)) {
      assert.deepEqual([lost.error.kind, lost.error.code, lost.meta.attempts], ["internal", "internal", 1]);
      assert.match(lost.error.message, /could not be instantiated again: out of memory/);
      assert.match(lost.error.hint, /whether the request took effect is not known/);
    }
    const { error, meta } = await nango.execute(SLUG, {});
    assert.deepEqual([error.kind, meta.attempts], ["internal", 0]);
    assert.match(error.message, /the WebAssembly module failed, and could not be instantiated again: out of memory/);
    assert.equal(asked, 3, "each tried it again");
  } finally {
    TextDecoder.prototype.decode = decode;
    WebAssembly.Instance = Instance;
  }
  hang = false;
  const result = await nango.execute(SLUG, {});
  assert.deepEqual([result.successful, result.data], [true, { data: [] }]);
});
