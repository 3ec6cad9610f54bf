// The entry of the Worker: its module is loaded once for each instance.
import { handle, initSync } from "./built/worker.js";
import module from "./built/worker_bg.wasm";

initSync({ module });

export default { fetch: (request, env) => handle(request, env) };
