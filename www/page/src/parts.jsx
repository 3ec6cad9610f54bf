// Small components that the views share: icons, badges, tabs, untrusted text, the question dialog.
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { linkOf } from "./link.js";
import { withoutWhat } from "./secrets.js";
import { notify, useStore } from "./store.js";

const PATHS = {
  search: "M11 11l4 4M7 12.5a5.5 5.5 0 1 1 0-11 5.5 5.5 0 0 1 0 11z",
  play: "M5 3l8 5-8 5z",
  stop: "M4 4h8v8H4z",
  close: "M4 4l8 8M12 4l-8 8",
  plus: "M8 3v10M3 8h10",
  back: "M10 3L5 8l5 5",
  copy: "M6 6h7v7H6zM3 10V3h7",
  link:
    "M7 9a2.5 2.5 0 0 0 3.6 0l2.2-2.2a2.5 2.5 0 0 0-3.6-3.6L8.4 4" +
    "M9 7a2.5 2.5 0 0 0-3.6 0L3.2 9.2a2.5 2.5 0 0 0 3.6 3.6l.8-.8",
  file: "M4 2h5l3 3v9H4zM9 2v3h3",
  again: "M13 8a5 5 0 1 1-1.5-3.5L13 6M13 2.5V6H9.5",
  open: "M4 6l4 4 4-4",
  keep: "M4 2h8v12l-4-3-4 3z",
  down: "M8 3v8M4.5 8L8 11.5 11.5 8M3 14h10",
};

export const Icon = ({ name }) => (
  <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
    <path d={PATHS[name]} class={name === "play" || name === "stop" ? "solid" : ""} />
  </svg>
);

const EFFECTS = {
  read: "reads only",
  write: "adds, or changes its own",
  destructive: "can change or remove",
};
const CHANGES = {
  added: "new since the last call",
  changed: "different since the last call",
  removed: "gone since the last call",
};

export const Effect = ({ effect }) => (
  <span class={`badge ${effect}`} title={EFFECTS[effect]}>
    {effect}
  </span>
);

export const Change = ({ change }) => change && <span class={`badge ${change}`}>{change}</span>;

const Legend = ({ label, badges }) => (
  <dl class="legend" aria-label={label}>
    {Object.entries(badges).map(([name, meaning]) => (
      <div key={name}>
        <dt>
          <span class={name === "masked" ? "masked" : `badge ${name}`}>{name}</span>
        </dt>
        <dd>{meaning}</dd>
      </div>
    ))}
  </dl>
);

/** What the badges of tools, of changes, and of masked values mean. */
export const EffectLegend = () => <Legend label="what the badges of tools mean" badges={EFFECTS} />;
export const ChangeLegend = () => <Legend label="what the badges of changes mean" badges={CHANGES} />;
export const MaskLegend = () => (
  <Legend label="what masked means" badges={{ masked: "a secret: the toolkit does not show it to an agent" }} />
);

/** The switch of a session that only reads. */
export const ReadOnly = ({ session, change, children }) => (
  <label class="check">
    <input
      type="checkbox"
      checked={session.readOnly}
      onChange={(event) => change({ readOnly: event.currentTarget.checked })}
    />
    {children}
  </label>
);

/** Untrusted text: shown unchanged, with its own text direction, clipped if it is very long. */
export function Text({ text, clip = 600 }) {
  const [whole, setWhole] = useState(false);
  const shown = String(text);
  if (shown.length <= clip) return <bdi class="t">{shown}</bdi>;
  return (
    <>
      <bdi class="t">{whole ? shown.slice(0, 50_000) : `${shown.slice(0, clip)}…`}</bdi>{" "}
      <button type="button" class="plain" onClick={() => setWhole(!whole)}>
        {whole ? "less" : `all ${shown.length.toLocaleString("en")} characters`}
      </button>
    </>
  );
}

/** A masked secret, shown as a badge. */
const MASKED = /^\[(?:redacted: )?([a-z_ ]+)\]$/;
export const maskOf = (text) => MASKED.exec(text)?.[1];

/** Copies text and confirms it on the button. */
export function Copy({ text, label = "Copy" }) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(typeof text === "function" ? text() : text);
      notify("Copied");
    } catch {
      notify("This browser did not allow copying");
    }
  };
  return (
    <button type="button" class="quiet" onClick={copy}>
      <Icon name="copy" /> <span class="word">{label}</span>
    </button>
  );
}

/** Copies the link of a call, without what may be secret. */
export async function share(slug, args) {
  const { url, left } = linkOf(slug, args);
  try {
    await navigator.clipboard.writeText(url);
    notify(`Link copied${withoutWhat(left)}`);
  } catch {
    notify("This browser did not allow copying");
  }
}

/** Tabs: `tabs` are `[id, title]`; arrows move between them. */
export function Tabs({ label, tabs, chosen, choose, children, extra }) {
  const id = useId();
  const bar = useRef();
  const onKeyDown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const index = tabs.findIndex(([one]) => one === chosen);
    const next = (index + step + tabs.length) % tabs.length;
    choose(tabs[next][0]);
    bar.current.querySelectorAll("[role=tab]")[next].focus();
  };
  return (
    <div class="tabs">
      <div class="tab-bar">
        <div role="tablist" aria-label={label} ref={bar} onKeyDown={onKeyDown}>
          {tabs.map(([one, title]) => (
            <button
              type="button"
              role="tab"
              key={one}
              id={`${id}-${one}`}
              aria-selected={one === chosen}
              aria-controls={`${id}-panel`}
              tabIndex={one === chosen ? 0 : -1}
              onClick={() => choose(one)}
            >
              {title}
            </button>
          ))}
        </div>
        {extra && <div class="extra">{extra}</div>}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${chosen}`} tabIndex={0}>
        {children}
      </div>
    </div>
  );
}

/** The open question, above everything else; Escape means no. */
export function Question() {
  const { question } = useStore();
  return question && <Dialog key={question.number} question={question} />;
}

function Dialog({ question }) {
  const dialog = useRef();
  useLayoutEffect(() => {
    const { current } = dialog;
    current.showModal();
    // While it is still in the page: closing gives the focus back to where it was.
    return () => current.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="question"
      aria-labelledby="question-title"
      aria-describedby="question-text"
      onCancel={() => question.answer(false)}
    >
      <h2 id="question-title">{question.title}</h2>
      <p id="question-text">{question.text}</p>
      {question.details && (
        <pre class="code" tabIndex={0} aria-label="what would be sent">
          {question.details.slice(0, 5000)}
        </pre>
      )}
      <div class="row end">
        <button type="button" autofocus onClick={() => question.answer(false)}>
          Cancel
        </button>
        <button type="button" class="danger" onClick={() => question.answer(true)}>
          {question.action}
        </button>
      </div>
    </dialog>
  );
}

/** A readable number of bytes or milliseconds. */
export const bytes = (count) =>
  count < 1024
    ? `${count} B`
    : count < 1024 ** 2
      ? `${(count / 1024).toFixed(1)} KB`
      : `${(count / 1024 ** 2).toFixed(1)} MB`;
export const ms = (time) => (time < 1000 ? `${Math.round(time)} ms` : `${(time / 1000).toFixed(2)} s`);

/** Downloads text as a file. */
export function download(name, text, type) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const anchor = Object.assign(document.createElement("a"), { href: url, download: name });
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
