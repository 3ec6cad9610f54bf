//! What is wrong, in words for the operator.

use nango_toolkit::error::Error;

/// An error with all its hints.
pub(crate) fn describe(error: &Error) -> String {
    let mut all = vec![error.message.as_str()];
    let hints = error.hint.iter().chain(error.issues.iter().filter_map(|issue| issue.hint.as_ref()));
    for hint in hints {
        if !all.contains(&hint.as_str()) {
            all.push(hint);
        }
    }
    all.join("; ")
}
