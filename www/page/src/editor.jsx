// The JSON editor as a component: a plain text area until CodeMirror has been loaded, and wherever it cannot be.
import { useEffect, useRef, useState } from "preact/hooks";
import { completions } from "./complete.js";
import { Icon } from "./parts.jsx";
import { notify } from "./store.js";

/** Larger files are refused. */
const FILE = 8 * 1024 * 1024;

/**
 * @param props.marks `[{ start, end, message, hint }]`; a message is shown below its line
 * @param props.complete returns what completion needs: `{ schema, value, world }`
 * @param props.control receives `{ select(start, end) }`
 */
export function Editor({ text, onText, label, marks = [], complete, control, rows = 6 }) {
  const host = useRef();
  const plain = useRef();
  const latest = useRef();
  // What was typed and has not come back as the text to show: the page draws later than one types.
  const typed = useRef([]);
  latest.current = { text, onText, complete };
  const [editor, setEditor] = useState();
  const [over, setOver] = useState(false);

  const drop = (event) => {
    setOver(false);
    const [file] = event.dataTransfer?.files ?? [];
    if (!file) return false;
    event.preventDefault();
    read(file, latest.current.onText);
    return true;
  };

  useEffect(() => {
    let opened;
    let gone = false;
    import("./codemirror.js").then(
      ({ openEditor }) => {
        if (gone || !host.current) return; // Its view was left while it loaded.
        const focused = document.activeElement === plain.current;
        opened = openEditor(host.current, {
          text: latest.current.text,
          label,
          rows,
          onText(next) {
            typed.current.push(next);
            latest.current.onText(next);
          },
          onDrop: drop,
          complete: complete && ((doc, caret) => completions(doc, caret, latest.current.complete())),
        });
        setEditor(opened);
        if (focused) opened.focus();
      },
      () => notify("The editor did not load: this is a plain text area"),
    );
    return () => {
      gone = true;
      opened?.close();
    };
  }, []);
  useEffect(() => {
    const at = typed.current.indexOf(text);
    typed.current = at < 0 ? [] : typed.current.slice(at + 1);
    if (at < 0) editor?.write(text);
  }, [editor, text]);
  useEffect(() => editor?.mark(marks), [editor, marks]);
  useEffect(() => {
    if (control) control.current = editor;
  }, [editor]);

  return (
    <div
      class={`editor ${over ? "over" : ""}`}
      onDragOver={(event) => (event.preventDefault(), setOver(true))}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => !event.defaultPrevented && drop(event)}
    >
      <div ref={host} class="sheet" hidden={!editor} />
      {!editor && (
        <textarea
          ref={plain}
          class="code"
          rows={rows}
          value={text}
          aria-label={label}
          spellcheck={false}
          onInput={(event) => onText(event.currentTarget.value)}
        />
      )}
    </div>
  );
}

/** Passes on the text of a file. */
export async function read(file, onText) {
  if (file.size > FILE) return notify("This file is larger than 8 MB, too large for this page");
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
