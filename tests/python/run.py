"""Runs the program of docs/python for one framework with a model that follows a script, and prints what the model saw.

run.py NAME URL: the script comes as JSON on standard input, `{ tools, turns, text }` goes out on the last line.
"""

import asyncio
import importlib
import inspect
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "docs" / "python"), str(Path(__file__).resolve().parent / "models")]


class Script:
    """The turns of a model, and what it saw: tools by name, the results of each turn."""

    def __init__(self, turns):
        self.turns = turns
        self.at = 0
        self.seen = {"tools": {}, "turns": [], "text": None}

    def next(self):
        """The next turn: calls `(id, name, args)`, or the final text."""
        turn = self.turns[self.at]
        self.at += 1
        if isinstance(turn, str):
            return turn
        return [(f"call_{self.at}_{i}", call["name"], call["args"]) for i, call in enumerate(turn)]

    def tool(self, name, schema=None):
        self.seen["tools"][name] = {} if schema is None else {"properties": sorted(schema.get("properties", {}))}

    def results(self, results):
        """What was answered to the calls of the last turn: `(name, text, failed)`, failed None where nothing marks it."""
        if results:
            self.seen["turns"].append([{"name": name, "value": value, "failed": failed} for name, value, failed in results])


def main():
    name, url = sys.argv[1:]
    script = Script(json.load(sys.stdin))
    program = importlib.import_module(f"nango_{name}")
    model = importlib.import_module(f"{name}_model").make(script)
    text = program.main(model=model, url=url, prompt="go")
    script.seen["text"] = asyncio.run(text) if inspect.isawaitable(text) else text
    print("\n" + json.dumps(script.seen))


main()
