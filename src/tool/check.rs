//! The checks that stop a build if the table is invalid.

use super::{Method, ParamLocation, Tool};

/// Stops the build if the table is invalid: a bad slug, a missing description, a path
/// placeholder without its argument, a body on a GET.
#[expect(clippy::indexing_slicing, reason = "runs in the compiler, where a fault stops the build")]
pub(crate) const fn checked(tools: &'static [Tool]) -> &'static [Tool] {
    let mut i = 0;
    while i < tools.len() {
        check_tool(&tools[i]);
        i += 1;
    }
    tools
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler, where a fault stops the build")]
const fn check_tool(tool: &Tool) {
    let slug = tool.slug.as_bytes();
    assert!(slug.len() > 6 && slug.len() <= 50, "slug: 7 to 50 characters");
    let mut i = 0;
    while i < slug.len() {
        assert!(matches!(slug[i], b'A'..=b'Z' | b'0'..=b'9' | b'_'), "slug: A-Z, 0-9 and _ only");
        i += 1;
    }
    assert!(!tool.title.is_empty() && tool.doc.len() >= 80, "a tool needs a title and a description");
    assert!(!tool.examples.is_empty(), "a tool needs an example");
    assert!(tool.timeout_s > 0, "a tool needs a timeout");
    let mut i = 0;
    let mut in_path = 0;
    while i < tool.params.len() {
        let param = &tool.params[i];
        assert!(!param.prop.doc.is_empty(), "an argument needs a description");
        match param.place {
            ParamLocation::Path(name) | ParamLocation::PathTail(name) => {
                assert!(has_placeholder(tool.path, name), "a path argument needs its placeholder");
                assert!(param.prop.required, "a path argument is required");
                in_path += 1;
            }
            ParamLocation::Body(_) | ParamLocation::WholeBody => {
                assert!(!matches!(tool.method, Method::Get), "a GET has no body");
            }
            _ => {}
        }
        i += 1;
    }
    assert!(in_path == placeholders(tool.path), "a placeholder needs its path argument");
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler, where a fault stops the build")]
const fn placeholders(path: &str) -> usize {
    let (bytes, mut i, mut n) = (path.as_bytes(), 0, 0);
    while i < bytes.len() {
        if bytes[i] == b'{' {
            n += 1;
        }
        i += 1;
    }
    n
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler, where a fault stops the build")]
const fn has_placeholder(path: &str, name: &str) -> bool {
    let (path, name) = (path.as_bytes(), name.as_bytes());
    let mut start = 0;
    while start < path.len() {
        if path[start] == b'{' {
            let mut i = 0;
            while i < name.len() && start + 1 + i < path.len() && path[start + 1 + i] == name[i] {
                i += 1;
            }
            if i == name.len() && start + 1 + i < path.len() && path[start + 1 + i] == b'}' {
                return true;
            }
        }
        start += 1;
    }
    false
}
