//! The JSON Schema of policies, for editors and authors. The WebAssembly module does not
//! contain it.

use super::read::{DEFAULTS, EFFECTS, words};
use super::rule::Attribute;
use crate::json::Writer;

/// What each attribute is, in the order of [`Attribute::ALL`].
const MEANINGS: [&str; Attribute::ALL.len()] = [
    "The user that the host vouches for.",
    "The organization of that user.",
    "The agent that acts for the user.",
    "A role of the caller; one of several is enough.",
    "Slug or older slug of the tool.",
    "Toolset of the tool.",
    "What the tool does to the world. A proxy GET that asks the provider to read it as another method is destructive \
     too. destroy means destructive.",
    "The widest thing one call of the tool can touch.",
    "ID of the integration: unique_key, provider_config_key or integration_id. Case matters, as in Nango.",
    "ID of the connection.",
    "ID of the end user who owns the connection, or whom the call gives it to; $user is the caller.",
    "ID of the organization that owns the connection; $organization is the caller's.",
    "A tag of the connection as key=value; one of several is enough.",
    "Name of an environment variable. Reading them reads all.",
    "HTTP method of a proxy call, methods that override it included.",
    "Path of a proxy call, decoded, without query.",
    "Host of a proxy call that overrides the base URL; `provider` is the provider's own.",
];

const PATTERNS: &str = "One glob or several: * stands for any characters.";

/// The JSON Schema (draft 2020-12) of a policy.
#[must_use]
pub fn json_schema() -> String {
    let mut w = Writer::new();
    w.open().pair("$schema", "https://json-schema.org/draft/2020-12/schema");
    w.pair("title", "Policy of Nango Toolkit");
    w.pair("description", 
        "What callers may do. deny overrides confirm, confirm overrides allow, and all override default. If a call \
         leaves something out that it could name, deny and confirm rules apply and allow rules do not. Only \
         { \"readOnly\": true } may omit default.",
    );
    w.pair("type", "object");
    w.key("anyOf").open_array();
    w.open().key("required").texts(&["default"]).close();
    w.open().key("required").texts(&["readOnly"]).key("maxProperties").integer(1);
    w.key("properties").open().key("readOnly").open().key("const").boolean(true).close().close().close();
    w.close_array();
    w.key("additionalProperties").boolean(false).key("properties").open();
    choice(w.key("default"), DEFAULTS, "The decision if no rule applies.");
    w.key("readOnly").open().pair("type", "boolean");
    w.pair("description", "Only calls that change nothing, whatever the rules say; reads through the proxy only if an allow rule names the tool.").close();
    w.key("rules").open().pair("type", "array").key("items").open();
    w.pair("description", "All attributes must match.");
    w.pair("type", "object").key("required").texts(&["then"]).key("additionalProperties").boolean(false);
    w.key("properties").open();
    w.key("id").open().pair("type", "string").key("minLength").integer(1);
    w.pair("description", "The name of the rule in decisions and events.").close();
    choice(w.key("then"), EFFECTS, "The decision of the rule.");
    for ((attribute, name), meaning) in Attribute::ALL.iter().zip(MEANINGS) {
        patterns(w.key(name), meaning, &words(*attribute).unwrap_or_default());
    }
    w.close().close().close();
    w.key("limits").open().pair("type", "array").key("items").open();
    w.pair("type", "object").key("required").texts(&["tool", "calls"]);
    w.key("additionalProperties").boolean(false).key("properties").open();
    patterns(w.key("tool"), "The tools, each of which is counted separately.", &[]);
    least(w.key("calls"), "How often a session may call it.");
    w.close().close().close();
    least(w.key("maxResultBytes"), "How large a result may be, in bytes of JSON.");
    patterns(w.key("scopes"), "Scopes of the API key; tools that need others are hidden and denied.", &[]);
    w.close().close();
    w.finish()
}

fn choice(w: &mut Writer, of: &[&str], meaning: &str) {
    w.open().key("enum").texts(of).pair("description", meaning).close();
}

fn least(w: &mut Writer, meaning: &str) {
    w.open().pair("type", "integer").key("minimum").integer(1).pair("description", meaning).close();
}

fn patterns(w: &mut Writer, meaning: &str, examples: &[&str]) {
    let one = |w: &mut Writer| {
        w.open().pair("type", "string").key("minLength").integer(1).close();
    };
    w.open().pair("description", &format!("{meaning} {PATTERNS}"));
    if !examples.is_empty() {
        w.key("examples").texts(examples);
    }
    w.key("anyOf").open_array();
    one(w);
    w.open().pair("type", "array").key("minItems").integer(1).key("items");
    one(w);
    w.close().close_array().close();
}
