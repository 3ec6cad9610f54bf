// The request of the drafted call, as HTTP and as code.
import { useMemo, useState } from "preact/hooks";
import { draftOf } from "./drafts.js";
import { Copy, Tabs } from "./parts.jsx";
import { snippets } from "./snippets.js";
import { useStore } from "./store.js";

const TABS = [
  ["http", "HTTP"],
  ["curl", "curl"],
  ["js", "JavaScript"],
  ["mcp", "MCP"],
];
const LONGEST = 20_000;

export function Request({ tool }) {
  useStore();
  const [tab, choose] = useState("http");
  const draft = draftOf(tool.slug);
  const all = useMemo(() => (draft.error ? {} : snippets(tool.slug, draft.value)), [draft]);
  const text = all[tab];
  return (
    <section class="card" aria-label="request">
      <Tabs label="request as" tabs={TABS} chosen={tab} choose={choose} extra={text && <Copy text={text} />}>
        {text ? (
          <pre class="code">
            <bdi>{text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}</bdi>
          </pre>
        ) : (
          <p class="dim pad">There is no request until the arguments are valid.</p>
        )}
      </Tabs>
    </section>
  );
}
