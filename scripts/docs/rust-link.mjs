// A plugin of TypeDoc: every page links to the reference of the crate, which rustdoc writes into the same site.
import { JSX } from "typedoc";

/** @param {import("typedoc").Application} app */
export function load(app) {
  app.renderer.hooks.on("sidebar.end", (context) =>
    JSX.createElement(
      "nav",
      { class: "tsd-navigation rust-link" },
      JSX.createElement("a", { href: context.relativeURL("rust/nango_toolkit/index.html") }, "Rust crate"),
    ),
  );
}
