// The JSON editor: a textarea with line numbers, colours, marks on problems, and completion. A textarea
// keeps the features of the platform (undo, input methods, screen readers) and takes 3 KB, while CodeMirror with JSON,
// marks and completion would take 121 KB of the page's 350.
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { completions } from "./complete.js";
import { tokens } from "./json.js";
import { Icon } from "./parts.jsx";
import { notify } from "./store.js";

/** Longer text is shown without colours. */
const COLOURED = 60_000;
const LINES = 5000;
/** Larger files are refused. */
const FILE = 8 * 1024 * 1024;

/**
 * @param props.marks `[{ start, end, severity }]`, if they overlap, the first one is used
 * @param props.control receives `{ select(start, end) }`
 */
export function Editor({ text, onText, label, marks = [], describedBy, complete, control, rows = 6 }) {
  const id = useId();
  const area = useRef();
  const [scroll, setScroll] = useState([0, 0]);
  const [popup, setPopup] = useState();
  const [over, setOver] = useState(false);
  const lines = useMemo(() => Math.min(text.split("\n").length, LINES), [text]);
  const coloured = text.length <= COLOURED;

  useEffect(() => {
    if (!control) return;
    control.current = {
      select(start, end) {
        area.current.focus();
        area.current.setSelectionRange(start, end);
        const line = text.slice(0, start).split("\n").length;
        area.current.scrollTop = Math.max(0, (line - 3) * metrics(area.current).line);
      },
    };
  });

  // The textarea is set only if the user did not type the change, which keeps its undo history.
  useLayoutEffect(() => {
    if (area.current.value !== text) area.current.value = text;
  }, [text]);

  const offer = (asked) => {
    const { value, selectionStart, selectionEnd } = area.current;
    if (!complete || selectionStart !== selectionEnd) return setPopup(undefined);
    const found = completions(value, selectionStart, complete());
    const typing = found && (asked || value.slice(found.start, selectionStart).length > 0);
    setPopup(typing ? { ...found, chosen: 0, at: metrics(area.current).place(value, found.start) } : undefined);
  };

  const accept = (option) => {
    area.current.focus();
    area.current.setSelectionRange(popup.start, popup.end);
    insert(area.current, option.insert);
    setPopup(undefined);
    onText(area.current.value);
  };

  const onKeyDown = (event) => {
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      return offer(true);
    }
    if (popup) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        const chosen = (popup.chosen + step + popup.options.length) % popup.options.length;
        return setPopup({ ...popup, chosen });
      }
      if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        return accept(popup.options[popup.chosen]);
      }
      if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        return setPopup(undefined);
      }
    }
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.isComposing) {
      event.preventDefault();
      const { value, selectionStart } = area.current;
      const line = value.slice(value.lastIndexOf("\n", selectionStart - 1) + 1, selectionStart);
      const deeper = /[{[]\s*$/.test(line);
      insert(area.current, `\n${/^ */.exec(line)[0]}${deeper ? "  " : ""}`);
      onText(area.current.value);
    }
  };

  const drop = async (event) => {
    setOver(false);
    const [file] = event.dataTransfer?.files ?? [];
    if (!file) return;
    event.preventDefault();
    await read(file, onText);
  };

  return (
    <div
      class={`editor ${over ? "over" : ""}`}
      onDragOver={(event) => (event.preventDefault(), setOver(true))}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <div class="gutter" aria-hidden="true">
        <div ref={(node) => node && (node.style.transform = `translateY(${-scroll[1]}px)`)}>
          {Array.from({ length: lines }, (_, index) => `${index + 1}\n`)}
        </div>
      </div>
      <div class="sheet">
        {coloured && (
          <div class="paint" aria-hidden="true">
            <pre ref={(node) => node && (node.style.transform = `translate(${-scroll[0]}px, ${-scroll[1]}px)`)}>
              <Coloured text={text} marks={marks} />
            </pre>
          </div>
        )}
        <textarea
          ref={area}
          id={id}
          class={coloured ? "clear" : ""}
          rows={Math.min(Math.max(lines, rows), 24)}
          wrap="off"
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          aria-label={label}
          aria-describedby={describedBy}
          aria-invalid={marks.length > 0}
          aria-autocomplete={complete ? "list" : undefined}
          aria-controls={popup ? `${id}-options` : undefined}
          aria-activedescendant={popup ? `${id}-option-${popup.chosen}` : undefined}
          onInput={(event) => {
            onText(event.currentTarget.value);
            offer(false);
          }}
          onClick={() => setPopup(undefined)}
          onBlur={() => setPopup(undefined)}
          onKeyDown={onKeyDown}
          onScroll={(event) => (
            setScroll([event.currentTarget.scrollLeft, event.currentTarget.scrollTop]), setPopup(undefined)
          )}
        />
        {popup && <Options id={id} popup={popup} accept={accept} />}
      </div>
    </div>
  );
}

function Options({ id, popup, accept }) {
  const list = useRef();
  useLayoutEffect(() => {
    const { style, offsetParent, offsetWidth } = list.current;
    style.left = `${Math.max(0, Math.min(popup.at.left, offsetParent.clientWidth - offsetWidth - 4))}px`;
    style.top = `${popup.at.top}px`;
    list.current.children[popup.chosen]?.scrollIntoView({ block: "nearest" });
  });
  return (
    <ul class="options" role="listbox" id={`${id}-options`} aria-label="completions" ref={list}>
      {popup.options.map((option, index) => (
        <li
          key={option.label}
          id={`${id}-option-${index}`}
          role="option"
          aria-selected={index === popup.chosen}
          onMouseDown={(event) => {
            event.preventDefault();
            accept(option);
          }}
        >
          <bdi>{option.label}</bdi> <small>{option.detail}</small>
        </li>
      ))}
    </ul>
  );
}

/** The text in its colours, cut at the borders of marks. */
function Coloured({ text, marks }) {
  const parts = [];
  let at = 0;
  for (const [kind, token] of tokens(text)) {
    const end = at + token.length;
    const borders = [
      at,
      ...marks.flatMap((mark) => [mark.start, mark.end]).filter((border) => border > at && border < end),
      end,
    ].sort((a, b) => a - b);
    for (let index = 0; index + 1 < borders.length; index += 1) {
      const [from, to] = [borders[index], borders[index + 1]];
      const marked = marks.some((mark) => mark.start < to && Math.max(mark.end, mark.start + 1) > from);
      parts.push(
        kind || marked ? (
          <span class={`${kind ? `j-${kind}` : ""}${marked ? " marked" : ""}`}>{text.slice(from, to)}</span>
        ) : (
          text.slice(from, to)
        ),
      );
    }
    at = end;
  }
  return [...parts, "\n"];
}

/** Inserts as if typed, so that it can be undone. */
function insert(area, text) {
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  }
}

/** The size of a character, and the position of an offset in the text area. */
function metrics(area) {
  const style = getComputedStyle(area);
  const context = (metrics.canvas ??= document.createElement("canvas").getContext("2d"));
  context.font = `${style.fontSize} ${style.fontFamily}`;
  const line = parseFloat(style.lineHeight);
  const place = (text, offset) => {
    const before = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
    const row = text.slice(0, offset).split("\n").length;
    return {
      left: parseFloat(style.paddingLeft) + context.measureText(before).width - area.scrollLeft,
      top: parseFloat(style.paddingTop) + row * line - area.scrollTop,
    };
  };
  return { line, place };
}

/** Passes on the text of a file. */
export async function read(file, onText) {
  if (file.size > FILE) return notify("This file is larger than 8 MB, too large for arguments");
  onText(await file.text());
}

/** A button that opens a JSON file: the keyboard's way to drop one. */
export function OpenFile({ onText, label = "Open a JSON file" }) {
  const input = useRef();
  const chosen = async () => {
    const [file] = input.current.files;
    if (file) await read(file, onText);
    input.current.value = "";
  };
  return (
    <>
      <input ref={input} type="file" accept=".json,application/json,text/plain" hidden onChange={chosen} />
      <button type="button" class="quiet" onClick={() => input.current.click()}>
        <Icon name="file" /> {label}
      </button>
    </>
  );
}
