//! Error messages for the operator.

use nango_toolkit::error::Error;

/// An error with all its hints, in the form of the npm package's server: `message (hint; hint)`.
pub(crate) fn describe(error: &Error) -> String {
    let mut hints: Vec<&str> = Vec::new();
    for hint in error.hint.iter().chain(error.issues.iter().filter_map(|issue| issue.hint.as_ref())) {
        if !hints.contains(&hint.as_str()) {
            hints.push(hint);
        }
    }
    if hints.is_empty() { error.message.clone() } else { format!("{} ({})", error.message, hints.join("; ")) }
}
