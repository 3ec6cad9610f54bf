// CodeMirror as the page uses it: JSON, completion, and each problem below its line. Loaded when an editor opens.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { history, historyKeymap, standardKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { diagnosticCount, linter, lintKeymap, setDiagnostics, setDiagnosticsEffect } from "@codemirror/lint";
import { Annotation, EditorState, StateField } from "@codemirror/state";
import { Decoration, drawSelection, EditorView, keymap, lineNumbers, WidgetType } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** More are counted by the page, not shown. */
const MOST = 50;

/** Marks changes that the user did not make. */
const FromOutside = Annotation.define();

/**
 * Opens an editor in an element. CodeMirror writes a style element into a document, which the page's policy refuses;
 * in a shadow root it uses style sheets that are made by script, which are allowed.
 *
 * @param options.complete `(text, caret)` returns completions as complete.js makes them
 */
export function openEditor(host, { text, label, rows, onText, onDrop, complete }) {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const view = new EditorView({
    parent: root,
    root,
    state: EditorState.create({ doc: text, extensions: extensions() }),
  });

  function extensions() {
    return [
      lineNumbers(),
      history(),
      drawSelection(),
      indentOnInput(),
      bracketMatching(),
      closeBrackets(),
      json(),
      syntaxHighlighting(COLOURS),
      THEME,
      EditorView.theme({ ".cm-content": { minHeight: `${rows * 20 + 16}px` } }),
      EditorView.lineWrapping,
      // The page sets the diagnostics. They are shown below their lines, so no tooltip repeats them.
      linter(null, { tooltipFilter: () => [] }),
      messages,
      complete && autocompletion({ override: [completionsFrom(complete)], icons: false }),
      // Tab is left to the browser: it leaves the editor. Ctrl+Enter runs the call.
      keymap.of([
        { key: "Mod-Enter", run: () => true },
        ...closeBracketsKeymap,
        ...completionKeymap,
        ...lintKeymap,
        ...historyKeymap,
        ...standardKeymap,
      ]),
      EditorView.contentAttributes.of((one) => ({
        "aria-label": label,
        "aria-invalid": String(diagnosticCount(one.state) > 0),
        autocapitalize: "off",
        tabindex: "0", // as it is anyway; axe asks for it where the text scrolls
      })),
      EditorView.domEventHandlers({ drop: onDrop }),
      EditorView.updateListener.of(({ docChanged, state, transactions }) => {
        const own = transactions.some((one) => one.docChanged && !one.annotation(FromOutside));
        if (docChanged && own) onText(state.doc.toString());
      }),
    ].filter(Boolean);
  }

  return {
    /** Shows text that was changed elsewhere. */
    write(next) {
      const doc = view.state.doc.toString();
      if (doc === next) return;
      view.dispatch({ changes: { from: 0, to: doc.length, insert: next }, annotations: FromOutside.of(true) });
    },
    /** Marks problems: `[{ start, end, message, hint }]`. */
    mark(marks) {
      const within = (at) => Math.min(Math.max(at, 0), view.state.doc.length);
      const diagnostics = marks.slice(0, MOST).map(({ start, end, message = "", hint }) => ({
        from: within(start),
        to: within(Math.max(end, start)),
        severity: "error",
        message: hint ? `${message}; ${hint}` : message,
      }));
      if (diagnostics.length > 0 || diagnosticCount(view.state) > 0)
        view.dispatch(setDiagnostics(view.state, diagnostics));
    },
    select(start, end) {
      view.focus();
      view.dispatch({ selection: { anchor: start, head: Math.min(end, view.state.doc.length) }, scrollIntoView: true });
    },
    focus: () => view.focus(),
    close: () => view.destroy(),
  };
}

/** The message of a problem, below the line of the problem. */
class ProblemMessage extends WidgetType {
  constructor(message) {
    super();
    this.message = message;
  }
  eq(other) {
    return other.message === this.message;
  }
  toDOM() {
    const element = document.createElement("div");
    element.className = "cm-problem";
    element.dir = "auto";
    element.textContent = this.message;
    return element;
  }
}

const messages = StateField.define({
  create: () => Decoration.none,
  update(shown, { effects, state, changes }) {
    const set = effects.find((effect) => effect.is(setDiagnosticsEffect));
    if (!set) return shown.map(changes);
    return Decoration.set(
      set.value
        .filter(({ message }) => message !== "")
        .map(({ from, message }) =>
          Decoration.widget({ widget: new ProblemMessage(message), block: true, side: 1 }).range(
            state.doc.lineAt(from).to,
          ),
        ),
      true,
    );
  },
  provide: (field) => EditorView.decorations.from(field),
});

const completionsFrom =
  (complete) =>
  ({ state, pos, explicit }) => {
    const found = complete(state.doc.toString(), pos);
    if (!found || (!explicit && found.start === pos)) return null;
    const options = found.options.map(({ label, detail, insert }) => ({ label, detail, apply: insert }));
    return { from: found.start, to: found.end, options, filter: false };
  };

const COLOURS = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--j-name)" },
  { tag: tags.string, color: "var(--j-text)" },
  { tag: tags.number, color: "var(--j-number)" },
  { tag: [tags.bool, tags.null], color: "var(--j-word)" },
]);

const THEME = EditorView.theme({
  "&": { maxHeight: "496px", font: "12.5px/20px var(--mono)", color: "var(--ink)", backgroundColor: "var(--sunk)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { font: "inherit", overflow: "auto" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--ink)" },
  ".cm-line": { padding: "0 10px" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--sunk)", color: "var(--dim)", borderRight: "1px solid var(--line)" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    background: "color-mix(in srgb, var(--accent) 30%, transparent)",
  },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "color-mix(in srgb, var(--accent) 22%, transparent)" },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--bad)",
    textDecorationSkipInk: "none",
    textUnderlineOffset: "4px",
    backgroundColor: "color-mix(in srgb, var(--bad) 12%, transparent)",
  },
  ".cm-problem": {
    padding: "2px 10px 4px",
    borderLeft: "2px solid var(--bad)",
    background: "var(--bad-ground)",
    color: "var(--bad)",
    font: "13px/1.4 var(--sans)",
    whiteSpace: "normal",
    overflowWrap: "anywhere",
  },
  ".cm-tooltip": {
    border: "1px solid var(--edge)",
    borderRadius: "6px",
    backgroundColor: "var(--card)",
    color: "var(--ink)",
    boxShadow: "0 6px 20px rgb(0 0 0 / 0.18)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { padding: "4px", fontFamily: "var(--mono)", maxHeight: "212px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "2px 8px", borderRadius: "4px", lineHeight: "1.5" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { background: "var(--accent-ground)", color: "var(--accent)" },
  ".cm-completionDetail": { color: "var(--dim)", font: "normal 11.5px var(--sans)" },
  ".cm-panels": { backgroundColor: "var(--card)", color: "var(--ink)", borderTop: "1px solid var(--line)" },
});
