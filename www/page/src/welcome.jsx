// The first view: what this is, and natural requests that lead to a call that is ready.
import { useState } from "preact/hooks";
import { Icon } from "./parts.jsx";
import { live, useStore } from "./store.js";

/** Requests as people write them; a click opens the tool with what they name filled in. */
const PROMPTS = live
  ? [
      ["Which apps are set up?", "NANGO_LIST_INTEGRATIONS"],
      ["Show the ten newest connections", "NANGO_CONNECTION_LIST_GET"],
      ["Does Nango support HubSpot?", "NANGO_PROVIDERS_LIST_GET"],
      ["Get configuration for all available scripts", "NANGO_SCRIPTS_CONFIG_GET"],
    ]
  : [
      ["Which CRM accounts are connected?", "NANGO_CONNECTION_LIST_GET"],
      ["Show two connections of Ada", "NANGO_CONNECTION_LIST_GET"],
      ["Are all Zendesk syncs healthy?", "NANGO_GET_SYNC_STATUS"],
      ["Read contacts from Ada's HubSpot", "NANGO_GET_PROXY"],
      ["Disconnect the GitHub account of Alan", "NANGO_DELETE_CONNECTION"],
    ];

/** @param props.start opens the tool of a request, and runs it */
export function Welcome({ unknown, start }) {
  const { tools } = useStore();
  const [starting, setStarting] = useState();
  const begin = (prompt, slug) => {
    setStarting(prompt);
    start(slug, prompt);
  };
  return (
    <div class="welcome">
      {unknown && (
        <p class="issue" role="alert">
          There is no tool <bdi>{unknown.slice(0, 120)}</bdi>.
        </p>
      )}
      <h2>Nango's API as tools for AI agents</h2>
      <p>
        Nango keeps the OAuth tokens of your users' accounts. These {tools.length} tools let an agent use them:
        arguments are checked before anything is sent, and secrets are masked in what comes back.{" "}
        {live
          ? "This page calls a real Nango with your key."
          : "Here they run on a Nango in this page's memory, with made-up data: try anything."}
      </p>
      <h3>Start with a request</h3>
      <ul class="prompts">
        {PROMPTS.map(([prompt, slug]) => (
          <li key={prompt}>
            <button type="button" aria-busy={starting === prompt || undefined} onClick={() => begin(prompt, slug)}>
              <Icon name="play" />
              <span>
                {prompt}
                <code>{slug}</code>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <p class="hint">Or describe what you need in the search field, or pick a tool from the list.</p>
    </div>
  );
}
