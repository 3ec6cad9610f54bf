// Milliseconds from process start to a first request ready to be sent: `startup.mjs CONTENDER`, in its own process.
const contenders = {
  async "nango-toolkit"() {
    const { buildRequest } = await import("nango-toolkit");
    return buildRequest("NANGO_GET_CONNECTION", { connection_id: "a", provider_config_key: "b" });
  },
  async "@nangohq/node"() {
    const { Nango } = await import("@nangohq/node");
    return new Nango({ secretKey: "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11", host: "http://127.0.0.1:9" });
  },
  async "@composio/core"() {
    const { Composio } = await import("@composio/core");
    return new Composio({ apiKey: "ak_0123456789", baseURL: "http://127.0.0.1:9", allowTracking: false });
  },
};
const started = performance.now();
await contenders[process.argv[2]]();
console.log(JSON.stringify(performance.now() - started));
process.exit(0);
