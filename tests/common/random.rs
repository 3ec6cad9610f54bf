//! Random numbers, strings and JSON from one seed: the same seed gives the same run.

use serde_json::{Map, Number, Value};

/// xorshift64*: small, and its whole state is one number.
pub struct Random(u64);

const STEADY: u64 = 20_261_122;

/// The seed of a run, printed so that a failing run can be repeated: the value of NANGO_TOOLKIT_SEED (a
/// number, or `new` for a different one each time), otherwise always the same. The tests of every change
/// must give the same result for the same sources; `npm run test:full` uses new seeds.
pub fn seed() -> u64 {
    let seed = match std::env::var("NANGO_TOOLKIT_SEED").as_deref() {
        Ok("new") => {
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
            since.as_nanos() as u64
        }
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("NANGO_TOOLKIT_SEED is a whole number or `new`")),
        Err(_) => STEADY,
    };
    println!("seed: NANGO_TOOLKIT_SEED={seed}");
    seed
}

/// As [`seed`], but `new` has no effect: for tests with approximate expectations.
pub fn steady_seed() -> u64 {
    if std::env::var("NANGO_TOOLKIT_SEED").is_ok_and(|text| text != "new") { seed() } else { STEADY }
}

/// The number of cases of a property: NANGO_TOOLKIT_CASES (100 000 in the long run), otherwise many. Fewer in
/// WebAssembly, where the cases only have to give the same results.
pub fn cases() -> usize {
    let given = std::env::var("NANGO_TOOLKIT_CASES").ok().and_then(|n| n.parse().ok());
    given.unwrap_or(if cfg!(target_family = "wasm") { 2_000 } else { 40_000 })
}

impl Random {
    pub fn new(seed: u64) -> Random {
        // A state of zero would stay zero.
        let mut random = Random(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) | 1);
        random.next();
        random
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// From 0 up to, but not including, `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    /// True once in `n` times.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }

    /// One of `of`, by value.
    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// A character: mostly ordinary, sometimes a troublesome one.
    pub fn char(&mut self) -> char {
        match self.below(12) {
            0 => self.one(&['\0', '\n', '\r', '\t', '\u{7f}', '\u{1b}', '\u{85}', '\u{a0}', '\u{2028}']),
            1 => {
                self.one(&['é', 'ß', '漢', '😀', '\u{202e}', '\u{feff}', '\u{fffd}', '\u{10ffff}', 'İ', '１'])
            }
            2 => self.one(&[
                '%', '/', '\\', '?', '#', '&', '=', '@', ':', '.', '$', '{', '}', '"', '\'', ' ', '<',
            ]),
            _ => char::from(self.one(b"abcdefghijklmnopqrstuvwxyzABCDEFXYZ0123456789_-")),
        }
    }

    /// A string of up to `most` characters.
    pub fn text(&mut self, most: usize) -> String {
        let n = self.below(most + 1);
        (0..n).map(|_| self.char()).collect()
    }

    /// A string that an attacker might try.
    pub fn nasty(&mut self) -> &'static str {
        self.pick(NASTY)
    }

    /// A number: whole, huge, tiny, broken.
    pub fn number(&mut self) -> Number {
        match self.below(8) {
            0 => Number::from(u64::MAX - self.below(3) as u64),
            1 => Number::from(i64::MIN + self.below(3) as i64),
            2 => Number::from_f64(self.one(&[0.5, -0.0, 1e308, 5e-324, 9007199254740993.0, 1e21, -2.5]))
                .unwrap(),
            3 => Number::from(self.next() as i64),
            _ => Number::from(self.below(3000) as i64 - 10),
        }
    }

    /// Any JSON value, `depth` levels at most.
    pub fn json(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 6 } else { 9 }) {
            0 => Value::Null,
            1 => Value::Bool(self.one_in(2)),
            2 => Value::Number(self.number()),
            3 => Value::from(self.nasty()),
            4 | 5 => Value::from(self.text(20)),
            6 => {
                let n = self.below(4);
                Value::Array((0..n).map(|_| self.json(depth - 1)).collect())
            }
            _ => {
                let n = self.below(4);
                let entries: Vec<_> = (0..n).map(|_| (self.text(8), self.json(depth - 1))).collect();
                Value::Object(Map::from_iter(entries))
            }
        }
    }
}

/// Strings that break careless code.
pub const NASTY: &[&str] = &[
    "",
    " ",
    ".",
    "..",
    "../connections",
    "a/../../b",
    "%2e%2e",
    "%2E%2e%2Fconnections",
    "%252e%252e",
    "..%2f..",
    "..\\..",
    "//evil.example/x",
    "https://evil.example/x",
    "http:evil.example",
    "\\\\evil.example",
    "@evil.example",
    ":80@evil.example",
    "x\r\nAuthorization: Bearer evil",
    "x\nx",
    "x\0",
    "${credentials.apiKey}",
    "%24%7BaccessToken%7D",
    "a?b=c&d=e",
    "a#b",
    "a&b=c",
    "a b",
    " a",
    "a ",
    "true",
    "TRUE",
    "null",
    "5",
    "5.0",
    "1e3",
    "0x10",
    "NaN",
    "-1",
    "99999999999999999999999",
    "[]",
    "{}",
    "[1,",
    "{\"a\":1}",
    "[\"webhook\"]",
    "{\"__proto__\":1}",
    "__proto__",
    "constructor",
    "toString",
    "%",
    "%zz",
    "%E0%A4%A",
    "\u{202e}abc",
    "\u{feff}x",
    "😀",
    "é",
    "a,b",
    "a::b",
    "*",
    "<script>",
    "'; drop table x; --",
    "file:///etc/passwd",
    "http://127.0.0.1/",
    "http://169.254.169.254/",
    "http://[::1]/",
    "https://example.com/",
    "https://nango.dev",
    "a@b.co",
    "2030-01-31T12:00:00Z",
];
