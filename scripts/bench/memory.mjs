// Bytes of the module's linear memory after a thousand and after a hundred thousand calls of every kind.
const { Instance } = WebAssembly;
let memory;
// biome-ignore lint/complexity/useArrowFunction: it is called with `new`
WebAssembly.Instance = function (...given) {
  const instance = new Instance(...given);
  memory ??= instance.exports.memory;
  return instance;
};
const { NangoToolkit, buildRequest, parseResponse, validate } = await import("nango-toolkit");

const SECRET = JSON.stringify({
  connection_id: "a",
  provider_config_key: "b",
  credentials: { type: "OAUTH2", access_token: "secret" },
  metadata: { text: "x".repeat(2000) },
});
const args = { connection_id: "a", provider_config_key: "b" };
const fetch = async () => new Response(SECRET, { headers: { "content-type": "application/json" } });
const nango = new NangoToolkit({ apiKey: "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11", fetch });

async function calls(count) {
  for (let i = 0; i < count; i += 4) {
    validate("NANGO_GET_CONNECTION", { ...args, extra: i });
    buildRequest("NANGO_GET_CONNECTION", args);
    parseResponse("NANGO_GET_CONNECTION", { status: 200, body: SECRET });
    if ((await nango.execute("NANGO_GET_CONNECTION", args)).data.connection_id !== "a")
      throw new Error("the call failed");
  }
  return memory.buffer.byteLength;
}
const first = memory.buffer.byteLength;
const thousand = await calls(1000);
const hundredThousand = await calls(99_000);
console.log(JSON.stringify({ first, thousand, hundredThousand }));
