// Problems of arguments by their place: each is shown once, at the field of its path.
import { keyOf } from "./json.js";

/** `{ at(path), below(path) }`: the problems of a place, and those of it and of everything in it. */
export function issuesByPlace(issues) {
  const [exact, inside] = [new Map(), new Map()];
  const put = (map, path, issue) => {
    const key = keyOf(path);
    if (map.has(key)) map.get(key).push(issue);
    else map.set(key, [issue]);
  };
  for (const issue of issues) {
    put(exact, issue.path, issue);
    for (let length = 0; length <= issue.path.length; length += 1) put(inside, issue.path.slice(0, length), issue);
  }
  const look = (map) => (path) => map.get(keyOf(path)) ?? [];
  return { at: look(exact), below: look(inside) };
}
