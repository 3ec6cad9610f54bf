#!/usr/bin/env node
// The command `nango-toolkit`: finds the subcommand and converts its errors to messages and exit codes.
import { readFileSync } from "node:fs";
import { COMMANDS } from "./commands.js";
import { nearest } from "./nearest.js";
import { EXIT, UsageError, print, printError } from "./output.js";

const LIST = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(10)}  ${summary}`);

const HELP = `Nango's API as tools, from the command line.

Usage: nango-toolkit <command> [options]

Commands:
${LIST.join("\n")}

Options:
  -h, --help   help, also for each command: nango-toolkit call --help
  --version    the version of this package; \`nango-toolkit version\` prints it, too

Environment:
  NANGO_SECRET_KEY   API key of your Nango environment
  NANGO_HOST         base URL of a self-hosted Nango (default https://api.nango.dev)
  NO_COLOR           no colours
  HTTPS_PROXY        a proxy for requests, from Node 22.21 and 24 on: with NODE_USE_ENV_PROXY=1

Exit codes: 0 success, 1 the call failed, 2 usage error (nothing was sent)`;

const version = (): string => JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version;

async function main([name = "help", ...args]: string[]): Promise<number | void> {
  if (["--help", "-h", "help"].includes(name)) return print(HELP);
  if (["--version", "-v", "version"].includes(name)) return print(version());
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!entry) throw unknownCommand(name);
  const { main: command, help } = await entry.load();
  return command(args, () => print(help));
}

function unknownCommand(name: string): UsageError {
  const names = [...Object.keys(COMMANDS), "help", "version"];
  const near = nearest(name, names);
  const list = names.join(", ");
  if (near === undefined) return new UsageError(`unknown command \`${name}\`: expected one of ${list}`);
  return new UsageError(`unknown command \`${name}\`: did you mean \`${near}\`?`, `the commands are ${list}`);
}

// A reader that closes the pipe (`| head`) is not an error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(EXIT.ok);
});

// Node would print the line of the bundle that threw, which is the whole bundle.
process.on("uncaughtException", (error) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exit(EXIT.failed);
});

try {
  process.exitCode = (await main(process.argv.slice(2))) ?? EXIT.ok;
} catch (error) {
  if (error instanceof UsageError) printError(error);
  else process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exitCode = error instanceof UsageError ? EXIT.usage : EXIT.failed;
}
