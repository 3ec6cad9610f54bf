// The pages of a list, one call each. The module says what asks for the next page.
import { NangoToolkitError } from "./errors.js";
import type { Result } from "./types/results.js";

/** How many pages are read unless the caller says otherwise. */
const MAX_PAGES = 1000;

/** A page, as the module describes it: where the list is in the data, and what asks for the next page. */
interface Page {
  items: string[];
  next?: string;
}

/**
 * The entries of each page. It ends after the last page, where a page would be read a second time, and after `maxPages`
 * pages; without that, more than 1000 are an error.
 *
 * @param read makes the call for a page, of which nothing stands for the first; it passes the page on as JSON text
 */
export async function* pages(
  maxPages: number | undefined,
  read: (page: string | undefined, take: (page: string) => void) => Promise<Result>,
): AsyncGenerator<unknown[], void, undefined> {
  const seen = new Set<string>();
  let next: string | undefined;
  for (let count = 1; ; count++) {
    let page: Page = { items: [] };
    const result = await read(next, (json) => {
      page = JSON.parse(json);
    });
    if (!result.successful) throw new NangoToolkitError(result.error ?? NO_REASON);
    yield entriesOf(result.data, page.items);
    next = page.next;
    if (next === undefined || seen.has(next)) return;
    if (maxPages !== undefined && count >= maxPages) return;
    if (maxPages === undefined && count >= MAX_PAGES) throw tooMany();
    seen.add(next);
  }
}

/** The entries of a list in data, also where a hook returned the list alone; anything else is the only entry. */
function entriesOf(data: unknown, path: string[]): unknown[] {
  const own = (value: unknown, step: string): unknown => {
    if (Array.isArray(value)) return /^\d+$/.test(step) ? value[Number(step)] : undefined;
    return typeof value === "object" && value !== null && Object.hasOwn(value, step) ? Object(value)[step] : undefined;
  };
  const found = path.reduce(own, data) ?? (Array.isArray(data) ? data : undefined);
  if (found === undefined || found === null) return [];
  return Array.isArray(found) ? found : [found];
}

const NO_REASON = { message: "the call failed, and the hook `afterCall` returned no error" };

const tooMany = (): NangoToolkitError =>
  new NangoToolkitError({
    kind: "invalid_response",
    code: "too_many_pages",
    message: `there are more than ${MAX_PAGES} pages; the others were not read`,
    hint: "narrow the list, ask for more entries a page, or say with `maxPages` how many pages to read",
  });
