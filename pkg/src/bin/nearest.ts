// The most similar command to a misspelt one. Names of tools and arguments are compared in the core.

/** The name that the fewest changes of letters lead to; undefined if none is similar. */
export function nearest(given: string, names: string[]): string | undefined {
  const limit = (name: string): number => Math.max(1, Math.floor(Math.max(given.length, name.length) / 3));
  const near = names.map((name) => ({ name, changes: changes(given, name) }));
  const similar = near.filter(({ name, changes }) => changes <= limit(name));
  return similar.sort((a, b) => a.changes - b.changes)[0]?.name;
}

/** How many letters must be added, removed or replaced (Levenshtein's distance). */
function changes(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...to].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
