// The MCP handler against the transcript (tests/fixtures/mcp.json, which the Rust core answers too), in any
// runtime. What comes back is compared with what is expected, and by mcp.test.mjs between runtimes.

const HEADERS = { "content-type": "application/json", accept: "application/json, text/event-stream" };

/** Fixes the clock and both sources of random numbers, so that every runtime gives the same answers. */
function fixTimeAndRandomness() {
  const [{ now }, { random }, { getRandomValues }] = [Date, Math, crypto];
  Date.now = () => 1_700_000_000_000;
  Math.random = () => 0.5;
  crypto.getRandomValues = (array) => array.fill(7);
  return () => {
    Date.now = now;
    Math.random = random;
    crypto.getRandomValues = getRandomValues;
  };
}

const holds = (value, wanted) =>
  wanted === value ||
  (typeof wanted === "object" &&
    wanted !== null &&
    typeof value === "object" &&
    value !== null &&
    Array.isArray(wanted) === Array.isArray(value) &&
    Object.keys(wanted).every((key) => holds(value[key], wanted[key])));
const at = (value, path) => path.split(".").reduce((inner, name) => inner?.[name], value);

/** The problems of an answer. */
function problems(one, { status, headers, text }) {
  const found = [];
  const expect = (fact, what) =>
    fact || found.push(`${what}: ${status} ${JSON.stringify(headers)} ${text.slice(0, 600)}`);
  expect(status === one.status, `status ${one.status}`);
  for (const [name, value] of Object.entries(one.has ?? {})) expect(headers[name] === value, `${name}: ${value}`);
  for (const name of one.hasnot ?? []) expect(headers[name] === undefined, `no ${name}`);
  if (one.empty) return (expect(text === "", "no body"), found);
  const type = one.stream ? "text/event-stream" : "application/json";
  expect(headers["content-type"] === type, type);
  const [, data] = one.stream ? (/^event: message\ndata: (.*)\n\n$/.exec(text) ?? []) : [, text];
  expect(data !== undefined && !/[\u0000-\u001f]/.test(data), "one line");
  let value;
  try {
    value = JSON.parse(data);
  } catch {
    return (expect(false, "JSON"), found);
  }
  if (one.answer) expect(holds(value, one.answer), `an answer that holds ${JSON.stringify(one.answer)}`);
  for (const path of one.lacks ?? []) expect(at(value, path) === undefined, `no ${path}`);
  for (const word of one.says ?? []) expect(text.includes(word), `the word ${word}`);
  if (one.echo) expect(text.includes(one.echo), `the text ${one.echo}`);
  if (one.twin)
    expect(
      value.result.content[0].text === JSON.stringify(value.result.structuredContent),
      "the same as text and as structure",
    );
  return found;
}

/**
 * Answers every case.
 * @param {{ createMcpHandler: Function, createEmulator: Function, transcript: object[] }} given
 */
export async function run({ createMcpHandler, createEmulator, transcript }) {
  const restore = fixTimeAndRandomness();
  const results = [];
  try {
    const { fetch, apiKey, baseUrl } = createEmulator({ rateLimit: 1_000_000 });
    const handle = createMcpHandler({ fetch, apiKey, baseUrl, allowAnonymous: true });
    for (const one of transcript) {
      const { method = "POST", path = "/mcp" } = one;
      const headers = Object.fromEntries(
        Object.entries({ ...HEADERS, ...one.headers }).filter(([, value]) => value !== null),
      );
      let body = one.body ?? (one.message === undefined ? undefined : JSON.stringify(one.message));
      // A string body would get a content type.
      if (body !== undefined) body = new TextEncoder().encode(body);
      let request;
      try {
        request = new Request(`https://mcp.example${path}`, { method, headers, body });
        for (const [name, value] of Object.entries(headers))
          if (name === "origin" && request.headers.get("origin") !== value)
            throw new Error("this runtime keeps `Origin` to itself");
      } catch (error) {
        results.push({ name: one.name, skipped: String(error.message) });
        continue;
      }
      const response = await handle(request);
      const answer = {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        text: await response.text(),
      };
      const found = problems(one, answer);
      results.push({ name: one.name, answer, ...(found.length > 0 && { error: found.join("\n") }) });
    }
  } finally {
    restore();
  }
  return results;
}
