// The pages of a list, one call each. The module says what asks for the next page.
import { NangoToolkitError } from "./errors.js";
import { argumentsJson } from "./serialization.js";
import type { Result } from "./types/results.js";

/** How many pages are read unless the caller says otherwise. */
const MAX_PAGES = 1000;

/** A page, as the module describes it: where the list is in the data, and the arguments that ask for the next page. */
interface Page {
  items: string[];
  next?: Record<string, unknown>;
}

/**
 * The entries of each page. It ends after the last page, where a page would be read a second time, and after `maxPages`
 * pages; without that, more than 1000 are an error.
 *
 * @param read makes the call; it passes the page on as JSON text
 */
export async function* pages(
  first: unknown,
  maxPages: number | undefined,
  read: (args: unknown, take: (page: string) => void) => Promise<Result>,
): AsyncGenerator<unknown[], void, undefined> {
  const seen = new Set<string>();
  for (let args = first; ; ) {
    let page: Page = { items: [] };
    const result = await read(args, (json) => {
      page = JSON.parse(json);
    });
    if (!result.successful) throw new NangoToolkitError(result.error);
    // Those of a first page that cannot be written as JSON were refused by the call.
    seen.add(argumentsJson(args));
    yield entriesOf(result.data, page.items);
    if (page.next === undefined || seen.has(argumentsJson(page.next))) return;
    if (maxPages !== undefined && seen.size >= maxPages) return;
    if (seen.size >= (maxPages ?? MAX_PAGES)) throw tooMany();
    args = page.next;
  }
}

/** The entries of a list in data; anything else is the only entry. */
function entriesOf(data: unknown, path: string[]): unknown[] {
  const found = path.reduce<unknown>((value, step) => Object(value)[step], data);
  if (found === undefined || found === null) return [];
  return Array.isArray(found) ? found : [found];
}

const tooMany = (): NangoToolkitError =>
  new NangoToolkitError({
    kind: "invalid_response",
    code: "too_many_pages",
    message: `there are more than ${MAX_PAGES} pages; the others were not read`,
    hint: "narrow the list, ask for more entries a page, or say with `maxPages` how many pages to read",
  });
