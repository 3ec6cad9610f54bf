"""The Claude Agent SDK speaks to a server of Anthropic's wire format, which ANTHROPIC_BASE_URL names: the script is there."""


def make(script):
    return "scripted"
