//! The rate limit: a fixed window of a minute per bucket (contract section 4).

const WINDOW_MS: i64 = 60_000;

/// One bucket: API keys share one, session tokens another.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bucket {
    window: Option<i64>,
    used: u32,
}

/// The limiter's decision on one request.
pub(crate) struct Verdict {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) allowed: bool,
}

impl Bucket {
    /// Takes one point at `now`.
    pub(crate) fn take(&mut self, limit: u32, now: i64) -> Verdict {
        let start = match self.window {
            Some(start) if now >= start && now < start + WINDOW_MS => start,
            _ => {
                self.used = 0;
                now
            }
        };
        self.window = Some(start);
        self.used = self.used.saturating_add(1);
        let allowed = self.used <= limit;
        let end = start + WINDOW_MS;
        let mut headers = vec![
            ("x-ratelimit-limit".to_owned(), limit.to_string()),
            ("x-ratelimit-remaining".to_owned(), limit.saturating_sub(self.used).to_string()),
            ("x-ratelimit-reset".to_owned(), end.div_euclid(1000).to_string()),
        ];
        if !allowed {
            headers.push(("retry-after".to_owned(), ((end - now) / 1000).to_string()));
        }
        Verdict { headers, allowed }
    }
}
