// `npm start`: from a fresh clone to a running demo. Installs and builds what is missing, serves the
// in-memory Nango and the demo page, and shows a short tour. With --real it tours a real server, read-only.

import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { Problem, program, step } from "./lib.mjs";
import { DOCS, buildPage, servePage } from "./page.mjs";

const HELP = `npm start [-- options]

  --port N       port of the in-memory Nango (default 3003)
  --page-port N  port of the demo page (default 8788)
  --key KEY      API key of the in-memory Nango, a UUID v4 (default: a new one at every start)
  --once         end after the tour instead of serving on
  --real         tour a real server with read-only calls: needs NANGO_SECRET_KEY, honours NANGO_HOST
  --help         this help`;

program(async () => {
  const options = {
    port: { type: "string", default: "3003" },
    "page-port": { type: "string", default: "8788" },
    key: { type: "string", default: randomUUID() },
    once: { type: "boolean" },
    real: { type: "boolean" },
    help: { type: "boolean" },
  };
  const { values } = parseArgs({ options });
  if (values.help) return void process.stdout.write(`${HELP}\n`);
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 16))
    throw new Problem(`Node 20.16 or newer is needed, this is ${process.version}`);
  const [port, pagePort] = ["port", "page-port"].map((name) => portOf(name, values[name]));
  return values.real ? real() : emulated({ port, pagePort, key: values.key, once: values.once });
});

function portOf(name, text) {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new Problem(`\`--${name}\` expects a number from 0 to 65535, given \`${text}\``);
  return port;
}

async function emulated({ port, pagePort, key, once }) {
  const host = "127.0.0.1";
  if (port !== 0) await mustBeFree(port, host, "--port 3004");
  if (pagePort !== 0 && !once) await mustBeFree(pagePort, host, "--page-port 8789");
  await build();
  const { createEmulator } = await import("../pkg/dist/entry/emulator-node.js");
  const { serve } = await import("../pkg/dist/bin/serve.js");
  const { emulatedTour } = await import("./tour.mjs");
  const emulator = emulatorWith(createEmulator, key);
  // The demo page may use it too, once its origin is known.
  const origins = [];
  const server = await serve(emulator, { port, host, origins });
  step(`in-memory Nango on ${server.url}`);
  await emulatedTour({ apiKey: emulator.apiKey, baseUrl: server.url });
  // The tour has deleted things: from here on, the default fixture is served again.
  emulator.reset();
  if (once) return server.close();
  await buildPage();
  const page = await servePage({ port: pagePort, host });
  origins.push(page.url);
  const isBuilt = existsSync(join(DOCS, "index.html"));
  const unbuilt = isBuilt ? "" : ": build it with `npm run docs`, also while this runs";
  process.stdout.write(`
The demo page, to try every tool in the browser:

  ${page.url}
  ${page.url}/#/agent            what an agent sees: MCP, and the tools of each framework
  ${page.url}/live.html          with the key of a real Nango
  ${page.url}/docs/              the documentation${unbuilt}

Still serving on ${server.url}, until Ctrl+C. In another terminal:

  node pkg/bin/nango-toolkit.js tools
  NANGO_HOST=${server.url} NANGO_SECRET_KEY=${emulator.apiKey} \\
    node pkg/bin/nango-toolkit.js call NANGO_LIST_INTEGRATIONS
`);
  await new Promise((resolve) => ["SIGINT", "SIGTERM"].forEach((signal) => process.once(signal, resolve)));
  await Promise.all([server.close(), page.close()]);
}

/** An emulator with this key. Throws a {@link Problem} if the key is invalid. */
function emulatorWith(createEmulator, apiKey) {
  try {
    return createEmulator({ apiKey });
  } catch (error) {
    throw new Problem(error.message);
  }
}

async function real() {
  const apiKey = process.env.NANGO_SECRET_KEY;
  if (!apiKey) throw new Problem("`--real` needs the API key of a Nango environment: set NANGO_SECRET_KEY");
  await build();
  const { realTour } = await import("./tour.mjs");
  return (await realTour({ apiKey, baseUrl: process.env.NANGO_HOST || undefined })) ? 0 : 1;
}

/** Reports a port in use before minutes of building, not after. */
function mustBeFree(port, host, another) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (error) => {
      const taken =
        error.code === "EADDRINUSE"
          ? `port ${port} of ${host} is in use: stop the program that listens there`
          : `cannot listen on ${host} port ${port} (${error.message})`;
      reject(new Problem(`${taken}, or choose another: npm start -- ${another}`));
    });
    probe.listen(port, host, () => probe.close(resolve));
  });
}
