// Loads a WebAssembly module for its glue, once, and reports clearly if that fails. How its bytes are found is
// up to each entry file; a slim entry leaves it to the caller.
import { NangoToolkitError, type ErrorFields } from "./errors.js";
import { messageOf } from "./serialization.js";

/**
 * A compiled WebAssembly module, if the program's types include WebAssembly.
 *
 * @example
 * ```ts
 * import { readFileSync } from "node:fs";
 * import { fileURLToPath } from "node:url";
 * import { initSync, listTools, type CompiledModule } from "nango-toolkit/slim";
 *
 * const bytes = readFileSync(fileURLToPath(import.meta.resolve("nango-toolkit/nango_toolkit.wasm")));
 * const compiled: CompiledModule = new WebAssembly.Module(bytes);
 * initSync(compiled);
 * console.log(listTools().length);
 * ```
 */
export type CompiledModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Module } } }
  ? Module & object
  : object;

/** The bytes of a module: those of `nango-toolkit/nango_toolkit.wasm`, or `nango_emulator.wasm` for the emulator. */
export type Bytes = ArrayBufferView | ArrayBufferLike;

/** What `init` accepts; a string is a URL. */
export type Source = Bytes | CompiledModule | Response | URL | string;

/** The exports of wasm-bindgen's glue. */
interface Glue {
  instantiate(module: CompiledModule): unknown;
  __wbg_reset_state(): void;
}

/** The ways to load one module, and to replace its instance. */
export interface Loader {
  /**
   * Loads the module from bytes, a `WebAssembly.Module`, a `Response`, a URL, or a promise of one. Every other function
   * throws until then.
   *
   * @throws {@link NangoToolkitError} with the code `already_initialised`, `invalid_module` or `module_unavailable`. It
   * may be tried again.
   */
  init(source: Source | Promise<Source>): Promise<void>;
  /**
   * Loads the module from bytes or a `WebAssembly.Module`, synchronously.
   *
   * @throws {@link NangoToolkitError} with the code `already_initialised` or `invalid_module`. It may be tried again.
   */
  initSync(source: Bytes | CompiledModule): void;
  /** Throws if the module is not loaded, or was lost and cannot be instantiated again. */
  mustBeReady(): void;
  /** Replaces an instance that trapped by a new one; returns the error if that fails. */
  restart(): ErrorFields | undefined;
}

const loadError = (code: string, message: string, hint: string, cause?: unknown): NangoToolkitError =>
  new NangoToolkitError({
    kind: code === "module_unavailable" ? "network" : "invalid_option",
    code,
    message,
    hint,
    ...(cause !== undefined && { cause }),
  });

/**
 * The loader of one module.
 * @param name the module's file, without `_bg.wasm`
 * @param entry the name by which the module is imported
 * @param glue what wasm-bindgen generated for it
 */
export function createLoader(name: string, entry: string, glue: Glue): Loader {
  const file = `nango-toolkit/${name}.wasm`;
  let state: "none" | "loading" | "ready" | "lost" = "none";

  function begin(): void {
    if (state === "none") {
      state = "loading";
      return;
    }
    const already = state === "loading" ? "is already being loaded" : "is already loaded";
    const hint = `initialise only once; \`${entry}\` does it automatically, \`${entry}/slim\` leaves it to you`;
    throw loadError("already_initialised", `the module of \`${entry}\` ${already}`, hint);
  }

  /** The module from what is available synchronously. */
  function compile(source: unknown): WebAssembly.Module {
    if (isModule(source)) return source as WebAssembly.Module;
    if (!isBytes(source)) {
      const hint = "it takes bytes and a WebAssembly.Module; for a Response, a URL or a promise use `await init(…)`";
      throw loadError("invalid_module", `\`initSync\` was given ${describe(source)}`, hint);
    }
    try {
      return new WebAssembly.Module(source);
    } catch (cause) {
      throw compileError(cause);
    }
  }

  /** The module from anything that `init` accepts. */
  async function fetchModule(given: unknown): Promise<WebAssembly.Module> {
    const source = await given;
    if (isModule(source)) return source as WebAssembly.Module;
    if (typeof source === "string" || source instanceof URL) return await fetchModule(request(source));
    try {
      if (isBytes(source)) return await WebAssembly.compile(source);
      if (isResponse(source)) return await compileResponse(source);
    } catch (cause) {
      throw cause instanceof NangoToolkitError ? cause : compileError(cause);
    }
    const hint = `give the bytes of ${file}, a WebAssembly.Module, a Response or a URL`;
    throw loadError("invalid_module", `\`init\` was given ${describe(source)}`, hint);
  }

  function request(url: string | URL): Promise<Response> {
    return fetch(url).catch((cause) => {
      const message = `the module could not be fetched from \`${url}\`: ${messageOf(cause)}`;
      throw loadError("module_unavailable", message, `is ${file} served there? \`init\` takes bytes, too`, cause);
    });
  }

  async function compileResponse(response: Response): Promise<WebAssembly.Module> {
    if (response.ok === false) {
      const message = `the module could not be fetched from \`${response.url}\`: status ${response.status}`;
      throw loadError("module_unavailable", message, `is ${file} served there?`);
    }
    // Node has had `compileStreaming` since 18, some other hosts do not.
    const isWasm = response.headers?.get("content-type")?.startsWith("application/wasm");
    if (isWasm && "compileStreaming" in WebAssembly) return await WebAssembly.compileStreaming(response);
    // Not in one expression: the development server of Next.js would produce invalid code for its edge routes.
    const bytes = await response.arrayBuffer();
    return await WebAssembly.compile(bytes);
  }

  function compileError(cause: unknown): NangoToolkitError {
    const message = messageOf(cause);
    if (/content.security.policy|unsafe-eval|\bCSP\b/i.test(message)) {
      const hint = "add `'wasm-unsafe-eval'` to its `script-src`";
      const text = `the Content-Security-Policy of this page does not allow WebAssembly: ${message}`;
      return loadError("invalid_module", text, hint, cause);
    }
    if (/disallowed|not allowed|blocked/i.test(message)) {
      const hint = `import ${file} as a module, and initialise with that`;
      return loadError("invalid_module", `this runtime does not compile bytes: ${message}`, hint, cause);
    }
    const text = `these bytes are not a WebAssembly module, or not a whole one: ${message}`;
    return loadError("invalid_module", text, `give the whole of ${file}`, cause);
  }

  /** Instantiates the module if it belongs to this glue. */
  function start(module: WebAssembly.Module): void {
    const imports = WebAssembly.Module.imports(module);
    if (imports.length === 0 || imports.some((one) => one.module !== `./${name}_bg.js`)) {
      throw loadError("invalid_module", `this is another WebAssembly module than \`${entry}\` needs`, `give ${file}`);
    }
    try {
      glue.instantiate(module);
    } catch (cause) {
      const message = `the module does not fit this version of the package: ${messageOf(cause)}`;
      throw loadError("invalid_module", message, `give ${file} of the same version`, cause);
    }
    state = "ready";
  }

  function restart(): ErrorFields | undefined {
    try {
      glue.__wbg_reset_state();
      state = "ready";
      return undefined;
    } catch (cause) {
      state = "lost";
      return {
        kind: "internal",
        message: `the WebAssembly module failed, and could not be instantiated again: ${messageOf(cause)}`,
        hint: `each call of \`${entry}\` tries it again; is there no memory left?`,
        cause,
      };
    }
  }

  return {
    restart,
    mustBeReady() {
      if (state === "ready") return;
      if (state === "lost") {
        const lost = restart();
        if (!lost) return;
        throw new NangoToolkitError(lost);
      }
      const hint = `call \`await init(…)\` or \`initSync(…)\` first, or import \`${entry}\`, which loads by itself`;
      throw loadError("not_initialised", `the module of \`${entry}\` is not loaded`, hint);
    },
    async init(source) {
      begin();
      try {
        start(await fetchModule(source));
      } catch (error) {
        state = "none";
        throw error;
      }
    },
    initSync(source) {
      begin();
      try {
        start(compile(source));
      } catch (error) {
        state = "none";
        throw error;
      }
    },
  };
}

// By tag and not by `instanceof`: a module may come from another realm.
const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);
const isModule = (value: unknown): boolean => tagOf(value) === "WebAssembly.Module";
const isBytes = (value: unknown): value is BufferSource =>
  ArrayBuffer.isView(value) || /^(Shared)?ArrayBuffer$/.test(tagOf(value));
const isResponse = (value: unknown): value is Response =>
  typeof (value as Partial<Response> | null | undefined)?.arrayBuffer === "function";

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  return typeof value === "string" ? "a string" : `a value of type ${tagOf(value)}`;
}
