//! Text of generated files: JSON laid out in lines, and the differences between two versions.

/// JSON text indented by two spaces per level; the order of properties stays.
pub(crate) fn pretty(json: &str) -> String {
    let mut out = String::new();
    let mut depth = 0;
    let mut chars = json.chars().peekable();
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    };
    while let Some(c) = chars.next() {
        out.push(c);
        match c {
            '"' => {
                while let Some(c) = chars.next() {
                    out.push(c);
                    match c {
                        '\\' => out.extend(chars.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '{' | '[' => match chars.next_if(|c| matches!(c, '}' | ']')) {
                Some(end) => out.push(end),
                None => {
                    depth += 1;
                    line(&mut out, depth);
                }
            },
            ',' => line(&mut out, depth),
            ':' => out.push(' '),
            _ => {}
        }
        if chars.peek().is_some_and(|c| matches!(c, '}' | ']')) {
            depth -= 1;
            line(&mut out, depth);
        }
    }
    out.push('\n');
    out
}

/// The differences by line: found lines with `-`, expected ones with `+`.
pub(crate) fn diff(found: &str, expected: &str) -> String {
    let (a, b): (Vec<&str>, Vec<&str>) = (found.lines().collect(), expected.lines().collect());
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let rest = a.len().min(b.len()) - same;
    let tail = a.iter().rev().zip(b.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let mut out = format!("from line {}:\n", same + 1);
    for (mark, lines) in [('-', &a[same..a.len() - tail]), ('+', &b[same..b.len() - tail])] {
        for line in lines.iter().take(20) {
            let line: String = line.chars().take(300).collect();
            out.push_str(&format!("{mark} {line}\n"));
        }
        if lines.len() > 20 {
            out.push_str(&format!("{mark} … {} more lines\n", lines.len() - 20));
        }
    }
    out
}

#[test]
fn layout() {
    let json = r#"{"a":[1,{"b":"x,{\"y\":1}"}],"c":{},"d":[]}"#;
    let expected = "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x,{\\\"y\\\":1}\"\n    }\n  ],\n  \"c\": {},\n  \"d\": []\n}\n";
    assert_eq!(pretty(json), expected);
}

#[test]
fn differences() {
    assert_eq!(diff("a\nb\nc", "a\nx\ny\nc"), "from line 2:\n- b\n+ x\n+ y\n");
    assert_eq!(diff("a\na", "a"), "from line 2:\n- a\n");
}
