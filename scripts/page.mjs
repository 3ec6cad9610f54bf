// The demo page: built into a static folder that any host can serve, and served on this machine, with the documentation
// beside it.
// `node scripts/page.mjs` builds it from a built package; `npm run build` and `npm start` do, too.

import { createServer } from "node:http";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, extname, join, normalize } from "node:path";
import { gzipSync } from "node:zlib";
import { Problem, ensurePackages, isMain, program, root, step } from "./lib.mjs";

const SOURCE = join(root, "www", "page");
export const OUT = join(root, "dist", "page");
/** Where `npm run docs` writes the documentation. */
export const DOCS = join(root, "dist", "docs");

/**
 * What the page may do. index.html may not connect to any server: the browser enforces that. Only live.html may reach
 * a Nango server, at the address that its user enters. No string ever becomes markup or a script: Trusted Types.
 */
const policy = (mode) =>
  [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self'${mode === "live" ? " https: http://localhost:* http://127.0.0.1:*" : ""}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");

/** Headers that a page cannot set itself: it must not be framed. */
const HEADERS = {
  "content-security-policy": "frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
};

const PAGES = { "index.html": "memory", "live.html": "live" };

/** Builds the page into `out` and prints what was written. */
export async function buildPage({ out = OUT } = {}) {
  for (const name of ["nango_toolkit", "nango_emulator"]) {
    if (!existsSync(join(root, "pkg", "wasm", `${name}_bg.wasm`)))
      throw new Problem("the package is not built: run `npm run build`");
  }
  // The page's own packages: its editor.
  await ensurePackages(join("www", "page"));
  // Only after the packages have been installed.
  const { build } = await import("esbuild");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { page: join(SOURCE, "src", "main.jsx") },
    outdir: out,
    entryNames: "[name]-[hash]",
    chunkNames: "part-[hash]",
    assetNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    minify: true,
    jsx: "automatic",
    jsxImportSource: "preact",
    loader: { ".wasm": "file" },
    // The list of tools is drawn before the module has been loaded.
    define: { TOOL_INDEX: JSON.stringify(toolIndex()) },
    metafile: true,
    logLevel: "error",
  });
  const files = Object.keys(metafile.outputs).map((path) => basename(path));
  const [main, parts] = staticParts(metafile);
  const find = (pattern) => files.find((file) => pattern.test(file)) ?? fail(`the build made no file like ${pattern}`);
  cpSync(join(SOURCE, "icon.svg"), join(out, "icon.svg"));
  const template = readFileSync(join(SOURCE, "index.html"), "utf8");
  // Everything that the first view needs is requested in parallel.
  const wasm = find(/^nango_toolkit_bg-.*\.wasm$/);
  const preload = [
    ...parts.map((file) => `<link rel="modulepreload" href="${file}">`),
    `<link rel="preload" href="${wasm}" as="fetch" type="application/wasm" crossorigin fetchpriority="low">`,
  ].join("\n");
  for (const [page, mode] of Object.entries(PAGES)) {
    const values = { policy: policy(mode), icon: "icon.svg", css: find(/^page-.*\.css$/), js: main, preload, mode };
    writeFileSync(
      join(out, page),
      template.replace(/\{\{(\w+)\}\}/g, (_, name) => values[name] ?? fail(`there is no value for {{${name}}}`)),
    );
  }
  // Read by Cloudflare's and Netlify's static hosts.
  writeFileSync(
    join(out, "_headers"),
    `/*\n${Object.entries(HEADERS)
      .map(([name, value]) => `  ${name}: ${value}\n`)
      .join("")}`,
  );
  return weigh(out);
}

/** What the list shows of each tool. */
const toolIndex = () =>
  JSON.parse(readFileSync(join(root, "pkg", "catalogue.json"), "utf8")).map(({ slug, title, toolset, effect }) => ({
    slug,
    title,
    toolset,
    effect,
  }));

/** The script of the first view: its file and its static imports. */
function staticParts({ outputs }) {
  const [main] = Object.entries(outputs).find(([, output]) => output.entryPoint?.endsWith("main.jsx"));
  const found = new Set();
  const follow = (path) => {
    for (const one of outputs[path].imports) {
      if (one.kind !== "import-statement" || found.has(one.path)) continue;
      found.add(one.path);
      follow(one.path);
    }
  };
  follow(main);
  return [basename(main), [...found].map((path) => basename(path))];
}

const fail = (message) => {
  throw new Problem(message);
};

/** Each file of a built page with its size, raw and compressed. */
export function weigh(out = OUT) {
  return readdirSync(out)
    .sort()
    .map((file) => ({ file, bytes: readFileSync(join(out, file)) }))
    .map(({ file, bytes }) => ({ file, raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length }));
}

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".json": "application/json",
  ".woff2": "font/woff2",
};
const TEXT = "text/plain; charset=utf-8";

/** The file of the documentation at a path below `/docs/`: its bytes, or why there is none. */
function documentation(folder, pathname) {
  if (!existsSync(join(folder, "index.html"))) {
    return {
      refusal: "the documentation is not built yet: run `npm run docs` in the repository, then reload this page",
    };
  }
  let path = pathname.slice("/docs/".length) || "index.html";
  try {
    path = normalize(decodeURIComponent(path));
  } catch {
    // Not the name of a file.
  }
  const file = join(folder, path.endsWith("/") ? `${path}index.html` : path);
  const isBelow = !path.startsWith("..") && !path.includes("\0");
  return isBelow && statSync(file, { throwIfNoEntry: false })?.isFile() ? { bytes: readFileSync(file) } : {};
}

/**
 * Serves a built page to its own origin only, and the documentation below `/docs/` if it is built.
 * @returns {Promise<{ url: string, close: () => Promise<void> }>} rejects with the system's error when it cannot listen
 */
export async function servePage({ port = 8788, host = "127.0.0.1", out = OUT, docs = DOCS } = {}) {
  const files = new Map(weigh(out).map(({ file }) => [`/${file}`, readFileSync(join(out, file))]));
  files.set("/", files.get("/index.html"));
  const packed = new Map();
  const { refusal } = await import("../pkg/dist/bin/origins.js");
  const server = createServer((request, response) => {
    const refuse = (status, text) => response.writeHead(status, { "content-type": TEXT, ...HEADERS }).end(text);
    const refused = refusal(request.headers, { host });
    if (refused !== undefined) return refuse(403, refused);
    // Not every target of a request is a URL: `//` is not.
    const pathname = request.url.split("?", 1)[0];
    if (pathname === "/docs") return response.writeHead(308, { location: "/docs/", ...HEADERS }).end();
    // The documentation may be built while this server runs.
    const isPage = files.has(pathname);
    const found = pathname.startsWith("/docs/") ? documentation(docs, pathname) : { bytes: files.get(pathname) };
    const { bytes, refusal: reason = "there is nothing here" } = found;
    if (!bytes) return refuse(404, reason);
    if (!["GET", "HEAD"].includes(request.method)) return refuse(405, "there is nothing here");
    if (isPage && !packed.has(pathname)) packed.set(pathname, gzipSync(bytes, { level: 9 }));
    const gzip = isPage && /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
    const body = gzip ? packed.get(pathname) : bytes;
    const cached = /-[A-Z0-9]{8}\./.test(pathname) ? "public, max-age=31536000, immutable" : "no-cache";
    const type = TYPES[extname(pathname)] ?? (/\.\w+$|LICENSE/.test(pathname) ? TEXT : TYPES[".html"]);
    response.writeHead(200, {
      "content-type": type,
      "content-length": body.length,
      "cache-control": cached,
      vary: "accept-encoding",
      ...(gzip && { "content-encoding": "gzip" }),
      ...HEADERS,
    });
    response.end(request.method === "HEAD" ? undefined : body);
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return { url: `http://${host}:${server.address().port}`, close };
}

/** Builds the page and prints its size. */
export async function buildAndReport() {
  const files = await buildPage();
  step("demo page, bytes");
  const total = files.reduce((sum, { raw, gzip }) => ({ raw: sum.raw + raw, gzip: sum.gzip + gzip }), {
    raw: 0,
    gzip: 0,
  });
  for (const { file, raw, gzip } of [...files, { file: "all of it", ...total }]) {
    process.stdout.write(`${file.padEnd(34)}${String(raw).padStart(8)} raw${String(gzip).padStart(8)} gzip\n`);
  }
}

if (isMain(import.meta.url)) program(buildAndReport);
