// The JSON editor of the demo page: CodeMirror with completion, marks, files, the keyboard, and without being loaded.
import assert from "node:assert/strict";
import { test } from "node:test";
import { editAs, editorOf, open, paste, readArguments, run, suite, textOf, verdict, visit } from "./support.mjs";

const chunks = (page) =>
  page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => /part-.*js$/.test(name)).length);

/** Puts the caret after some text of an editor. */
const caretAfter = async (editor, text) => {
  const at = (await textOf(editor)).indexOf(text) + text.length;
  await editor.press("ControlOrMeta+Home");
  for (let step = 0; step < at; step += 1) await editor.press("ArrowRight");
};

const options = (page) => page.locator(".cm-tooltip-autocomplete [role=option] .cm-completionLabel");

suite((site) => {
  test("it is loaded when it is opened, and not before", () =>
    visit(site, async (page) => {
      await open(page, "#/tools/NANGO_GET_CONNECTION");
      await page.waitForFunction(() => document.querySelector("datalist option")); // the emulator is there
      const before = await chunks(page);
      assert.equal(await page.locator(".cm-editor").count(), 0);
      await editorOf(page);
      assert.equal(await chunks(page), before + 1);
    }));

  test("it completes names from the schema and values from the world", () =>
    visit(site, async (page) => {
      await open(page, "#/tools/NANGO_GET_CONNECTION");
      await page.waitForFunction(() => document.querySelector("datalist option"));
      const editor = await editorOf(page);
      await paste(editor, '{"provider_config_key": ""}');
      await caretAfter(editor, '"provider_config_key": "');
      await page.keyboard.type("hubs");
      await options(page).first().waitFor();
      assert.deepEqual(await options(page).allTextContents(), ["hubspot"]);
      await page.waitForTimeout(100); // a completion that has just appeared is not accepted
      await editor.press("Enter");
      assert.equal(await textOf(editor), '{"provider_config_key": "hubspot"}');
      await caretAfter(editor, "{");
      await editor.press("Control+Space");
      await options(page).first().waitFor();
      const names = await options(page).allTextContents();
      assert.ok(names.includes("connection_id") && !names.includes("provider_config_key"), String(names));
      await editor.press("Escape");
      await paste(editor, '{"provider_config_key": "hubspot", "connection_id": ""}');
      await caretAfter(editor, '"connection_id": "');
      await editor.press("Control+Space");
      await options(page).first().waitFor();
      assert.deepEqual((await options(page).allTextContents()).toSorted(), ["hubspot-ada", "hubspot-katherine"]);
    }));

  test("what is typed, undone and redone is checked; the form shows it", () =>
    visit(site, async (page) => {
      await open(page, "#/tools/NANGO_GET_INTEGRATION");
      const editor = await editorOf(page);
      await caretAfter(editor, '"github');
      await page.keyboard.type("/x");
      await page.locator(".cm-problem").waitFor();
      assert.equal(await verdict(page).textContent(), "1 problem");
      assert.equal(await editor.getAttribute("aria-invalid"), "true");
      await editor.press("ControlOrMeta+z");
      await page.locator(".cm-problem").waitFor({ state: "detached" });
      assert.equal(await verdict(page).textContent(), "Arguments are valid");
      await editor.press("ControlOrMeta+Shift+z");
      assert.equal(await verdict(page).textContent(), "1 problem");
      await editAs(page, "Form");
      assert.equal(await page.getByLabel("unique_key").inputValue(), "github/x");
      await page.getByLabel("unique_key").fill("slack");
      assert.deepEqual(await readArguments(page), { unique_key: "slack" });
    }));

  test("a slash is text in it, and Ctrl+Enter runs", () =>
    visit(site, async (page) => {
      await open(page, "#/tools/NANGO_LIST_INTEGRATIONS");
      const editor = await editorOf(page);
      await paste(editor, "{}");
      await editor.press("/");
      assert.match(await textOf(editor), /\//);
      await editor.press("Backspace");
      const text = await textOf(editor);
      await editor.press("Control+Enter");
      await page.waitForSelector(".result h2.good");
      assert.equal(await textOf(editor), text, "no line is added");
    }));

  test("a file of JSON becomes the arguments", () =>
    visit(site, async (page) => {
      await open(page, "#/tools/NANGO_GET_INTEGRATION");
      const editor = await editorOf(page);
      const chooser = page.waitForEvent("filechooser");
      await page.getByRole("button", { name: "Open a JSON file" }).click();
      await (await chooser).setFiles({
        name: "call.json",
        mimeType: "application/json",
        buffer: Buffer.from('{"unique_key": "slack",\r\n "include": ["webhook", 7]}'),
      });
      await editor.getByText('"slack"').waitFor();
      assert.equal(await page.locator(".cm-lintRange-error").textContent(), "7", "lines end as the editor counts them");
      const data = await page.evaluateHandle(() => {
        const transfer = new DataTransfer();
        transfer.items.add(new File(['{"unique_key": "zendesk"}'], "call.json"));
        return transfer;
      });
      await editor.dispatchEvent("drop", { dataTransfer: data });
      await editor.getByText('"zendesk"').waitFor();
      assert.deepEqual(await readArguments(page), { unique_key: "zendesk" });
      assert.equal(await run(page), "Successful");
    }));

  test("where it does not load, a text area takes its place", () =>
    visit(
      site,
      async (page) => {
        const { file } = site.files.filter((one) => /^part-.*js$/.test(one.file)).sort((a, b) => b.raw - a.raw)[0];
        await page.route(`**/${file}`, (route) => route.abort());
        await open(page, "#/tools/NANGO_GET_INTEGRATION");
        await page.getByRole("button", { name: "JSON", exact: true }).click();
        await page.getByText("The editor did not load").waitFor();
        await page.locator(".json-side textarea").fill('{"unique_key": "slack"}');
        assert.equal(await run(page), "Successful");
      },
      { expected: [/ERR_FAILED/] },
    ));
});
