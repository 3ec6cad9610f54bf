// The tools as each framework receives them, made by the package's adapters, and about how many tokens they take.
import { useEffect, useMemo, useState } from "preact/hooks";
import { explain } from "./core.js";
import { pretty } from "./json.js";
import { Copy } from "./parts.jsx";
import { notify } from "./store.js";
import { Tree } from "./tree.jsx";

/** Models count differently; four characters per token is the usual estimate for English and JSON. */
const tokens = (value) => Math.ceil((JSON.stringify(value)?.length ?? 0) / 4);
const count = (number) => number.toLocaleString("en");
/** Functions are for the framework; a model does not see them. */
const shown = (form) => JSON.parse(JSON.stringify(form, (_, value) => (typeof value === "function" ? "ƒ" : value)));

export function Forms({ forms, source }) {
  const [chosen, choose] = useState("mcp");
  const [made, setMade] = useState();
  useEffect(() => {
    let gone = false;
    Promise.resolve(forms[chosen].make(source)).then(
      (form) => gone || setMade({ chosen, form }),
      (error) => gone || notify(explain(error)),
    );
    return () => (gone = true);
  }, [forms, source, chosen]);
  const { title, code, from = chosen } = forms[chosen];
  return (
    <section class="card" aria-label="tools by framework">
      <div class="bar">
        <h2>The tools as frameworks receive them</h2>
        <label class="inline">
          Framework
          <select value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
            {Object.entries(forms).map(([id, form]) => (
              <option key={id} value={id}>
                {form.title}
              </option>
            ))}
          </select>
        </label>
      </div>
      <pre class="code" aria-label={`code for ${title}`} tabIndex={0}>
        {`${importOf(chosen, from)}\n\n${code}`}
      </pre>
      {made?.chosen === chosen && <Form form={forms[chosen]} made={made.form} />}
    </section>
  );
}

const importOf = (id, from) =>
  id === "mcp"
    ? 'import { createMcpHandler } from "nango-toolkit/mcp";'
    : `import { ${id === "claude-agent-sdk" ? "toolNames, toTools" : "toTools"} } from "nango-toolkit/${from}";`;

function Form({ form, made }) {
  const [json, each] = useMemo(() => {
    const list = form.tools(made);
    const names = form.names?.(made) ?? list.map((tool) => tool.name);
    return [shown(made), list.map((tool, index) => [names[index], tokens(tool)])];
  }, [form, made]);
  const all = each.reduce((sum, [, own]) => sum + own, 0);
  const most = Math.max(1, ...each.map(([, own]) => own));
  return (
    <>
      <div class="bar">
        <p class="dim">
          About {count(all)} tokens for {each.length} tools: an estimate with four characters per token. Every model
          counts differently. ƒ is a function that the framework calls.
        </p>
        <Copy text={() => pretty(json)} />
      </div>
      <div class="two">
        <table class="plain-table tokens">
          <thead>
            <tr>
              <th scope="col">tool</th>
              <th scope="col">tokens (estimate)</th>
              <th scope="col" class="unseen">
                share
              </th>
            </tr>
          </thead>
          <tbody>
            {each.map(([name, own]) => (
              <tr key={name}>
                <td>
                  <code>{name}</code>
                </td>
                <td class="number">{count(own)}</td>
                <td class="lane" aria-hidden="true">
                  <svg width="100%" height="12">
                    <rect class="share" x="0" y="2" width={`${(own / most) * 100}%`} height="8" rx="2" />
                  </svg>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <Tree value={json} label="tool list" />
      </div>
    </>
  );
}
