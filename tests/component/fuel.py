"""How many WebAssembly instructions calls of the component take, for the tests: a line of JSON in, a line of JSON out.
`{ "text": … }` is the input of the calls that follow; in what they are given, `$INPUT` stands for it."""

import json
import sys

sys.path.insert(0, sys.argv[1])

from nango_call import Tools  # noqa: E402
from wasmtime import Config, Engine, Store  # noqa: E402
from wasmtime.component import Component, Linker, Record  # noqa: E402

FUEL = 1 << 60


class Counted(Tools):
    """The component in a store that counts."""

    def __init__(self, path):
        config = Config()
        config.consume_fuel = True
        engine = Engine(config)
        component, linker = Component.from_file(engine, path), Linker(engine)

        def instantiate():
            self.store = Store(engine)
            self.store.set_fuel(FUEL)
            self.instance = linker.instantiate(self.store, component)
            self.interface = self.instance.get_export_index(self.store, "nango:toolkit/tools@0.1.0")

        self.instantiate = instantiate


def given(value, text):
    """What a test gives, as wasmtime takes it."""
    if isinstance(value, str):
        return value.replace("$INPUT", text)
    if isinstance(value, dict):
        record = Record()
        for name, inner in value.items():
            setattr(record, name, [tuple(pair) for pair in inner] if name == "headers" else given(inner, text))
        return record
    return value


tools = Counted(sys.argv[2])
text = ""
for line in sys.stdin:
    asked = json.loads(line)
    if "text" in asked:
        text = asked["text"]
        continue
    # A new instance each time: what an earlier call has left does not count.
    tools.instantiate()
    values = [given(value, text) for value in asked["given"]]
    if asked["name"] != "[static]toolkit.open":
        values = [tools("[static]toolkit.open", asked["options"]), *values]
    before = tools.store.get_fuel()
    tools(asked["name"], *values)
    print(json.dumps({"instructions": before - tools.store.get_fuel()}), flush=True)
