/** Types of `nango-toolkit/slim`: everything of `nango-toolkit`, and the loading of its module left to you. */
export * from "./index.js";
export * from "./load-toolkit.js";
