// The official conformance suite against the handler: both requirement sets, with Nango's tools alone and with the
// fixtures that the suite calls by name. Exactly the checks listed in conformance.mjs must fail.
import { describe, test } from "node:test";
import { REVISIONS, conforms, node } from "./conformance.mjs";
import { serve } from "./fixtures.mjs";

describe("MCP conformance", { skip: !node && "Node 24 is not installed" }, () => {
  for (const fixtures of [false, true]) {
    for (const revision of REVISIONS) {
      test(`${revision}, ${fixtures ? "with fixtures" : "Nango's tools"}`, async () => {
        const server = await serve({ all: fixtures });
        try {
          await conforms(`${server.url}/mcp`, revision, { fixtures });
        } finally {
          await server.close();
        }
      });
    }
  }
});
