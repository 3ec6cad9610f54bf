// workerd: instantiates the module n times. Its clock does not advance meanwhile, so the caller measures the time.
import { listTools } from "nango-toolkit";
import module from "nango-toolkit/nango_toolkit.wasm";

const imports = {};
for (const { module: from, name } of WebAssembly.Module.imports(module)) (imports[from] ??= {})[name] = () => {};

export default {
  fetch(request) {
    const count = Number(new URL(request.url).searchParams.get("count"));
    for (let i = 0; i < count; i++) new WebAssembly.Instance(module, imports);
    return new Response(String(listTools().length));
  },
};
