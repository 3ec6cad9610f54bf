"""Calls one of Nango's tools through the WebAssembly component, with Python's own HTTP client and clock.

pip install wasmtime
NANGO_SECRET_KEY=… python nango_call.py nango-toolkit.wasm NANGO_LIST_INTEGRATIONS '{}' ['{"policy":{"readOnly":true}}']
"""

import json
import os
import secrets
import sys
import time
import urllib.error
import urllib.request

from wasmtime import Engine, Store
from wasmtime.component import Component, Linker, Record, Variant


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


HTTP = urllib.request.build_opener(NoRedirect)


def now():
    return int(time.time() * 1000)


class Tools:
    """What the component exports: `tools("[method]call.poll", call, now())`. Errors are records or strings."""

    def __init__(self, path):
        engine = Engine()
        self.store = Store(engine)
        self.instance = Linker(engine).instantiate(self.store, Component.from_file(engine, path))
        self.interface = self.instance.get_export_index(self.store, "nango:toolkit/tools@0.1.0")

    def __call__(self, name, *given):
        index = self.instance.get_export_index(self.store, name, self.interface)
        function = self.instance.get_func(self.store, index)
        result = function(self.store, *given)
        function.post_return(self.store)
        return result


def send(request, seconds):
    """The response to a request, or `None` if there was none in time."""
    body = None if request.body is None else request.body.encode()
    asked = urllib.request.Request(request.url, body, dict(request.headers), method=request.method)
    try:
        got = HTTP.open(asked, timeout=seconds)
    except urllib.error.HTTPError as error:
        got = error  # an error status is a response, too
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            return None
        raise
    except TimeoutError:
        return None
    with got:
        answer = Record()
        answer.status = got.status
        answer.headers = list(got.headers.items())
        answer.body = got.read().decode("utf-8", "replace")
    return answer


def execute(tools, toolkit, tool, arguments, key, overrides="{}", log=lambda event: None):
    """Runs a tool. `data` of the outcome is JSON text, or a record that describes the error."""
    call = tools("[constructor]call", toolkit, tool, arguments, overrides, secrets.randbits(64))
    try:
        while True:
            step = tools("[method]call.poll", call, now())
            for event in tools("[method]call.take-events", call):
                log(event)
            if step.tag == "send":
                try:
                    answer = send(step.payload.request, max(step.payload.until - now(), 1) / 1000)
                except OSError as error:
                    tools("[method]call.handle-transport-error", call, str(error), now())
                else:
                    if answer:
                        tools("[method]call.handle-response", call, answer, now())
            elif step.tag == "wait":
                time.sleep(max(step.payload - now(), 0) / 1000)
            elif step.tag == "key":
                tools("[method]call.handle-key", call, Variant("ok", key), now())
            elif step.tag == "approval":
                # Ask a person here; with the token, a later call can confirm this one.
                tools("[method]call.handle-approval", call, Variant("pending", secrets.token_hex(16)), now())
            else:
                return step.payload
    finally:
        call.drop(tools.store)


def plain(value):
    """Converts records to values that `json` can write."""
    if isinstance(value, Record):
        return {name: plain(inner) for name, inner in vars(value).items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def main(path, tool, arguments, options="{}"):
    tools = Tools(path)
    options = {"baseUrl": os.environ.get("NANGO_HOST", "https://api.nango.dev"), **json.loads(options)}
    toolkit = tools("[static]toolkit.open", json.dumps(options))
    if isinstance(toolkit, Record):
        sys.exit(f"{toolkit.code}: {toolkit.message}")
    key = os.environ.get("NANGO_SECRET_KEY", "")
    outcome = execute(tools, toolkit, tool, arguments, key, log=lambda event: print(event, file=sys.stderr))
    failed = isinstance(outcome.data, Record)
    print(json.dumps(plain(outcome.data)) if failed else outcome.data)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
