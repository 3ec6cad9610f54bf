// The toolkit without automatic loading: call `init` or `initSync` first.
export { init, initSync } from "../load-toolkit.js";
export * from "../index.js";
