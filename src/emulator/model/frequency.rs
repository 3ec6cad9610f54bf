//! How often a sync runs, as text: what the server accepts, and the time that it stands for.

use super::clock;

const MINUTE: i64 = 60_000;
/// The longest interval, so that sums with times do not overflow.
const LONGEST_MS: i64 = clock::FURTHEST_MS;
/// The shortest that a caller may ask for.
const SHORTEST_MS: i64 = 30_000;

/// Spellings without a number, and what the server makes of them.
const BARE: &[(&str, &str)] = &[
    ("every half day", "12h"),
    ("every half hour", "30m"),
    ("every quarter hour", "15m"),
    ("every hour", "1h"),
    ("every day", "1d"),
    ("every month", "30d"),
    ("every week", "1w"),
];

/// Whether the server's pattern for frequencies matches.
pub(crate) fn is_frequency(text: &str) -> bool {
    let rest = text.strip_prefix("every ").unwrap_or(text);
    if ["month", "week", "half day", "half hour", "quarter hour"].contains(&rest) {
        return true;
    }
    let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let unit = unit.strip_prefix(char::is_whitespace).unwrap_or(unit);
    unit_ms(unit).is_some() && !["w", "week", "month"].contains(&unit)
}

/// What the server stores for a frequency that a caller asks for; none if it is too short or means nothing.
pub(crate) fn accepted(text: &str) -> Option<String> {
    if let Some((_, short)) = BARE.iter().find(|(bare, _)| *bare == text) {
        return Some((*short).to_owned());
    }
    let short = text.replacen("every ", "", 1);
    let unit = short.trim_start_matches(|c: char| c.is_ascii_digit());
    let counted = unit.len() < short.len() && !unit.starts_with('\t');
    // A number of units too large for any clock is refused later, by the scheduler.
    let long_enough = interval(&short).is_none_or(|ms| ms >= SHORTEST_MS) && !zero(&short);
    (counted && long_enough).then_some(short)
}

fn zero(text: &str) -> bool {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    digits.bytes().all(|b| b == b'0')
}

/// The time from one run to the next: of `every hour`, `every 30 minutes`, `every half day`, `6h`.
pub(crate) fn interval(runs: &str) -> Option<i64> {
    let text = runs.trim().strip_prefix("every").unwrap_or(runs).trim();
    let (count, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(0) | None => (1, text),
        Some(at) => (text.get(..at)?.parse().ok()?, text.get(at..)?.trim()),
    };
    let ms = match unit {
        "quarter hour" => 15 * MINUTE,
        "half hour" => 30 * MINUTE,
        "half day" => 720 * MINUTE,
        _ => unit_ms(unit)?,
    };
    i64::checked_mul(count, ms).filter(|ms| (1..=LONGEST_MS).contains(ms))
}

fn unit_ms(unit: &str) -> Option<i64> {
    Some(match unit {
        "s" | "sec" | "secs" | "second" | "seconds" => 1000,
        "m" | "min" | "mins" | "minute" | "minutes" => MINUTE,
        "h" | "hr" | "hrs" | "hour" | "hours" => 60 * MINUTE,
        "d" | "day" | "days" => 1440 * MINUTE,
        "w" | "week" => 7 * 1440 * MINUTE,
        "month" => 30 * 1440 * MINUTE,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{accepted, interval, is_frequency};

    #[test]
    fn frequencies() {
        assert_eq!(interval("every hour"), Some(3_600_000));
        assert_eq!(interval("every 30 minutes"), Some(1_800_000));
        assert_eq!(interval("every half hour"), Some(1_800_000));
        assert_eq!(interval("6h"), Some(21_600_000));
        assert_eq!(interval("1w"), interval("every week"));
        assert_eq!(interval("every blue moon"), None);
    }

    #[test]
    fn the_pattern_of_the_server() {
        for text in ["every 5 minutes", "1h", "30s", "every half day", "week", "every month", "day", "2 hrs"]
        {
            assert!(is_frequency(text), "{text}");
        }
        for text in
            ["zzz", "", "every", "every   hour", "5  minutes", "-1h", "1w", "2 weeks", "Every hour", "1h "]
        {
            assert!(!is_frequency(text), "{text}");
        }
    }

    #[test]
    fn what_the_server_stores() {
        for (given, stored) in [
            ("every 2 hours", Some("2 hours")),
            ("every 1 day", Some("1 day")),
            ("every 3h", Some("3h")),
            ("every half day", Some("12h")),
            ("every week", Some("1w")),
            ("every month", Some("30d")),
            ("30s", Some("30s")),
            ("every 29s", None),
            ("every 10s", None),
            ("every 0 days", None),
            // A unit needs a number, except in the seven spellings above.
            ("every minute", None),
            ("hour", None),
            ("half day", None),
        ] {
            assert_eq!(accepted(given).as_deref(), stored, "{given}");
        }
    }
}
