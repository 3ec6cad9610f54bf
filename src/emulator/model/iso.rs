//! ISO 8601 as the server's validator reads it, and times to the microsecond: those of records.

use time::{Date, Month};

use super::clock;

/// Whether `text` is a date and time with `Z` or, if `offset` allows it, with an offset.
pub(crate) fn is_datetime(text: &str, offset: bool) -> bool {
    let Some((date, time)) = text.split_once('T') else { return false };
    let zoned = match (time.strip_suffix('Z'), time.len().checked_sub(6)) {
        (Some(clock), _) => Some(clock),
        (None, Some(at)) if offset => time.split_at_checked(at).and_then(|(clock, zone)| {
            is_minute(zone.strip_prefix(['+', '-']).unwrap_or_default()).then_some(clock)
        }),
        _ => None,
    };
    is_date(date) && zoned.is_some_and(is_time)
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return false;
    };
    let month = u8::try_from(month).ok().and_then(|month| Month::try_from(month).ok());
    let year = i32::try_from(year).unwrap_or(0);
    month.is_some_and(|month| Date::from_calendar_date(year, month, u8::try_from(day).unwrap_or(0)).is_ok())
}

/// `14:12`
fn is_minute(text: &str) -> bool {
    let Some((hour, minute)) = text.split_once(':') else { return false };
    number(hour, 2).is_some_and(|h| h < 24) && number(minute, 2).is_some_and(|m| m < 60)
}

/// `14:12`, `14:12:03`, `14:12:03.5`
fn is_time(text: &str) -> bool {
    let Some((minute, rest)) = text.split_at_checked(5) else { return false };
    if rest.is_empty() {
        return is_minute(minute);
    }
    let Some(seconds) = rest.strip_prefix(':') else { return false };
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let fraction_ok = !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
    is_minute(minute) && fraction_ok && number(seconds, 2).is_some_and(|s| s < 60)
}

fn number(text: &str, digits: usize) -> Option<u32> {
    let plain = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// Microseconds since 1970 of what [`is_datetime`] accepts.
pub(crate) fn micros(text: &str) -> Option<i64> {
    let ms = clock::parse(text)?;
    let fraction = text.split_once('.').map_or("", |(_, rest)| rest);
    let digits = fraction.bytes().skip(3).take(3).take_while(u8::is_ascii_digit);
    let (value, count) = digits.fold((0, 0), |(value, n), b| (value * 10 + i64::from(b - b'0'), n + 1));
    ms.checked_mul(1000)?.checked_add(value * 10_i64.pow(3 - count))
}

/// The microseconds within the millisecond at which something was stored: they follow from the time.
fn within(ms: i64) -> i64 {
    // Not 0, and different from one millisecond to the next.
    1 + ms.wrapping_mul(7919).rem_euclid(999)
}

/// The microseconds since 1970 at which something was stored in this millisecond.
pub(crate) fn stored(ms: i64) -> i64 {
    ms.saturating_mul(1000).saturating_add(within(ms))
}

/// That time as the server prints it: `2026-11-22T14:21:02.128478+00:00`.
pub(crate) fn print_stored(ms: i64) -> String {
    clock::iso_micros(ms, within(ms))
}

#[cfg(test)]
mod tests {
    use super::{is_datetime, micros, print_stored, stored};

    #[test]
    fn what_the_validator_accepts() {
        for text in ["2026-11-22T14:12Z", "2026-11-22T14:12:03Z", "2024-02-29T23:59:59.1234567Z"] {
            assert!(is_datetime(text, false) && is_datetime(text, true), "{text}");
        }
        assert!(is_datetime("2026-11-22T14:12:03.5+02:00", true));
        for text in [
            "2026-11-22T14:12:03.5+02:00",
            "2026-06-01",
            "yesterday",
            "",
            "2026-02-29T00:00Z",
            "2026-13-01T00:00Z",
            "2026-11-22T24:00Z",
            "2026-11-22T14:60Z",
            "2026-11-22T14:12:60Z",
            "2026-11-22T14:12:03.Z",
            "2026-11-22T1:12Z",
            "2026-11-22 14:12Z",
            "2026-11-22T14:12:03",
        ] {
            assert!(!is_datetime(text, false), "{text}");
        }
        for text in ["2026-11-22T14:12:03+2:00", "2026-11-22T14:12:03+25:00", "2026-11-22T14:12:03é"] {
            assert!(!is_datetime(text, true), "{text}");
        }
    }

    #[test]
    fn microseconds_go_there_and_back() {
        for ms in [0, 1, 999, 1_795_356_724_421, 1_795_356_724_422] {
            assert_eq!(micros(&print_stored(ms)), Some(stored(ms)), "{}", print_stored(ms));
        }
        assert_eq!(micros("1970-01-01T00:00:00.1234567+00:00"), Some(123_456));
        assert_eq!(micros("1970-01-01T00:00:01.5Z"), Some(1_500_000));
        assert_eq!(micros("1970-01-01T02:00:00.00012+02:00"), Some(120));
    }
}
