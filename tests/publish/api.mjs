// The public API of the npm package as text: what each import exports, with its types, without comments.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Extractor, ExtractorConfig } from "@microsoft/api-extractor";
import { root } from "../../scripts/lib.mjs";

const PACKAGE = join(root, "pkg");

/** The API in the form of tests/fixtures/npm_api.txt. */
export function npmApi() {
  const manifest = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  const folder = mkdtempSync(join(tmpdir(), "nango-toolkit-api-"));
  const seen = new Map();
  try {
    return Object.entries(manifest.exports)
      .map(([path, { types }]) => {
        const name = manifest.name + path.slice(1);
        if (!types) return `# ${name}\n\na file\n`;
        const file = types.default ?? types;
        const other = seen.get(file);
        seen.set(file, other ?? name);
        return `# ${name}\n\n${other ? `as ${other}` : report(file, folder)}\n`;
      })
      .join("\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a file of declarations exports, sorted by name. */
function report(file, folder) {
  const entry = join(PACKAGE, file);
  const compilerOptions = {
    target: "es2022",
    lib: ["es2022", "dom", "dom.iterable", "dom.asynciterable"],
    module: "nodenext",
    types: [],
    strict: true,
    skipLibCheck: true,
  };
  const none = { default: { logLevel: "none" } };
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(PACKAGE, "package.json"),
    configObject: {
      projectFolder: PACKAGE,
      mainEntryPointFilePath: entry,
      compiler: { overrideTsconfig: { compilerOptions, files: [entry] } },
      apiReport: { enabled: true, reportFileName: "api", reportFolder: folder, reportTempFolder: folder },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: "error" } },
        extractorMessageReporting: none,
        tsdocMessageReporting: none,
      },
    },
  });
  const problems = [];
  const { succeeded } = Extractor.invoke(config, {
    localBuild: true,
    messageCallback(message) {
      if (message.logLevel === "error") problems.push(message.text);
      message.handled = true;
    },
  });
  if (!succeeded) throw new Error(`${file}: ${problems.join("; ")}`);
  const text = readFileSync(join(folder, "api.api.md"), "utf8").replaceAll("\r\n", "\n");
  return /```ts\n(.*)```/s
    .exec(text)[1]
    .replace(/^\s*\/\/.*\n/gm, "")
    .replace(/\n{2,}/g, "\n")
    .trim();
}
