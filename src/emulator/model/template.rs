//! Strings with placeholders: `${…}` in a provider's definition, filled from credentials and connection config, and
//! `{{input.…}}` in a function's result, filled from its input.

use serde_json::Value;

use super::state::Object;

/// Fills a provider's template. `a || b` takes the first alternative whose placeholders are all known; `None` if no
/// alternative has them.
pub(crate) fn fill(template: &str, credentials: &Object, config: &Object) -> Option<String> {
    template.split(" || ").find_map(|one| fill_one(one.trim(), credentials, config))
}

fn fill_one(template: &str, credentials: &Object, config: &Object) -> Option<String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}')?;
        out.push_str(before);
        out.push_str(&look_up(name, credentials, config)?);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

fn look_up(name: &str, credentials: &Object, config: &Object) -> Option<String> {
    let (scope, key) = match name.split_once('.') {
        Some(("connectionConfig", key)) => (config, key),
        Some(("credentials", key)) => (credentials, key),
        Some(_) => return None,
        None => (credentials, name),
    };
    let value = scope.get(key).or_else(|| match key {
        "accessToken" => scope.get("access_token").or_else(|| scope.get("token")),
        _ => None,
    });
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    }
}

/// Replaces whatever `${…}` a caller wrote into a path or query and that can be looked up.
pub(crate) fn fill_loosely(text: &str, credentials: &Object, config: &Object) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        match after.split_once('}').and_then(|(name, tail)| Some((look_up(name, credentials, config)?, tail)))
        {
            Some((value, tail)) => {
                out.push_str(&value);
                rest = tail;
            }
            None => {
                out.push_str("${");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Fills a function's result from its input.
pub(crate) fn result(value: &Value, input: &Value) -> Value {
    match value {
        Value::String(text) => result_text(text, input),
        Value::Array(items) => Value::Array(items.iter().map(|item| result(item, input)).collect()),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(name, item)| (name.clone(), result(item, input))).collect())
        }
        other => other.clone(),
    }
}

fn result_text(text: &str, input: &Value) -> Value {
    let find = |name: &str| {
        let name = name.trim();
        let path = format!("/{name}").replace('.', "/");
        input.pointer(&path).cloned().unwrap_or_default()
    };
    // If the whole string is one placeholder, the value keeps its type.
    if let Some(name) = text.strip_prefix("{{").and_then(|t| t.strip_suffix("}}"))
        && !name.contains("{{")
    {
        return find(name);
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, tail)) = after.split_once("}}") else { break };
        out.push_str(before);
        match find(name) {
            Value::Null => {}
            Value::String(text) => out.push_str(&text),
            other => out.push_str(&crate::json::to_text(&other)),
        }
        rest = tail;
    }
    out.push_str(rest);
    Value::String(out)
}

#[cfg(test)]
mod tests {
    use super::{fill, fill_loosely, result};
    use serde_json::{Map, Value, json};

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn holes_are_filled_from_the_connection() {
        let (credentials, config) = (object(json!({"apiKey": "k"})), object(json!({"subdomain": "acme"})));
        let filled = |t| fill(t, &credentials, &config);
        assert_eq!(filled("Bearer ${apiKey}").as_deref(), Some("Bearer k"));
        assert_eq!(filled("https://${connectionConfig.subdomain}.x").as_deref(), Some("https://acme.x"));
        assert_eq!(filled("${connectionConfig.version} || 2022-11-28").as_deref(), Some("2022-11-28"));
        assert_eq!(filled("https://${connectionConfig.domain}"), None);
        assert_eq!(fill_loosely("/a/${nope}/${apiKey}", &credentials, &config), "/a/${nope}/k");
    }

    #[test]
    fn results_take_the_input() {
        let input = json!({"input": {"n": 5, "who": {"name": "Ada"}}});
        let template =
            json!({"n": "{{input.n}}", "t": "{{input.who.name}}: {{input.n}}", "none": "{{input.x}}"});
        assert_eq!(result(&template, &input), json!({"n": 5, "t": "Ada: 5", "none": null}));
        assert_eq!(result(&json!("{{input}}"), &input), input["input"]);
    }
}
