// The `@example` blocks of the package's sources: each is a whole program.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const sources = fileURLToPath(new URL("../../pkg/src", import.meta.url));

/**
 * All examples, with their places.
 * @returns {{ place: string, name: string, code: string, imports: string[] }[]}
 */
export function examples() {
  const files = readdirSync(sources, { recursive: true }).filter((file) => file.endsWith(".ts"));
  return files.flatMap((file) => {
    const text = readFileSync(join(sources, file), "utf8");
    return [...text.matchAll(/@example\s*\n\s*\* ```ts\n([\s\S]*?)\n\s*\* ```/g)].map((match) => {
      const code = match[1].replace(/^\s*\* ?/gm, "");
      const line = text.slice(0, match.index).split("\n").length;
      const imports = [...code.matchAll(/from "([^"]+)"/g)].map(([, from]) => from);
      return {
        place: `${file}:${line}`,
        name: `${file.replace(/\W/g, "_")}_${line}`,
        code: `${code}\nexport {};\n`,
        imports,
      };
    });
  });
}

/** Whether an example needs nothing beyond the package and Node. */
export const isSelfContained = ({ imports }) => imports.every((from) => /^(nango-toolkit|node:)/.test(from));

/** The names that sources export as values with a doc comment, and whether that has an example. */
export function documented() {
  const found = new Map();
  for (const file of readdirSync(sources, { recursive: true }).filter((one) => one.endsWith(".ts"))) {
    const text = readFileSync(join(sources, file), "utf8");
    for (const [, comment, name] of text.matchAll(
      /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport (?:async |abstract )*(?:function|class|const) (\w+)/g,
    )) {
      const key = file.startsWith("adapters") ? `${file}:${name}` : name;
      found.set(key, found.get(key) || comment.includes("@example"));
    }
  }
  return found;
}
