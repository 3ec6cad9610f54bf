// The frame: the name, the views, the server that is used, and notices to the user.
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Acting } from "./acting.jsx";
import { readAddress } from "./link.js";
import { Question } from "./parts.jsx";
import { cancel, run } from "./run.js";
import { Server } from "./server.jsx";
import { live, set, state, useStore } from "./store.js";
import { Tools } from "./tools.jsx";

const VIEWS = ["Tools", "Requests", ...(live ? [] : ["World"]), "Log", "Agent", "Session"];

export function App() {
  const { phase, route, notice, events, views } = useStore();
  const title = VIEWS.find((one) => one.toLowerCase() === route.view);
  const main = useRef();
  // Synchronously: keys have to work as soon as the page is visible; other effects run after painting.
  useLayoutEffect(() => {
    addEventListener("hashchange", readAddress);
    addEventListener("keydown", shortcuts);
    return () => {
      removeEventListener("hashchange", readAddress);
      removeEventListener("keydown", shortcuts);
    };
  }, []);
  useEffect(() => {
    document.title = `${route.slug ?? title} · Nango Toolkit`;
    main.current?.scrollTo?.(0, 0);
  }, [route]);
  const View = title === "Tools" ? Tools : views?.[title];
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current.focus())}>
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href="#/tools">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="8" />
            <path d="M9 23V9l14 14V9" />
          </svg>
          <span>Nango Toolkit</span>
        </a>
        <nav class="views" aria-label="views">
          {VIEWS.map((one) => (
            <a key={one} href={`#/${one.toLowerCase()}`} aria-current={one === title ? "page" : undefined}>
              {one}
              {one === "Log" && events.length > 0 && <span class="tally">{events.length}</span>}
            </a>
          ))}
        </nav>
        <div class="where">
          <Acting />
          <Mode />
          <Theme />
        </div>
      </header>
      <main id="main" tabIndex={-1} ref={main}>
        {live && <Server />}
        {View && (phase === "ready" || (phase === "loading" && View === Tools)) ? (
          <View />
        ) : phase === "ready" || phase === "loading" ? (
          <p class="booting">Loading Nango's tools…</p>
        ) : (
          <p class="booting issue" role="alert">
            {phase}
          </p>
        )}
      </main>
      <div class={`notice ${notice ? "shown" : ""}`} role="status">
        {notice}
      </div>
      <Question />
    </>
  );
}

/** The server that is used; a link opens the same tool on the other page. */
function Mode() {
  const { route, faults, server } = useStore();
  const here = route.slug ? `#/tools/${route.slug}` : "";
  const faulty = Object.keys(faults).length > 0;
  return live ? (
    <a class="mode" href={`./index.html${here}`} title="back to the in-memory Nango">
      <span class={`dot ${server.key ? "real" : "unasked"}`} />
      <span>Real server</span>
    </a>
  ) : (
    <>
      {faulty && (
        <a class="mode faulty" href="#/world" title="faults are switched on">
          <span>Faults on</span>
        </a>
      )}
      <a class="mode" href={`./live.html${here}`} title="talk to a real Nango server instead">
        <span class="dot" />
        <span>In memory</span>
      </a>
    </>
  );
}

const THEMES = { auto: "light", light: "dark", dark: "auto" };

function Theme() {
  const { theme } = useStore();
  const change = () => {
    const next = THEMES[theme];
    document.documentElement.dataset.theme = next;
    set({ theme: next });
  };
  return (
    <button
      type="button"
      class="bare theme"
      onClick={change}
      aria-label={`colours: ${theme}`}
      title={`colours: ${theme}`}
    >
      <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="8" cy="8" r="5.5" />
        <path d="M8 2.5a5.5 5.5 0 0 1 0 11z" class="solid" />
      </svg>
    </button>
  );
}

/** Keys that work everywhere: / searches, Ctrl+Enter runs, Escape cancels. */
function shortcuts(event) {
  // The editor is in a shadow root, where the event's target is not seen from outside.
  const [target] = event.composedPath();
  const typing = target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    const search = () => document.getElementById("search");
    if (state.route.view === "tools") return search()?.focus();
    location.hash = "#/tools";
    setTimeout(() => search()?.focus(), 0);
  } else if (
    event.key === "Enter" &&
    (event.ctrlKey || event.metaKey) &&
    state.route.view === "tools" &&
    state.route.slug
  ) {
    event.preventDefault();
    run(state.route.slug);
  } else if (event.key === "Escape" && !event.defaultPrevented && state.active && !state.question) cancel();
}
