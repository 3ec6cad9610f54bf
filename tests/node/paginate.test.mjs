// Lists that are read page by page through JavaScript: those of the in-memory Nango, and those of providers as Nango's
// catalogue describes them, beside the reader that Nango's own functions use.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { NangoToolkit, NangoToolkitError, listTools } from "../../pkg/dist/entry/node.js";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import reader from "../../node_modules/@nangohq/runner-sdk/dist/paginate.service.js";
import { pagingOf, readProviders, stale } from "../../scripts/provider-paging.mjs";
import { cli } from "./support.mjs";

/** A toolkit on an in-memory Nango, whose HubSpot has pages, and the requests that were sent. */
function inMemory(options) {
  const emulator = createEmulator();
  const sent = [];
  const fetch = async (url, init) => {
    const { pathname, search, searchParams } = new URL(url);
    sent.push(`${init.method} ${pathname}${search}`);
    const response = await emulator.fetch(url, init);
    if (!pathname.startsWith("/proxy/") || response.status !== 200) return response;
    const { results } = await response.json();
    const [after, limit] = ["after", "limit"].map((name) => Number(searchParams.get(name) ?? 0));
    const end = after + (limit || results.length);
    const paging = end < results.length ? { paging: { next: { after: String(end) } } } : {};
    return Response.json({ results: results.slice(after, end), ...paging });
  };
  return { nango: new NangoToolkit({ apiKey: emulator.apiKey, fetch, ...options }), sent, emulator };
}

const all = async (pages) => {
  const entries = [];
  for await (const entry of pages) entries.push(entry);
  return entries;
};
const of = (code, kind) => (error) =>
  error instanceof NangoToolkitError && error.code === code && (kind === undefined || error.kind === kind);
const CONTACTS = { connection_id: "hubspot-ada", provider_config_key: "hubspot", model: "Contact" };
const HUBSPOT = {
  connection_id: "hubspot-ada",
  provider_config_key: "hubspot",
  any_path: "crm/v3/objects/contacts",
  query_params: { limit: "2" },
};

describe("paginate", () => {
  test("reads all entries of a list, with a request for each page", async () => {
    const { nango, sent } = inMemory();
    const whole = (await nango.execute("NANGO_CONNECTION_LIST_GET", {})).data.connections;
    sent.length = 0;
    const entries = await all(nango.paginate("NANGO_CONNECTION_LIST_GET", { limit: 5 }));
    assert.deepEqual(entries, whole);
    assert.equal(sent.length, Math.floor(whole.length / 5) + 1);
    assert.equal(sent[1], "GET /connections?limit=5&page=1");
    const records = await all(nango.paginate("NANGO_LIST_RECORDS", { ...CONTACTS, limit: 4 }));
    assert.equal(new Set(records.map(({ id }) => id)).size, records.length);
    const { data } = await nango.execute("NANGO_LIST_RECORDS", CONTACTS);
    assert.deepEqual(records, data.records);
  });

  test("sends no request for what is not read", async () => {
    const { nango, sent } = inMemory();
    for await (const _ of nango.paginate("NANGO_CONNECTION_LIST_GET", { limit: 1 })) if (sent.length === 2) break;
    assert.equal(sent.length, 2);
    const entries = await all(nango.paginate("NANGO_CONNECTION_LIST_GET", { limit: 2 }, { maxPages: 3 }));
    assert.equal(entries.length, 6);
    assert.equal(sent.length, 5);
  });

  test("every list tool has entries; other tools are refused before a request", async () => {
    const { nango, sent } = inMemory();
    for (const { slug, effect, toolset, examples } of listTools({ tools: "all" })) {
      if (toolset === "proxy") continue;
      const isList = /_LIST_|_LIST$|SCRIPTS_CONFIG|SYNC_STATUS|VARIABLES/.test(slug) && effect === "read";
      sent.length = 0;
      const reading = all(nango.paginate(slug, examples[0].arguments));
      // A key of an environment may not list environments.
      // There are no templates in memory.
      const isEmpty = slug === "NANGO_LIST_PROVIDER_TEMPLATES";
      if (isList && toolset !== "account") assert.equal((await reading).length === 0, isEmpty, slug);
      else if (isList) await assert.rejects(reading, of("forbidden"), slug);
      else {
        await assert.rejects(reading, (error) => /returns no list/.test(error.message), slug);
        assert.deepEqual(sent, [], slug);
      }
    }
  });

  test("a session reads only its own, all of it, as its policy allows", async () => {
    const { nango } = inMemory();
    const ada = nango.session({ user: "ada" });
    const entries = await all(ada.paginate("NANGO_CONNECTION_LIST_GET", { limit: 1 }));
    assert.deepEqual(entries, await ada.connections());
    assert.ok(entries.length >= 3 && entries.every(({ end_user }) => end_user.id === "ada"));
    const limited = nango.session({
      user: "ada",
      policy: { default: "allow", limits: [{ tool: "NANGO_LIST_RECORDS", calls: 2 }] },
    });
    const read = [];
    await assert.rejects(
      async () => {
        for await (const { id } of limited.paginate("NANGO_LIST_RECORDS", { ...CONTACTS, limit: 1 })) read.push(id);
      },
      of("denied", "denied"),
    );
    assert.equal(read.length, 2, "what was read before stays");
    const foreign = { ...CONTACTS, connection_id: "hubspot-katherine" };
    await assert.rejects(all(ada.paginate("NANGO_LIST_RECORDS", foreign)), of("not_found"));
  });

  test("hooks see every page", async () => {
    const seen = [];
    const beforeCall = (slug, args) => {
      seen.push(args);
      return slug === "NANGO_CONNECTION_LIST_GET" ? { ...args, search: "ada" } : undefined;
    };
    const afterCall = (_slug, result) => {
      const connections = result.data.connections.map(({ connection_id }) => ({ connection_id }));
      return { ...result, data: { connections } };
    };
    const { nango } = inMemory({ beforeCall, afterCall });
    const entries = await all(nango.paginate("NANGO_CONNECTION_LIST_GET", { limit: 2 }));
    assert.ok(entries.length > 2 && entries.every((entry) => Object.keys(entry).join() === "connection_id"));
    // They see the arguments of the program, and what they return cannot lose the place of a page.
    assert.deepEqual(seen, Array(Math.floor(entries.length / 2) + 1).fill({ limit: 2 }));
    const alone = inMemory({ afterCall: (_slug, result) => ({ ...result, data: result.data.connections }) });
    const same = await all(alone.nango.paginate("NANGO_CONNECTION_LIST_GET", { limit: 5, search: "ada" }));
    assert.deepEqual(
      same.map(({ connection_id }) => connection_id),
      entries.map(({ connection_id }) => connection_id),
    );
    const failing = inMemory({ afterCall: () => ({ successful: false }) }).nango;
    await assert.rejects(all(failing.paginate("NANGO_LIST_INTEGRATIONS", {})), of("internal"));
  });

  test("misuse is named", async () => {
    const { nango, sent } = inMemory();
    const refused = (slug, args, options, code, message) =>
      assert.rejects(
        all(nango.paginate(slug, args, options)),
        (error) => of(code)(error) && message.test(error.message),
      );
    await refused("NANGO_LIST_RECORD", {}, {}, "unknown_tool", /NANGO_LIST_RECORD/);
    await refused("NANGO_LIST_RECORDS", { model: "Contact" }, {}, "invalid_arguments", /connection_id/);
    await refused("NANGO_GET_PROXY", {}, {}, "invalid_arguments", /provider_config_key/);
    await refused("NANGO_LIST_INTEGRATIONS", {}, { maxPages: 0 }, "invalid_option", /maxPages/);
    await refused("NANGO_LIST_INTEGRATIONS", {}, { maxPages: 1.5 }, "invalid_option", /maxPages/);
    await refused("NANGO_LIST_INTEGRATIONS", {}, { paging: false }, "invalid_option", /paging/);
    await refused("NANGO_GET_PROXY", "not json", {}, "invalid_arguments", /not valid JSON/);
    await refused("NANGO_CONNECTION_LIST_GET", '{"integration_id":["hub', {}, "invalid_arguments", /not valid JSON/);
    await refused("NANGO_DELETE_PROXY", HUBSPOT, { provider: "hubspot" }, "invalid_option", /reads no list/);
    const deep = { type: "cursor", cursor_name_in_request: "a.".repeat(4000), cursor_path_in_response: "b" };
    await refused("NANGO_POST_PROXY", HUBSPOT, { paging: deep }, "invalid_option", /cursor_name_in_request/);
    const noLink = { type: "link", link_rel_in_response_header: "" };
    await refused("NANGO_GET_PROXY", HUBSPOT, { paging: noLink }, "invalid_option", /link/);
    await refused("NANGO_LIST_INTEGRATIONS", {}, { maxPage: 1 }, "invalid_option", /maxPage/);
    await refused("NANGO_LIST_INTEGRATIONS", {}, "all", "invalid_option", /options/);
    await refused("NANGO_GET_PROXY", HUBSPOT, { paging: { type: "cursr" } }, "invalid_option", /paging\.type/);
    await refused("NANGO_GET_PROXY", HUBSPOT, { provider: 1 }, "invalid_option", /provider/);
    const link = { type: "link", link_rel_in_response_header: "next" };
    await refused("NANGO_LIST_INTEGRATIONS", {}, { paging: link }, "invalid_option", /does not send/);
    assert.deepEqual(sent, []);
  });

  test("aborts between pages", async () => {
    const { nango } = inMemory();
    const controller = new AbortController();
    const pages = nango.paginate("NANGO_CONNECTION_LIST_GET", { limit: 1 }, { signal: controller.signal });
    await pages.next();
    controller.abort();
    await assert.rejects(pages.next(), of("aborted", "aborted"));
    assert.deepEqual(await pages.next(), { done: true, value: undefined });
  });
});

describe("paginate through the proxy", () => {
  test("finds out how the provider of the integration pages", async () => {
    const { nango, sent } = inMemory();
    const whole = (await nango.execute("NANGO_GET_PROXY", { ...HUBSPOT, query_params: {} })).data.results;
    assert.ok(whole.length > 2);
    sent.length = 0;
    assert.deepEqual(await all(nango.paginate("NANGO_GET_PROXY", HUBSPOT)), whole);
    assert.equal(sent[0], "GET /integrations/hubspot");
    assert.equal(sent[1], "GET /proxy/crm/v3/objects/contacts?limit=2");
    assert.match(sent[2], /^GET \/proxy\/crm\/v3\/objects\/contacts\?limit=2&after=/);
    sent.length = 0;
    assert.deepEqual(await all(nango.paginate("NANGO_GET_PROXY", HUBSPOT, { provider: "hubspot" })), whole);
    assert.match(sent[0], /^GET \/proxy/);
  });

  test("a session whose agent has the proxy alone finds it out, too", async () => {
    const { nango } = inMemory();
    const session = nango.session({ user: "ada", tools: ["NANGO_GET_PROXY"] });
    assert.ok((await all(session.paginate("NANGO_GET_PROXY", HUBSPOT))).length > 2);
  });

  test("nothing is looked up for a call that is denied", async () => {
    const { nango, sent } = inMemory();
    for (const options of [
      { policy: { default: "deny" } },
      { tools: ["NANGO_LIST_RECORDS"] },
      { policy: { readOnly: true } },
    ]) {
      const reading = all(nango.session({ user: "ada", ...options }).paginate("NANGO_GET_PROXY", HUBSPOT));
      await assert.rejects(reading, of("denied", "denied"));
    }
    assert.deepEqual(sent, []);
  });

  test("look-ups are the toolkit's own: without policy, changes and hooks, within the time of the call", async () => {
    const called = [];
    const { nango, emulator } = inMemory({
      policy: { default: "allow", rules: [{ then: "deny", tool: "NANGO_GET_INTEGRATION" }] },
      modify: {
        NANGO_GET_INTEGRATION: { pin: { unique_key: "slack" } },
        NANGO_GET_PROXY: { pin: { provider_config_key: "hubspot" } },
      },
      beforeCall: (slug) => void called.push(slug),
    });
    const { provider_config_key: _, ...args } = HUBSPOT;
    assert.equal((await all(nango.paginate("NANGO_GET_PROXY", args))).length, 3);
    assert.deepEqual(new Set(called), new Set(["NANGO_GET_PROXY"]));
    const fetch = (url, init) =>
      url.includes("/integrations/")
        ? new Promise((_, reject) => init.signal.addEventListener("abort", () => reject(new Error("aborted"))))
        : emulator.fetch(url, init);
    const hanging = new NangoToolkit({ apiKey: emulator.apiKey, fetch });
    const each = { timeoutMs: 20, retry: { attempts: 1 } };
    await assert.rejects(all(hanging.paginate("NANGO_GET_PROXY", HUBSPOT, each)), of("timeout", "timeout"));
    const nothing = new NangoToolkit({ apiKey: emulator.apiKey, fetch: async () => Response.json({}) });
    await assert.rejects(all(nothing.paginate("NANGO_GET_PROXY", HUBSPOT)), of("invalid_option"));
  });

  test("a cursor keeps all of its digits", async () => {
    const sent = [];
    const fetch = async (url) => {
      sent.push(new URL(url).search);
      const body = sent.length === 1 ? '{"items":[1],"next":9007199254740993}' : '{"items":[2]}';
      return new Response(body, { headers: { "content-type": "application/json" } });
    };
    const nango = new NangoToolkit({ apiKey: "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11", fetch });
    const paging = { type: "cursor", cursor_name_in_request: "c", cursor_path_in_response: "next" };
    const args = { connection_id: "c", provider_config_key: "k", any_path: "list" };
    assert.deepEqual(await all(nango.paginate("NANGO_GET_PROXY", args, { paging })), [1, 2]);
    assert.deepEqual(sent, ["", "?c=9007199254740993"]);
    const nowhere = { ...paging, response_path: "items.length" };
    sent.length = 0;
    assert.deepEqual(await all(nango.paginate("NANGO_GET_PROXY", args, { paging: nowhere })), []);
  });

  test("a renamed tool is paged as well", async () => {
    const { nango } = inMemory({ modify: { NANGO_GET_PROXY: { rename: "read_crm" } } });
    assert.ok((await all(nango.paginate("read_crm", HUBSPOT))).length > 2);
  });

  test("asks the server's catalogue for a provider that is not known here, and says what nobody knows", async () => {
    const paginate = { type: "offset", offset_name_in_request: "skip", response_path: "rows", since: "later" };
    const catalogue = { hubspot2: { proxy: { paginate } }, plain: { proxy: {} } };
    const sent = [];
    const json = (body) => new Response(JSON.stringify(body), { headers: { "content-type": "application/json" } });
    const fetch = async (url) => {
      const { pathname, searchParams } = new URL(url);
      sent.push(pathname);
      const name = pathname.split("/")[2];
      if (pathname.startsWith("/integrations/")) return json({ data: { unique_key: name, provider: name } });
      if (pathname.startsWith("/providers/")) return json({ data: { name, ...catalogue[name] } });
      const skip = Number(searchParams.get("skip") ?? 0);
      return json({ rows: [1, 2, 3, 4, 5].slice(skip, skip + 2) });
    };
    const nango = new NangoToolkit({ apiKey: "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11", fetch });
    const args = { connection_id: "c", provider_config_key: "hubspot2", any_path: "rows" };
    assert.deepEqual(await all(nango.paginate("NANGO_GET_PROXY", args)), [1, 2, 3, 4, 5]);
    assert.deepEqual(sent.slice(0, 3), ["/integrations/hubspot2", "/providers/hubspot2", "/proxy/rows"]);
    const plain = { ...args, provider_config_key: "plain" };
    const unknown = (error) =>
      of("invalid_option")(error) && /`plain`/.test(error.message) && /paging/.test(error.hint);
    await assert.rejects(all(nango.paginate("NANGO_GET_PROXY", plain)), unknown);
    const paging = { type: "offset", offset_name_in_request: "skip" };
    assert.deepEqual(await all(nango.paginate("NANGO_GET_PROXY", plain, { paging })), [1, 2, 3, 4, 5]);
  });
});

describe("the catalogue of providers", () => {
  const providers = pagingOf(readProviders());

  test("is that of the pinned package, in the module and on the page", () => assert.deepEqual(stale(), []));

  test("aliases are paged as what they stand for, also where Nango loses it", () => {
    const lost = [...providers].filter(([, { isLost }]) => isLost).map(([name]) => name);
    for (const name of ["google-mail", "google-contacts", "okta-preview", "zoho-people"])
      assert.ok(lost.includes(name));
    assert.ok(lost.length >= 21 && providers.size >= 65);
  });

  /** A provider that pages ten entries by a description, asked with plain parameters. */
  function provider(paging, isList) {
    const size = 3;
    return (parameters) => {
      const offset = Number(parameters[paging.cursor_name_in_request ?? paging.offset_name_in_request ?? "from"] ?? 0);
      const entries = [..."abcdefghij"].slice(offset, offset + size);
      const next = offset + size < 10 ? offset + size : undefined;
      const body = {};
      const put = (path, value) => {
        const steps = path.split(".");
        const last = steps.pop();
        let at = body;
        for (const step of steps) at = at[step] ??= {};
        at[last] = value;
      };
      const link = next && `https://api.example.com/list?from=${next}`;
      if (!isList) put(paging.response_path, entries);
      if (paging.type === "cursor") put(paging.cursor_path_in_response, next === undefined ? null : String(next));
      if (paging.type === "link" && paging.link_path_in_response_body)
        put(paging.link_path_in_response_body, link ?? null);
      const headers = { "content-type": "application/json" };
      if (link && paging.link_rel_in_response_header) headers.link = `<${link}>; rel="next", <${link}0>; rel="last"`;
      return { data: isList ? entries : body, headers };
    };
  }

  /** The entries that Nango's own reader reads. */
  async function byNango(paging, answer) {
    const proxy = async (config) => {
      const query = new URL(config.endpoint, "https://api.example.com").searchParams;
      return answer({ ...Object.fromEntries(query), ...config.params });
    };
    const entries = [];
    for await (const page of reader[paging.type]({ endpoint: "/list" }, paging, {}, false, proxy))
      entries.push(...page);
    return entries;
  }

  test("every description reads what Nango's own reader reads; numbers of pages are read as such", async (t) => {
    const pagesAsOffsets = [];
    for (const [name, { paging: described }] of providers) {
      const isList = described.type === "link" && !described.link_path_in_response_body;
      const paging = isList ? described : { response_path: "entries", ...described };
      const answer = provider(paging, isList);
      const fetch = async (url) => {
        const { data, headers } = answer(Object.fromEntries(new URL(url).searchParams));
        return new Response(JSON.stringify(data), { headers });
      };
      const nango = new NangoToolkit({ apiKey: "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11", fetch });
      const args = { connection_id: "c", provider_config_key: name, any_path: "list" };
      if (paging.offset_name_in_request === "page") {
        pagesAsOffsets.push(name);
        continue;
      }
      assert.deepEqual(
        await all(nango.paginate("NANGO_GET_PROXY", args, { paging })),
        await byNango(paging, answer),
        name,
      );
      const { response_path: _, ...unplaced } = paging;
      const found = await all(nango.paginate("NANGO_GET_PROXY", args, { paging: unplaced }));
      assert.deepEqual(found, [..."abcdefghij"], `${name}: the list is found`);
    }
    t.diagnostic(`${providers.size - pagesAsOffsets.length} descriptions beside Nango's reader`);
    // Their parameter is the number of a page, which the reader raises by the length of one.
    assert.ok(
      pagesAsOffsets.length >= 12 && pagesAsOffsets.every((name) => /^(zoho|certn-partner|rock-gym-pro)/.test(name)),
    );
  });
});

describe("call --all", () => {
  const IN_MEMORY = ["--emulator"];

  test("prints all entries, as one array or one a line", async () => {
    const { nango } = inMemory();
    const whole = await all(nango.paginate("NANGO_CONNECTION_LIST_GET", {}));
    const ids = (entries) => entries.map(({ connection_id }) => connection_id);
    const array = await cli(["call", "NANGO_CONNECTION_LIST_GET", "limit=5", "--all", ...IN_MEMORY]);
    assert.equal(array.code, 0, array.stderr);
    assert.deepEqual(ids(JSON.parse(array.stdout)), ids(whole));
    assert.match(array.stderr, new RegExp(`: ${whole.length} entries`));
    const lines = await cli(["call", "NANGO_CONNECTION_LIST_GET", "limit=5", "--all", "--json", ...IN_MEMORY]);
    assert.deepEqual(
      ids(
        lines.stdout
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line)),
      ),
      ids(whole),
    );
    const some = ["limit=5", "--all", "--max-pages", "2", "--json", ...IN_MEMORY];
    assert.equal((await cli(["call", "NANGO_CONNECTION_LIST_GET", ...some])).stdout.trim().split("\n").length, 10);
  });

  test("reads a provider's list", async () => {
    const given = Object.entries({ ...HUBSPOT, query_params: "{}" }).map(([name, value]) => `${name}=${value}`);
    const { stdout } = await cli(["call", "NANGO_GET_PROXY", ...given, "--all", "--json", ...IN_MEMORY]);
    assert.equal(stdout.trim().split("\n").length, 3);
    const paging = JSON.stringify({
      type: "cursor",
      cursor_name_in_request: "after",
      cursor_path_in_response: "nowhere",
    });
    const one = await cli(["call", "NANGO_GET_PROXY", ...given, "--all", "--json", "--paging", paging, ...IN_MEMORY]);
    assert.equal(one.stdout, stdout);
    const elsewhere = JSON.stringify({ ...JSON.parse(paging), response_path: "elsewhere" });
    const none = await cli([
      "call",
      "NANGO_GET_PROXY",
      ...given,
      "--all",
      "--json",
      "--paging",
      elsewhere,
      ...IN_MEMORY,
    ]);
    assert.deepEqual([none.code, none.stdout], [0, ""]);
  });

  test("prints what was read before an error", async () => {
    const limits = [{ tool: "NANGO_CONNECTION_LIST_GET", calls: 1 }];
    const options = ["--options", JSON.stringify({ policy: { default: "allow", limits } }), ...IN_MEMORY];
    const { code, stdout, stderr } = await cli(["call", "NANGO_CONNECTION_LIST_GET", "limit=5", "--all", ...options]);
    assert.deepEqual([code, JSON.parse(stdout).length], [1, 5]);
    assert.match(stderr, /denied/);
  });

  test("names its mistakes", async () => {
    for (const [args, code, message] of [
      [["NANGO_GET_INTEGRATION", "unique_key=hubspot", "--all"], 2, /returns no list/],
      [["NANGO_LIST_RECORDS", "model=Contact", "--all"], 2, /connection_id/],
      [["NANGO_LIST_RECORD", "--all"], 2, /NANGO_LIST_RECORDS/],
      [["NANGO_LIST_ENVIRONMENTS", "--all"], 1, /forbidden/],
      [["NANGO_LIST_INTEGRATIONS", "--max-pages", "2"], 2, /`--max-pages` needs `--all`/],
      [["NANGO_LIST_INTEGRATIONS", "--all", "--max-pages", "0"], 2, /--max-pages/],
      [["NANGO_LIST_INTEGRATIONS", "--all", "--dry-run"], 2, /`--all` excludes/],
      [["NANGO_GET_PROXY", JSON.stringify(HUBSPOT), "--all", "--paging", "{"], 2, /--paging/],
    ]) {
      const result = await cli(["call", ...args, ...IN_MEMORY]);
      assert.equal(result.code, code, `${args.join(" ")}: ${result.stderr}`);
      assert.match(result.stderr, message);
    }
  });
});
