// The public API of the npm package as text: what each import exports, with its types, without comments.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CompilerState, Extractor, ExtractorConfig } from "@microsoft/api-extractor";
import { root } from "../../scripts/lib.mjs";

const PACKAGE = join(root, "pkg");

/** The API in the form of tests/fixtures/npm_api.txt. */
export function npmApi() {
  const { name, exports } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  const entries = Object.entries(exports).map(([path, { types }]) => [name + path.slice(1), types?.default ?? types]);
  const files = [...new Set(entries.map(([, file]) => file).filter(Boolean))];
  const folder = mkdtempSync(join(tmpdir(), "nango-toolkit-api-"));
  try {
    // One compilation for all entries.
    const additionalEntryPoints = files.map((file) => join(PACKAGE, file));
    const compilerState = CompilerState.create(configOf(files[0], folder), { additionalEntryPoints });
    const reports = new Map(files.map((file) => [file, report(file, folder, compilerState)]));
    const firsts = new Map(entries.toReversed().map(([path, file]) => [file, path]));
    return entries
      .map(([path, file]) => {
        const text = firsts.get(file) === path ? reports.get(file) : `as ${firsts.get(file)}`;
        return `# ${path}\n\n${file ? text : "a file"}\n`;
      })
      .join("\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function configOf(file, folder) {
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
  return ExtractorConfig.prepare({
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
}

/** What a file of declarations exports, sorted by name. */
function report(file, folder, compilerState) {
  const problems = [];
  const { succeeded } = Extractor.invoke(configOf(file, folder), {
    compilerState,
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
