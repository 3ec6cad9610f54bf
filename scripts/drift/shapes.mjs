// The shape of a TypeScript type as plain data, and the differences between two of them: names, what is required, kinds
// and values. It knows TypeScript's checker; neither the tools nor Nango's endpoints.

import { SymbolFlags, TypeFlags } from "typescript/unstable/sync";

/**
 * @typedef {{
 *   any?: boolean,
 *   strings?: true | string[],
 *   number?: boolean,
 *   boolean?: boolean,
 *   null?: boolean,
 *   list?: Shape,
 *   objects?: ObjectShape[],
 * }} Shape What a value may be; `strings` is `true` for any string, or the values.
 * @typedef {{ properties: Record<string, Property>, rest?: Shape }} ObjectShape `rest`: the values of other names
 * @typedef {{ required: boolean, shape: Shape }} Property
 */

/**
 * Reads shapes of types with one checker. `undefined` as a value is the same as leaving a property out, so it is not a
 * part of a shape.
 * @returns {(type: import("typescript/unstable/sync").Type) => Shape}
 */
export function shapeReader(checker) {
  const known = new Map();

  const shapeOf = (type) => {
    const is = (flag) => (type.flags & flag) !== 0;
    if (is(TypeFlags.Any | TypeFlags.Unknown)) return { any: true };
    if (is(TypeFlags.Undefined | TypeFlags.Void | TypeFlags.Never)) return {};
    if (is(TypeFlags.Null)) return { null: true };
    if (is(TypeFlags.BooleanLike)) return { boolean: true };
    if (type.isStringLiteralType()) return { strings: [type.value] };
    if (is(TypeFlags.StringLike)) return { strings: true };
    if (is(TypeFlags.NumberLike | TypeFlags.BigIntLike)) return { number: true };
    if (is(TypeFlags.NonPrimitive)) return { objects: [{ properties: {}, rest: { any: true } }] };
    return remembered(type);
  };

  /** A type inside itself counts as anything. */
  const remembered = (type) => {
    if (!known.has(type.id)) {
      known.set(type.id, { any: true });
      known.set(type.id, composed(type));
    }
    return known.get(type.id);
  };

  const composed = (type) => {
    if (type.isUnionType()) return type.getTypes().map(shapeOf).reduce(united);
    if (checker.isArrayType(type)) return { list: shapeOf(checker.getTypeArguments(type)[0]) };
    // As JSON it is a string.
    if (type.getSymbol()?.name === "Date") return { strings: true };
    return { objects: [objectOf(type)] };
  };

  /** @returns {ObjectShape} */
  const objectOf = (type) => {
    const properties = {};
    for (const symbol of checker.getPropertiesOfType(type)) {
      const value = checker.getTypeOfSymbol(symbol);
      const members = value.isUnionType() ? value.getTypes() : [value];
      const mayBeAbsent = members.some(({ flags }) => flags & TypeFlags.Undefined);
      const shape = shapeOf(value);
      // `never` as a value: the property is forbidden.
      if (Object.keys(shape).length === 0) continue;
      properties[symbol.name] = { required: !mayBeAbsent && !(symbol.flags & SymbolFlags.Optional), shape };
    }
    const values = checker.getIndexInfosOfType(type).map(({ valueType }) => shapeOf(valueType));
    const rest = values.reduce(united, {});
    return Object.keys(rest).length > 0 ? { properties, rest } : { properties };
  };

  return shapeOf;
}

/**
 * What either of two shapes allows.
 * @returns {Shape}
 */
export function united(one, other) {
  const sum = { ...one, ...other };
  if (one.strings && other.strings)
    sum.strings =
      one.strings === true || other.strings === true ? true : [...new Set([...one.strings, ...other.strings])];
  if (one.list && other.list) sum.list = united(one.list, other.list);
  if (one.objects && other.objects) sum.objects = [...one.objects, ...other.objects];
  return sum;
}

/**
 * One object shape for several: what all of them require is required.
 * @param {ObjectShape[]} objects
 * @returns {ObjectShape}
 */
export function merged(objects) {
  const properties = {};
  for (const name of new Set(objects.flatMap((object) => Object.keys(object.properties)))) {
    const found = objects.flatMap((object) => object.properties[name] ?? []);
    properties[name] = {
      required: found.length === objects.length && found.every(({ required }) => required),
      shape: found.map(({ shape }) => shape).reduce(united),
    };
  }
  const rests = objects.flatMap(({ rest }) => rest ?? []);
  return rests.length > 0 ? { properties, rest: rests.reduce(united) } : { properties };
}

/** The values of `type` in each of these objects, if all have some: what tells forms of credentials apart. */
function tagsOf(objects) {
  const tags = objects.map(({ properties }) => properties.type?.shape.strings);
  return tags.every(Array.isArray) ? tags : undefined;
}

/**
 * The objects by the value of their `type`, which is left out of them; `undefined` if they do not have such values.
 * @param {ObjectShape[]} objects
 * @returns {Map<string, ObjectShape> | undefined}
 */
export function byType(objects) {
  const tags = tagsOf(objects);
  if (!tags) return undefined;
  const forms = [...new Set(tags.flat())].map((tag) => {
    const { properties, ...others } = merged(objects.filter((_object, i) => tags[i].includes(tag)));
    const { type: _type, ...named } = properties;
    return [tag, { properties: named, ...others }];
  });
  return new Map(forms);
}

const KINDS = {
  any: "anything",
  strings: "string",
  number: "number",
  boolean: "boolean",
  null: "null",
  list: "list",
  objects: "object",
};
const kindsOf = (shape) =>
  Object.keys(KINDS)
    .filter((kind) => shape[kind])
    .map((kind) => KINDS[kind])
    .join(" or ");

/**
 * The differences between what Nango's types say about a value and what the tool takes, one sentence each.
 * @param {Shape} theirs
 * @param {Shape} ours
 * @param {string} place the name of the value, with which each sentence begins
 * @returns {string[]}
 */
export function differences(theirs, ours, place) {
  if (theirs.any) return []; // the types do not say what it is
  const found = [];
  const [left, right] = [kindsOf(theirs), kindsOf(ours)];
  if (left !== right) found.push(`${place}: ${left} in the types, ${right} here`);
  if (theirs.strings && ours.strings) found.push(...differentValues(theirs.strings, ours.strings, place));
  if (theirs.list && ours.list) found.push(...differences(theirs.list, ours.list, `${place}[]`));
  if (theirs.objects && ours.objects) found.push(...differentForms(theirs.objects, ours.objects, place));
  return found;
}

function differentValues(theirs, ours, place) {
  const [left, right] = [theirs, ours].map((values) => (values === true ? values : withoutLists(values)));
  if (left === true && right === true) return [];
  const all = (values) => (values === true ? "any string" : values.toSorted().join(", "));
  if (left === true || right === true) return [`${place}: ${all(left)} in the types, ${all(right)} here`];
  return [
    ...left.filter((value) => !right.includes(value)).map((value) => `${place}: value ${value} only in the types`),
    ...right.filter((value) => !left.includes(value)).map((value) => `${place}: value ${value} only here`),
  ];
}

/** The values without those that list others with a comma between them: `added,updated`. */
const withoutLists = (values) =>
  values.filter((value) => !value.includes(",") || !value.split(",").every((one) => values.includes(one)));

/** Forms are compared by their `type`, where there are several of them; all together where they do not have one. */
function differentForms(theirs, ours, place) {
  const [left, right] = theirs.length + ours.length > 2 ? [byType(theirs), byType(ours)] : [];
  if (!left || !right) return differentProperties(merged(theirs), merged(ours), place);
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((tag) => {
    const [one, other] = [left.get(tag), right.get(tag)];
    const form = `${place}(${tag})`;
    if (!other) return [`${form}: only in the types`];
    return one ? differentProperties(one, other, form) : [`${form}: only here`];
  });
}

/**
 * The same for two objects. `separator` stands between the place and the names of its properties.
 * @param {ObjectShape} theirs
 * @param {ObjectShape} ours
 */
export function differentProperties(theirs, ours, place, separator = ".") {
  const found = [...new Set([...Object.keys(theirs.properties), ...Object.keys(ours.properties)])].flatMap((name) => {
    const [one, other] = [theirs.properties[name], ours.properties[name]];
    const here = `${place}${separator}${name}`;
    const need = ({ required }) => (required ? "required" : "optional");
    if (!other) return [`${here}: ${need(one)}, only in the types`];
    if (!one) return [`${here}: ${need(other)}, only here`];
    const inNeed = one.required === other.required ? [] : [`${here}: ${need(one)} in the types, ${need(other)} here`];
    return [...inNeed, ...differences(one.shape, other.shape, here)];
  });
  if (theirs.rest && ours.rest) found.push(...differences(theirs.rest, ours.rest, `${place}${separator}*`));
  else if (theirs.rest) found.push(`${place}: other names are allowed only in the types`);
  else if (ours.rest) found.push(`${place}: other names are allowed only here`);
  return found;
}
