// The error that the package throws.

/** Misuse by the programmer: an unknown option, no key, a base URL that is none, a module that is not loaded. */
export class NangoToolkitError extends Error {
  constructor({ message, issues, hint, cause, ...rest }) {
    super(hint ? `${message} (${hint})` : message, cause === undefined ? undefined : { cause });
    this.name = "NangoToolkitError";
    Object.assign(this, rest, { hint, issues: issues ?? [] });
  }
}
