/** Types of `nango-toolkit/slim`: everything of `nango-toolkit`, and the loading of its module left to you. */
export * from "./index.d.ts";
export * from "./load.d.ts";
