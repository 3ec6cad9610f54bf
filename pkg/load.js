// Brings a WebAssembly module to its glue, once, and says in words what is wrong with it. How its bytes
// arrive is each entry file's business; a slim entry leaves it to the caller. Each file costs its share of the
// start, so the error that the package throws is here as well, and the glue calls `loader` itself.

/** Misuse by the programmer: an unknown option, no key, a base URL that is none, a module that is not loaded. */
export class NangoToolkitError extends Error {
  constructor({ message, issues, hint, cause, ...rest }) {
    super(hint ? `${message} (${hint})` : message, cause === undefined ? undefined : { cause });
    this.name = "NangoToolkitError";
    Object.assign(this, rest, { hint, issues: issues ?? [] });
  }
}

const fault = (code, message, hint, cause) => new NangoToolkitError({ code, message, hint, cause });

/**
 * The ways to load one module.
 * @param {string} name the module's file, without `.wasm`
 * @param {string} entry the name it is imported by
 * @param {(module: WebAssembly.Module) => void} instantiate the glue's part of it
 * @param {() => void} reset the glue's way to a fresh instance of the same module
 */
export function loader(name, entry, instantiate, reset) {
  const file = `nango-toolkit/${name}.wasm`;
  /** @type {"none" | "loading" | "ready" | "lost"} */
  let state = "none";

  function begin() {
    if (state === "none") return void (state = "loading");
    const before = state === "loading" ? "is being loaded already" : "is loaded already";
    throw fault("already_initialised", `the module of \`${entry}\` ${before}`, `initialise once; \`${entry}\` does it by itself, \`${entry}/slim\` leaves it to you`);
  }

  /** The module from what can be had at once. */
  function compiled(source) {
    if (isModule(source)) return source;
    if (!isBytes(source)) {
      const hint = "bytes and a WebAssembly.Module are taken at once; for a Response, a URL or a promise use `await init(…)`";
      throw fault("invalid_module", `\`initSync\` was given ${kindOf(source)}`, hint);
    }
    try {
      return new WebAssembly.Module(source);
    } catch (cause) {
      throw unreadable(cause);
    }
  }

  /** The module from whatever `init` takes. */
  async function fetched(given) {
    const source = await given;
    if (isModule(source)) return source;
    if (typeof source === "string" || source instanceof URL) {
      const answer = fetch(source).catch((cause) => {
        throw fault("module_unavailable", `the module could not be fetched from \`${source}\`: ${cause.message}`, `is ${file} served there? bytes can be given, too`, cause);
      });
      return fetched(answer);
    }
    try {
      if (isBytes(source)) return await WebAssembly.compile(source);
      if (typeof source?.arrayBuffer === "function") {
        if (source.ok === false) throw fault("module_unavailable", `the module could not be fetched from \`${source.url}\`: status ${source.status}`, `is ${file} served there?`);
        const isWasm = source.headers?.get("content-type")?.startsWith("application/wasm");
        return isWasm && WebAssembly.compileStreaming ? await WebAssembly.compileStreaming(source) : await WebAssembly.compile(await source.arrayBuffer());
      }
    } catch (cause) {
      throw cause instanceof NangoToolkitError ? cause : unreadable(cause);
    }
    throw fault("invalid_module", `\`init\` was given ${kindOf(source)}`, `give the bytes of ${file}, a WebAssembly.Module, a Response or a URL`);
  }

  function unreadable(cause) {
    const { message } = cause;
    if (/disallowed|not allowed|blocked/i.test(message)) {
      return fault("invalid_module", `this runtime compiles no bytes: ${message}`, `import ${file} as a module, and initialise with that`, cause);
    }
    return fault("invalid_module", `these bytes are no WebAssembly module, or not all of one: ${message}`, `give the whole of ${file}`, cause);
  }

  /** Instantiates, when it is the module that belongs to this glue. */
  function start(module) {
    const imports = WebAssembly.Module.imports(module);
    if (imports.length === 0 || imports.some((one) => one.module !== `./${name}_bg.js`)) {
      throw fault("invalid_module", `this is another WebAssembly module than \`${entry}\` needs`, `give ${file}`);
    }
    try {
      instantiate(module);
    } catch (cause) {
      throw fault("invalid_module", `the module does not fit this version of the package: ${cause.message}`, `give ${file} of the same version`, cause);
    }
    state = "ready";
  }

  /** A fresh instance in place of one that trapped; what to say where there can be none now. */
  function again() {
    try {
      reset();
      state = "ready";
    } catch (cause) {
      state = "lost";
      return { code: "internal", kind: "internal", message: `the WebAssembly module failed, and cannot be made again: ${cause.message}`, hint: `each call of \`${entry}\` tries it anew; is there no memory left?`, cause };
    }
  }

  return {
    again,
    /** Throws when the module is not loaded, or was lost and cannot be made again. */
    mustBeReady() {
      if (state === "ready") return;
      if (state === "lost") {
        const lost = again();
        if (!lost) return;
        throw new NangoToolkitError(lost);
      }
      throw fault("not_initialised", `the module of \`${entry}\` is not loaded`, `call \`await init(…)\` or \`initSync(…)\` first, or import \`${entry}\`, which loads it by itself`);
    },
    /** Loads from bytes, a WebAssembly.Module, a Response, a URL, or a promise of one. */
    async init(source) {
      begin();
      try {
        start(await fetched(source));
      } catch (error) {
        state = "none";
        throw error;
      }
    },
    /** Loads from bytes or a WebAssembly.Module. */
    initSync(source) {
      begin();
      try {
        start(compiled(source));
      } catch (error) {
        state = "none";
        throw error;
      }
    },
  };
}

// By name: a module may come from another realm.
const tag = (value) => Object.prototype.toString.call(value).slice(8, -1);
const isModule = (value) => tag(value) === "WebAssembly.Module";
const isBytes = (value) => ArrayBuffer.isView(value) || /^(Shared)?ArrayBuffer$/.test(tag(value));
const kindOf = (value) => (value === undefined ? "nothing" : value === null ? "null" : typeof value === "string" ? "a text" : `a value of type ${tag(value)}`);
