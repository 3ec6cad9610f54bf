// Starts the page: first the frame, then the tools when the toolkit's module is loaded, then the emulator.
import "../css/base.css";
import "../css/frame.css";
import "../css/tools.css";
import "../css/views.css";
import { render } from "preact";
import { App } from "./app.jsx";
import { explain, loaded, toolkit } from "./core.js";
import { readAddress } from "./link.js";
import { refreshWorld } from "./run.js";
import { loadSaved } from "./saved.js";
import { applySession, restoreSession } from "./session.js";
import { live, notify, set } from "./store.js";

const root = document.getElementById("app");
root.replaceChildren();
readAddress();
render(<App />, root);

loaded.then(
  () => {
    set({ phase: "ready", tools: toolkit.listTools({ toolsets: "all" }) });
    loadSaved();
    restoreSession();
    readAddress();
    import("./views.js").then(
      (views) => set({ views }),
      (error) => set({ phase: `The views did not load: ${error.message}` }),
    );
    // After the first view has been drawn: the emulator is the larger part.
    if (!live)
      requestAnimationFrame(() =>
        setTimeout(
          () =>
            refreshWorld().then(
              () => applySession().catch((error) => notify(`The session of this tab is refused: ${explain(error)}`)),
              (error) => notify(`The in-memory Nango did not load: ${error.message}`),
            ),
          0,
        ),
      );
  },
  (error) => set({ phase: `The toolkit's module did not load: ${error.message}` }),
);
