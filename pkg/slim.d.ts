/** Types of `nango-toolkit/slim`: everything of `nango-toolkit`, and the loading of its module left to you. */
export * from "./index.js";

/** A compiled WebAssembly module, where the program's types know of WebAssembly. */
export type CompiledModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Module } } } ? Module & object : object;

/** What holds the module's bytes: `nango-toolkit/nango_toolkit.wasm`; `nango_emulator.wasm` for the emulator. */
export type Bytes = ArrayBufferView | ArrayBufferLike;

/**
 * Loads the module; everything else throws until then. Rejects when it is loaded already, and for what is not
 * the module of this version; it may be tried again then.
 */
export function init(source: Source | Promise<Source>): Promise<void>;
/** What {@link init} takes; a text is a URL. */
export type Source = Bytes | CompiledModule | Response | URL | string;

/** The same at once, for what needs no waiting. */
export function initSync(source: Bytes | CompiledModule): void;
