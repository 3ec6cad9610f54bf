// Valid arguments for a tool: made from the shapes of its arguments, where what validation refuses is replaced by the
// next candidate until nothing is refused; and from its examples.

/** What strings with a form look like; `n` makes two of a kind. */
const STRINGS = [
  (n) => `probe-${n}`,
  (n) => `0b5f3c0e-7a51-4d3e-9a63-0000000000${n}0`,
  (n) => `https://probe-${n}.example.com`,
  (n) => `203${n}-01-31T12:00:00Z`,
  (n) => `probe-${n}@example.com`,
  (n) => `-----BEGIN RSA PRIVATE KEY-----\n${n}\n-----END RSA PRIVATE KEY-----`,
  (n) => `${n}h`,
  (n) => `every ${n} hours`,
  (n) => `export default ${n};`,
  (n) => `Probe${n}`,
  (n) => `nango_connect_session_${String(n).repeat(64)}`,
];
const NUMBERS = [1, 100, 1000];

/** More replacements than any argument needs. */
const MOST = 50;

export class Samples {
  #shape;
  #examples;
  #validate;

  /**
   * @param {import("./shapes.mjs").ObjectShape} shape the arguments of a tool
   * @param {object[]} examples valid arguments that are known
   * @param {(args: object) => { valid: boolean, issues: { path: (string | number)[] }[] }} validate
   */
  constructor(shape, examples, validate) {
    this.#shape = shape;
    this.#examples = examples;
    this.#validate = validate;
  }

  /**
   * Valid arguments with these names; `undefined` if there is a rule that they break.
   * @param {string[]} names
   * @param {string} [changed] the name of the one that is to have its second value
   */
  valid(names, changed) {
    const choices = new Map();
    for (let times = 0; times < MOST; times++) {
      const args = {};
      for (const name of names) {
        const { shape } = this.#shape.properties[name];
        args[name] = sample(shape, { n: name === changed ? 2 : 1, path: name, choices });
      }
      const { valid, issues } = this.#validate(args);
      if (valid) return args;
      for (const { path } of issues) {
        const leaf = path.join(".");
        if (!choices.has(leaf)) return undefined; // not a leaf, so that another value does not help
        choices.set(leaf, choices.get(leaf) + 1);
      }
    }
    return undefined;
  }

  /**
   * Valid arguments, with no more than what is required if that is enough.
   * @param {string[]} required
   */
  first(required) {
    return this.#sets(required)
      .map((set) => this.valid(set))
      .concat(this.#examples)
      .find(Boolean);
  }

  /**
   * Pairs of valid arguments that differ in one argument only: without and with it, or in its value; also in company of
   * each other argument, since some have an effect only together.
   * @param {string} name
   * @param {string[]} required
   */
  pairs(name, required) {
    const made = this.#sets(required).flatMap((set) => {
      const all = set.includes(name) ? set : [...set, name];
      return [
        [this.valid(set), this.valid(all)],
        [this.valid(all), this.valid(all, name)],
      ];
    });
    const changed = this.#examples
      .filter((example) => name in example)
      .map((example) => [example, { ...example, [name]: varied(example[name]) }])
      .filter(([, other]) => this.#validate(other).valid);
    return [...made, ...changed].filter(([one, other]) => one && other);
  }

  /** The names that are required: alone, and with each of the other names. */
  #sets(required) {
    const others = Object.keys(this.#shape.properties).filter((name) => !required.includes(name));
    return [required, ...others.map((name) => [...required, name])];
  }
}

/** The value with other strings in it. */
function varied(value) {
  if (typeof value === "string") return `${value}2`;
  if (Array.isArray(value)) return value.map(varied);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, varied(inner)]));
}

/** A value of a shape. `choices` counts, for each leaf, which candidate it is at. */
function sample(shape, { n, path, choices }) {
  const inside = (value, key) => sample(value, { n, path: `${path}.${key}`, choices });
  if (shape.any) return { probe: `probe-${n}` };
  if (shape.objects) return sampleObject(shape.objects[0], inside, n);
  if (shape.list) return [inside(shape.list, 0)];
  const choice = choices.get(path) ?? 0;
  choices.set(path, choice);
  const turn = (values, offset = 0) => values[(choice + offset) % values.length];
  if (Array.isArray(shape.strings)) return turn(shape.strings, n - 1);
  if (shape.strings) return turn(STRINGS)(n);
  if (shape.number) return turn(NUMBERS) + n - 1;
  return n === 1;
}

/** What an object requires, and one entry if its names are free. */
function sampleObject({ properties, rest }, inside, n) {
  const value = {};
  for (const [name, property] of Object.entries(properties))
    if (property.required) value[name] = inside(property.shape, name);
  if (rest) value.probe = rest.any ? `probe-${n}` : inside(rest, "probe");
  return value;
}
