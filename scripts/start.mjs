// `npm start`: from a fresh clone to all tools at work. Installs and builds what is missing, serves the
// in-memory Nango, and shows a short tour of it. With --real it tours a real server, read-only.

import { createServer } from "node:net";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { Problem, program, step } from "./lib.mjs";

const HELP = `npm start [-- options]

  --port N   port of the in-memory Nango (default 3003)
  --once     end after the tour instead of serving on
  --real     tour a real server with read-only calls: needs NANGO_SECRET_KEY, honours NANGO_HOST
  --help     this help`;

program(async () => {
  const options = { port: { type: "string", default: "3003" }, once: { type: "boolean" }, real: { type: "boolean" }, help: { type: "boolean" } };
  const { values } = parseArgs({ options });
  if (values.help) return void process.stdout.write(`${HELP}\n`);
  if (Number(process.versions.node.split(".")[0]) < 20) throw new Problem(`Node 20 or newer is needed, this is ${process.version}`);
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Problem(`\`--port\` expects a number from 0 to 65535, given \`${values.port}\``);
  return values.real ? real() : emulated(port, values.once);
});

async function emulated(port, once) {
  const host = "127.0.0.1";
  if (port !== 0) await mustBeFree(port, host);
  await build();
  const { createEmulator } = await import("../pkg/entry/emulator-node.js");
  const { serve } = await import("../pkg/bin/serve.js");
  const { emulatedTour } = await import("./tour.mjs");
  const emulator = createEmulator();
  const server = await serve(emulator, { port, host });
  step(`in-memory Nango on ${server.url}`);
  await emulatedTour({ apiKey: emulator.apiKey, baseUrl: server.url });
  // The tour has deleted things: what is served from here on is the first world again.
  emulator.reset();
  if (once) return server.close();
  process.stdout.write(`
Still serving on ${server.url}, until Ctrl+C. In another terminal:

  node pkg/bin/nango-toolkit.js tools
  NANGO_HOST=${server.url} NANGO_SECRET_KEY=${emulator.apiKey} \\
    node pkg/bin/nango-toolkit.js call NANGO_LIST_INTEGRATIONS
`);
  await new Promise((resolve) => ["SIGINT", "SIGTERM"].forEach((signal) => process.once(signal, resolve)));
  await server.close();
}

async function real() {
  const apiKey = process.env.NANGO_SECRET_KEY;
  if (!apiKey) throw new Problem("`--real` needs the API key of a Nango environment: set NANGO_SECRET_KEY");
  await build();
  const { realTour } = await import("./tour.mjs");
  return (await realTour({ apiKey, baseUrl: process.env.NANGO_HOST || undefined })) ? 0 : 1;
}

/** Says that the port is taken before minutes of building, not after. */
function mustBeFree(port, host) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (error) => {
      const taken = error.code === "EADDRINUSE" ? `port ${port} of ${host} is taken: stop what listens there` : `cannot listen on ${host} port ${port} (${error.message})`;
      reject(new Problem(`${taken}, or choose another: npm start -- --port 3004`));
    });
    probe.listen(port, host, () => probe.close(resolve));
  });
}
