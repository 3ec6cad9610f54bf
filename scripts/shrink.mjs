// Makes a built module smaller by what the compiler cannot leave out: the words of panics, and in the
// glue all that is for readers.

import binaryen from "binaryen";
import { transform } from "esbuild";
import { readFileSync, writeFileSync } from "node:fs";
import { Problem } from "./lib.mjs";

/** The functions of Rust's libraries that word a panic and then trap. */
const PANICS =
  /\b(core(\[\w+\])?::panicking|std(\[\w+\])?::panicking|slice_error_fail|slice_index_fail|panic_already|assert_failed|option::(expect|unwrap)_failed|result::unwrap_failed|rust_begin_unwind|rust_panic|handle_alloc_error|raw_vec::handle_error)/;

/** A function's name as people read it: wasm-bindgen leaves such names, rustc one with the length before each part. */
function readable(name) {
  if (!/^_(R|ZN)/.test(name)) return name;
  const parts = [];
  // The hashes of crates hold digits too.
  for (let rest = name.replace(/Cs[0-9a-zA-Z]+_/g, ""), found; (found = /\d+/.exec(rest)); ) {
    const start = found.index + found[0].length;
    parts.push(rest.slice(start, start + Number(found[0])));
    rest = rest.slice(start + Number(found[0]));
  }
  return parts.join("::");
}

/**
 * Makes every panic a trap at once. It is one in the end, and its words go nowhere: there is no standard
 * error here. `wasm` still has the names of its functions; wasm-opt then takes out what nobody calls.
 */
export function trapAtOnce(wasm) {
  const module = binaryen.readBinary(readFileSync(wasm));
  let found = 0;
  for (let i = 0; i < module.getNumFunctions(); i++) {
    const one = module.getFunctionByIndex(i);
    const { name, base } = binaryen.getFunctionInfo(one);
    if (base || !PANICS.test(readable(name))) continue;
    binaryen.Function.setBody(one, module.unreachable());
    found++;
  }
  if (found === 0) throw new Problem(`${wasm} names no panicking function: look at PANICS in scripts/shrink.mjs`);
  writeFileSync(wasm, module.emitBinary());
  module.dispose();
}

/** Where panics happen: sources, with the folders of the machine that builds. */
const SOURCES = /(\/rustc\/[0-9a-f]{40}\/|[\w/.:\\-]+[/\\](registry|lib[/\\]rustlib)[/\\]src[/\\]|\/rust\/deps\/|\bsrc\/)[\w./\\-]+?\.rs/g;

/** What panics say. */
const WORDS =
  /assertion failed: self\.is_char_boundary\(new_len\)|one-time initialization may not be performed recursively|attempt to join into collection with len > usize::MAX|attempt to divide by zero|RefCell already (mutably )?borrowed/g;

/** Blanks what nobody reads in a module whose panics are traps. */
export function forgetSources(wasm) {
  const text = readFileSync(wasm, "latin1");
  const blank = (found) => "\0".repeat(found.length);
  writeFileSync(wasm, text.replace(SOURCES, blank).replace(WORDS, blank), "latin1");
}

/** Minifies a script, its exports keep their names. */
export async function minify(script) {
  const { code } = await transform(readFileSync(script, "utf8"), { format: "esm", minify: true, target: "es2022" });
  writeFileSync(script, code);
}
