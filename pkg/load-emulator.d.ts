/** What the slim entry of the emulator adds: loading its module by hand. */
export * from "./load-toolkit.js";
