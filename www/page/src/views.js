// The views other than the tools: a separate chunk, so that the first view does not wait for them.
export { Agent } from "./agent.jsx";
export { Log } from "./log.jsx";
export { Requests } from "./requests.jsx";
export { SessionView as Session } from "./sessionview.jsx";
export { World } from "./world.jsx";
