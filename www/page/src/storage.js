// What the browser keeps for the page: the session of this tab, and the requests that the user saved. The two pages
// keep their own. A key is never written, whatever holds it.
import { holdsKey } from "./secrets.js";
import { live } from "./store.js";

const nameOf = (name) => `nango-toolkit.${live ? "live" : "memory"}.${name}`;
const areaOf = (name) => (name === "session" ? sessionStorage : localStorage);

/** A value that was kept, or undefined; also where the browser allows no storage. */
export function load(name) {
  try {
    return JSON.parse(areaOf(name).getItem(nameOf(name)) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a value, or removes it where it is undefined. Returns whether it is kept. */
export function keep(name, value) {
  try {
    const text = JSON.stringify(value);
    if (text === undefined || holdsKey(text)) {
      areaOf(name).removeItem(nameOf(name));
      return false;
    }
    areaOf(name).setItem(nameOf(name), text);
    return true;
  } catch {
    return false;
  }
}
