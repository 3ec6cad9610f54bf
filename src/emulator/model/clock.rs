//! Times as strings: what the server prints and what `new Date(…)` would accept. Times are milliseconds since 1970;
//! the current time is always an argument.

use std::str::FromStr;

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use time::{Date, Duration, Month, OffsetDateTime};

/// The furthest a JavaScript date reaches from 1970.
pub(crate) const FURTHEST_MS: i64 = 8_640_000_000_000_000;
/// The latest current time: what begins then ends before [`FURTHEST_MS`].
pub(crate) const LATEST_NOW_MS: i64 = FURTHEST_MS - 366 * 86_400_000;

/// The time shown if no request has come yet: 2026-01-01.
pub(crate) const BEFORE_START_MS: i64 = 1_767_225_600_000;

fn date_time(ms: i64) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH.saturating_add(Duration::milliseconds(ms))
}

/// The day of a time: a number that differs by 1 from one day to the next.
pub(crate) fn day(ms: i64) -> i32 {
    date_time(ms).to_julian_day()
}

/// `2026-11-22T14:12:03.721Z`
pub(crate) fn iso_z(ms: i64) -> String {
    let at = date_time(ms);
    format!("{}.{:03}Z", seconds(at), at.millisecond())
}

/// `2026-11-22T14:12:03.721+00:00`
pub(crate) fn iso_offset(ms: i64) -> String {
    let at = date_time(ms);
    format!("{}.{:03}+00:00", seconds(at), at.millisecond())
}

/// `2026-11-22T14:12:04.4211+00:00`: microseconds without trailing zeros.
pub(crate) fn iso_micros(ms: i64, micros: i64) -> String {
    let at = date_time(ms);
    let fraction = format!("{:03}{:03}", at.millisecond(), micros.rem_euclid(1000));
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{}{point}{fraction}+00:00", seconds(at))
}

/// `2026-11-22T14:12:03`; years that need more than four digits are written as JavaScript writes them.
fn seconds(at: OffsetDateTime) -> String {
    let (year, month, day) = at.to_calendar_date();
    let (hour, minute, second) = at.to_hms();
    let year = if (0..=9999).contains(&year) { format!("{year:04}") } else { format!("{year:+07}") };
    format!("{year}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}", u8::from(month))
}

/// The time of `new Date(ms)`, if that is a valid date.
pub(crate) fn in_range(ms: f64) -> Option<i64> {
    let whole = ms.trunc();
    // NaN fails the comparison too.
    (whole.abs() <= FURTHEST_MS as f64).then_some(whole as i64)
}

/// Reads a time in JSON that JavaScript's dates reach: no arithmetic with it overflows.
pub(crate) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let ms = i64::deserialize(deserializer)?;
    if (-FURTHEST_MS..=FURTHEST_MS).contains(&ms) {
        return Ok(ms);
    }
    Err(D::Error::custom("expected milliseconds since 1970, within the range of dates"))
}

/// Reads a time as [`read`] does, or null.
pub(crate) fn read_optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    #[derive(Deserialize)]
    struct Time(#[serde(deserialize_with = "read")] i64);
    Ok(Option::<Time>::deserialize(deserializer)?.map(|Time(ms)| ms))
}

/// Reads an ISO 8601 date, or date and time; a time without an offset is UTC. As in JavaScript, `02-31` is the
/// third of March.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 4)?;
    let month: u8 = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    let day = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    if parts.next().is_some() || !(1..=31).contains(&day) {
        return None;
    }
    let first = Date::from_calendar_date(year, Month::try_from(month).ok()?, 1).ok()?;
    let since_first = Duration::days(day - 1) + time.map_or(Some(Duration::ZERO), time_of_day)?;
    let at = first.midnight().assume_utc().checked_add(since_first)?;
    Some(at.unix_timestamp() * 1000 + i64::from(at.millisecond()))
}

/// `14:12`, `14:12:03`, `14:12:03.721`, each with `Z`, an offset or nothing.
fn time_of_day(text: &str) -> Option<Duration> {
    let at = text.find(['Z', 'z', '+', '-']).unwrap_or(text.len());
    let (clock, offset) = text.split_at_checked(at)?;
    let mut parts = clock.split(':');
    let hours: i64 = digits(parts.next()?, 2)?;
    let minutes: i64 = digits(parts.next()?, 2)?;
    let (seconds, fraction) = match parts.next() {
        Some(part) => part.split_once('.').unwrap_or((part, "")),
        None => ("00", ""),
    };
    let seconds: i64 = digits(seconds, 2)?;
    let valid = hours < 24 || (hours == 24 && minutes == 0 && seconds == 0);
    if parts.next().is_some() || !valid || minutes > 59 || seconds > 59 {
        return None;
    }
    let ms: i64 = match fraction.get(..3).unwrap_or(fraction) {
        _ if !fraction.bytes().all(|b| b.is_ascii_digit()) => return None,
        first => format!("{first:0<3}").parse().ok()?,
    };
    let clock = Duration::hours(hours) + Duration::minutes(minutes) + Duration::seconds(seconds);
    Some(clock + Duration::milliseconds(ms) - offset_of(offset)?)
}

/// `Z`, `+02:00`, `-0530`; nothing is UTC.
fn offset_of(text: &str) -> Option<Duration> {
    if text.is_empty() || text.eq_ignore_ascii_case("z") {
        return Some(Duration::ZERO);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let text = text.get(1..)?;
    let (hours, minutes) = text.split_once(':').or_else(|| text.split_at_checked(2))?;
    Some((Duration::hours(digits(hours, 2)?) + Duration::minutes(digits(minutes, 2)?)) * sign)
}

/// The number that exactly `count` digits write.
fn digits<N: FromStr>(text: &str, count: usize) -> Option<N> {
    (text.len() == count && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::{FURTHEST_MS, iso_micros, iso_z, parse};

    #[test]
    fn dates_go_there_and_back() {
        for text in ["1970-01-01T00:00:00.000Z", "2026-11-22T14:12:03.721Z", "2099-12-31T23:59:59.999Z"] {
            assert_eq!(parse(text).map(iso_z).as_deref(), Some(text));
        }
        assert_eq!(parse("2024-02-29"), Some(1_709_164_800_000));
        assert_eq!(parse("2026-11-22T16:12:03+02:00"), parse("2026-11-22T14:12:03Z"));
        assert_eq!(parse("2026-11-22T11:42:03.5-0230"), parse("2026-11-22T14:12:03.500Z"));
        assert_eq!(iso_micros(1_795_356_724_421, 100), "2026-11-22T14:12:04.4211+00:00");
        assert_eq!(iso_z(-1), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn dates_are_read_as_javascript_reads_them() {
        assert_eq!(parse("2026-02-31"), parse("2026-03-03"));
        assert_eq!(parse("2026-11-22T24:00:00Z"), parse("2026-11-23"));
        assert_eq!(iso_z(FURTHEST_MS), "+275760-09-13T00:00:00.000Z");
        assert_eq!(iso_z(-FURTHEST_MS), "-271821-04-20T00:00:00.000Z");
        for wrong in [
            "nope",
            "",
            "2026-13-01",
            "2026-00-01",
            "2026-11-32",
            "2026-11-22T25:00",
            "2026-11-22T10:00:00.x",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
