// The tools: the list with its search, and one tool with its call, request and result.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Call } from "./call.jsx";
import { loaded } from "./core.js";
import { writeValue } from "./drafts.js";
import { argumentsFor } from "./fill.js";
import { exampleFor, find } from "./find.js";
import { go } from "./link.js";
import { Effect, EffectLegend, Icon, Tabs } from "./parts.jsx";
import { Request } from "./request.jsx";
import { Result } from "./result.jsx";
import { obstacle, refreshWorld, run } from "./run.js";
import { summary } from "./saved.js";
import { refusal, seenTool } from "./session.js";
import { live, notify, set, state, useStore } from "./store.js";
import { Tree } from "./tree.jsx";
import { Welcome } from "./welcome.jsx";

export function Tools() {
  const { route, tools, phase, search } = useStore();
  const tool = tools.find((one) => one.slug === route.slug);
  useReturn(route.slug);
  return (
    <div class={`tools ${tool ? "opened" : ""} ${search.trim() ? "searching" : ""}`}>
      {!tool && <Welcome unknown={route.unknown} start={tryOut} />}
      <List chosen={tool} />
      {tool && phase === "loading" ? (
        <p class="booting">Loading Nango's tools…</p>
      ) : (
        tool && <Tool key={tool.slug} tool={seenTool(tool)} />
      )}
    </div>
  );
}

/** On a phone the list is hidden while a tool is open: the focus goes along, and back to the entry. */
function useReturn(slug) {
  const before = useRef();
  useEffect(() => {
    const left = before.current;
    before.current = slug;
    const { activeElement } = document;
    if (activeElement !== document.body && activeElement?.checkVisibility()) return;
    const target = slug ? ".back" : left && `.list a[href="#/tools/${left}"]`;
    if (target && left !== slug) document.querySelector(target)?.focus({ preventScroll: Boolean(slug) });
  }, [slug]);
}

/** Opens a tool for a request, and runs it unless something is missing. */
async function tryOut(slug, text) {
  await openFor(slug, text);
  if (!obstacle(slug)) run(slug);
}

/** Opens a tool with the arguments that a request names. */
async function openFor(slug, text) {
  await loaded;
  // The words name things of the world.
  if (!live && !state.world) await refreshWorld().catch((error) => notify(error.message));
  const tool = state.tools.find((one) => one.slug === slug);
  writeValue(slug, argumentsFor(tool, text, state.world));
  go(`#/tools/${slug}`);
}

function List({ chosen }) {
  const { search, tools, phase, view } = useStore();
  const list = useRef();
  const seen = (tool) => !refusal(tool);
  const found = useMemo(() => find(search).filter(seen), [search, tools, phase, view]);
  const hidden = tools.length - tools.filter(seen).length;
  const searching = search.trim() !== "";
  const open = (tool) => openFor(tool.slug, search);
  const onKeyDown = (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      // Text that was typed before the module was loaded is searched afterwards.
      const text = event.currentTarget.value;
      loaded.then(() => {
        const [best] = find(text).filter(seen);
        if (best && text.trim() !== "") openFor(best.slug, text);
      });
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      list.current.querySelector("a")?.focus();
    } else if (event.key === "Escape") set({ search: "" });
  };
  const move = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.target.tagName !== "A") return;
    event.preventDefault();
    const links = [...list.current.querySelectorAll("a")];
    links[links.indexOf(event.target) + step]?.focus();
  };
  return (
    <nav class="list" aria-label="tools">
      {!chosen && <h1 class="unseen">Tools</h1>}
      <div class="search">
        <Icon name="search" />
        <input
          id="search"
          type="search"
          placeholder="What should it do?"
          aria-label="search tools"
          value={search}
          onInput={(event) => set({ search: event.currentTarget.value })}
          onKeyDown={onKeyDown}
          autocomplete="off"
          spellcheck={false}
          aria-keyshortcuts="/"
        />
      </div>
      <p class="unseen" role="status">
        {searching ? `${found.length} tools found` : ""}
      </p>
      <div ref={list} onKeyDown={move} class="scroll">
        {searching ? (
          <ul class="hits">
            {found.map((tool) => (
              <Hit key={tool.slug} tool={tool} chosen={tool === chosen} open={open} text={search} />
            ))}
            {found.length === 0 && phase === "loading" && <li class="empty">Looking…</li>}
            {found.length === 0 && phase !== "loading" && (
              <li class="empty">
                No tool found. Try the name of the thing that you want to see or change: connection, sync, provider.
              </li>
            )}
          </ul>
        ) : (
          groups(tools.filter(seen)).map(([toolset, members]) => (
            <section key={toolset}>
              <h2>{toolset}</h2>
              <ul>
                {members.map((tool) => (
                  <Entry key={tool.slug} tool={tool} chosen={tool === chosen} />
                ))}
              </ul>
            </section>
          ))
        )}
        {hidden > 0 && (
          <p class="hint hidden">
            {hidden} more {hidden === 1 ? "is" : "are"} hidden by the <a href="#/session">session</a>.
          </p>
        )}
      </div>
      <EffectLegend />
    </nav>
  );
}

const groups = (tools) =>
  [...new Set(tools.map((tool) => tool.toolset))].map((toolset) => [
    toolset,
    tools.filter((tool) => tool.toolset === toolset),
  ]);

const Entry = ({ tool, chosen }) => (
  <li>
    <a href={`#/tools/${tool.slug}`} aria-current={chosen ? "page" : undefined}>
      <span>{tool.title}</span>
      <Effect effect={tool.effect} />
    </a>
  </li>
);

function Hit({ tool, chosen, open, text }) {
  const { world } = useStore();
  const ready = useMemo(() => tool.examples && readyFor(tool, text, world), [tool, text, world]);
  return (
    <li class="hit">
      <a
        href={`#/tools/${tool.slug}`}
        aria-current={chosen ? "page" : undefined}
        onClick={(event) => {
          event.preventDefault();
          open(tool);
        }}
      >
        <span>{tool.title}</span>
        <Effect effect={tool.effect} />
      </a>
      {ready && (
        <button type="button" class="try" onClick={() => tryOut(tool.slug, text)} title={`run ${tool.slug} with this`}>
          <Icon name="play" /> <bdi>{ready}</bdi>
        </button>
      )}
    </li>
  );
}

/** What a hit would run: its example, or what the words put in its place. */
function readyFor(tool, text, world) {
  const example = exampleFor(tool, text);
  const args = argumentsFor(tool, text, world);
  const same = JSON.stringify(args) === JSON.stringify(example.arguments);
  return same ? example.title : `with ${summary(args).join(", ")}`;
}

function Tool({ tool }) {
  const reason = refusal(tool);
  return (
    <div class="tool">
      <header class="tool-head">
        <a class="back" href="#/tools">
          <Icon name="back" /> All tools
        </a>
        <div class="title">
          <h1>{tool.title}</h1>
          <Effect effect={tool.effect} />
        </div>
        <p class="slug">
          <code>{tool.slug}</code>
          {tool.aliases.length > 0 && <span class="dim"> also {tool.aliases.join(", ")}</span>}
        </p>
        <Description text={tool.description} />
        {reason && <p class="issue">Hidden from the agent: {reason}.</p>}
        <Schemas tool={tool} />
      </header>
      <div class="columns">
        <div class="column">
          <Call tool={tool} />
        </div>
        <div class="column">
          <Result tool={tool} />
          <Request tool={tool} />
        </div>
      </div>
    </div>
  );
}

/** Collapsed to a few lines on a phone. */
function Description({ text }) {
  const [whole, setWhole] = useState(false);
  return (
    <>
      <p class={`description ${whole ? "" : "short"}`}>{text}</p>
      <button type="button" class="plain more" aria-expanded={whole} onClick={() => setWhole(!whole)}>
        {whole ? "less" : "more"}
      </button>
    </>
  );
}

function Schemas({ tool }) {
  const [open, setOpen] = useState(false);
  const [tab, choose] = useState("in");
  return (
    <details class="schemas" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        Schemas, scopes, reach
        <span class="dim">
          {" "}
          · one {tool.reach} · {tool.scopes.length > 0 ? tool.scopes.join(" or ") : "any key"}
        </span>
      </summary>
      {open && (
        <Tabs
          label="schema"
          tabs={[
            ["in", "Arguments"],
            ["out", "Result"],
            ["hints", "Hints"],
          ]}
          chosen={tab}
          choose={choose}
        >
          <Tree
            key={tab}
            value={{ in: tool.inputSchema, out: tool.outputSchema, hints: tool.annotations }[tab]}
            label="schema"
          />
        </Tabs>
      )}
    </details>
  );
}
