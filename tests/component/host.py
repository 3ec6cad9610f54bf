"""The component under Python's wasmtime, for the tests: a line of JSON in, a line of JSON out. It loads the component
by the program of docs/component, and calls whatever export is named."""

import json
import sys

sys.path.insert(0, sys.argv[1])

from nango_call import Tools  # noqa: E402
from wasmtime import WasmtimeError  # noqa: E402
from wasmtime.component import Record, ResourceAny, Variant  # noqa: E402

tools = Tools(sys.argv[2])
held = []


def camel(name):
    first, *rest = name.split("-")
    return first + "".join(part.capitalize() for part in rest)


def given(value):
    """What a test gives, as wasmtime takes it."""
    if not isinstance(value, dict):
        return value
    if "u64" in value:
        return int(value["u64"])
    if "held" in value:
        return held[value["held"]]
    if "tag" in value:
        return Variant(value["tag"], given(value.get("val")))
    record = Record()
    for name, inner in value.items():
        setattr(record, name, [tuple(pair) for pair in inner] if name == "headers" else inner)
    return record


def shown(value):
    """What wasmtime gives, as JSON."""
    if isinstance(value, ResourceAny):
        held.append(value)
        return {"held": len(held) - 1}
    if isinstance(value, Variant):
        return {"tag": value.tag, **({} if value.payload is None else {"val": shown(value.payload)})}
    if isinstance(value, Record):
        out = {camel(name): shown(inner) for name, inner in vars(value).items() if inner is not None}
        # The only result within a record: wasmtime distinguishes its cases by their types.
        if "data" in out:
            out["data"] = {"tag": "err" if isinstance(value.data, Record) else "ok", "val": out["data"]}
        return out
    return [shown(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def settled(name, value):
    """A result as `{ ok }` or `{ err }`."""
    if isinstance(value, Variant) and value.tag in ("ok", "err"):
        return {value.tag: shown(value.payload)}
    if name.startswith("[method]call.handle-"):
        return {"ok": None} if value is None else {"err": value}
    if isinstance(value, Record) and hasattr(value, "retryable"):
        return {"err": shown(value)}
    return {"ok": shown(value)}


for line in sys.stdin:
    asked = json.loads(line)
    try:
        if asked["name"] == "drop":
            held[asked["given"][0]["held"]].drop(tools.store)
            answer = {"ok": None}
        else:
            answer = settled(asked["name"], tools(asked["name"], *map(given, asked["given"])))
    except WasmtimeError as error:
        answer = {"trap": str(error)}
    print(json.dumps(answer), flush=True)
