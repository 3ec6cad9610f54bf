// Types of lists that are read page by page.
import type { ExecuteOptions } from "./options.js";

/**
 * How a provider pages its lists, with the names of Nango's catalogue of providers.
 *
 * @example
 * ```ts
 * import type { ProviderPaging } from "nango-toolkit";
 *
 * const paging: ProviderPaging = {
 *   type: "cursor",
 *   cursor_name_in_request: "cursor",
 *   cursor_path_in_response: "meta.next",
 *   response_path: "items",
 * };
 * console.log(paging.type);
 * ```
 */
export type ProviderPaging = CursorPaging | LinkPaging | OffsetPaging;

/** What the descriptions of all kinds of pages have. */
interface PagingBase {
  /**
   * Where the list is in the answer, as names with dots between them.
   * @default it is looked for: the answer, or the longest list among its properties
   */
  response_path?: string | undefined;
  /** How many entries a page has, if the arguments do not say so; needs `limit_name_in_request`. */
  limit?: number | undefined;
  /** The parameter that says how many entries a page has. */
  limit_name_in_request?: string | undefined;
}

/** The answer has a cursor, which the next request names. */
export interface CursorPaging extends PagingBase {
  type: "cursor";
  /** The parameter that takes the cursor: in the query, or in the body of a POST. */
  cursor_name_in_request: string;
  /** Where the next cursor is in the answer, as names with dots between them. */
  cursor_path_in_response: string;
}

/** The answer has a link to the next page, in the header `Link` or in its body. The link's host is not followed. */
export interface LinkPaging extends PagingBase {
  type: "link";
  /** The relation of the link in the header, such as `next`. */
  link_rel_in_response_header?: string | undefined;
  /** Where the link is in the body, as names with dots between them. */
  link_path_in_response_body?: string | undefined;
}

/** The next request says how many entries, or pages, to skip. */
export interface OffsetPaging extends PagingBase {
  type: "offset";
  /** The parameter that takes the offset. */
  offset_name_in_request: string;
  /**
   * The offset of the first page.
   * @default 0, or 1 if it counts pages
   */
  offset_start_value?: number | undefined;
  /**
   * Whether it counts pages or entries.
   * @default entries, unless the parameter is called `page`
   */
  offset_calculation_method?: "per-page" | "by-response-size" | undefined;
}

/**
 * Options of `paginate`; the others apply to each call.
 *
 * @example
 * ```ts
 * import { NangoToolkit, type PaginateOptions } from "nango-toolkit";
 *
 * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
 * const options: PaginateOptions = { maxPages: 10, provider: "hubspot" };
 * const args = { connection_id: "hubspot-ada", provider_config_key: "hubspot", any_path: "crm/v3/objects/contacts" };
 * for await (const contact of nango.paginate("NANGO_GET_PROXY", args, options)) console.log(contact);
 * ```
 */
export interface PaginateOptions extends Omit<ExecuteOptions, "confirm"> {
  /**
   * How many pages are read at most; then it ends.
   * @default 1000, and more of them are an error with the code `too_many_pages`
   */
  maxPages?: number | undefined;
  /**
   * For the proxy: the provider in Nango's catalogue, such as `hubspot`.
   * @default that of the integration, which is looked up
   */
  provider?: string | undefined;
  /**
   * For the proxy: how the provider pages its lists.
   * @default as Nango's catalogue describes it
   */
  paging?: ProviderPaging | undefined;
}

/** An entry of the list that a result is about. */
export type ListEntry<Data> = unknown extends Data
  ? unknown
  : Data extends ReadonlyArray<infer Entry>
    ? Entry
    : { [Name in keyof Data]: Data[Name] extends ReadonlyArray<infer Entry> ? Entry : never }[keyof Data];
