//! The table as one text. As plain statics it is thousands of pointers, which hardly compress: 12 KB of
//! the module for nothing but addresses. So the compiler writes the table down in order, and the first
//! who asks reads it back. Each type is described once here, for both directions.

use crate::tool::{
    Effect, Example, Field, Form, Kind, Mask, Method, Param, Place, Prop, Reach, Rule, Secret, Shape, Text,
    Tool, Toolset, Variant,
};

/// Room for the packed table, at compile time alone.
const ROOM: usize = 1 << 17;

/// Writes at compile time. What it writes is UTF-8: texts as they are, numbers in bytes below 128.
pub(super) struct Pack {
    out: [u8; ROOM],
    len: usize,
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler, where a fault stops the build")]
impl Pack {
    pub(super) const fn of(domains: &[&[Tool]]) -> Pack {
        let mut pack = Pack { out: [0; ROOM], len: 0 };
        let mut all = 0;
        let mut i = 0;
        while i < domains.len() {
            all += domains[i].len();
            i += 1;
        }
        pack.count(all);
        let mut i = 0;
        while i < domains.len() {
            let mut j = 0;
            while j < domains[i].len() {
                pack.tool(&domains[i][j]);
                j += 1;
            }
            i += 1;
        }
        pack
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    pub(super) const fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        out.copy_from_slice(self.out.split_at(N).0);
        out
    }

    const fn byte(&mut self, byte: u8) {
        self.out[self.len] = byte;
        self.len += 1;
    }

    /// Six bits a byte, the lowest first; 64 stands for "more follow".
    const fn natural(&mut self, mut n: u64) {
        while n >= 64 {
            self.byte(64 | (n & 63) as u8);
            n >>= 6;
        }
        self.byte(n as u8);
    }

    const fn count(&mut self, n: usize) {
        self.natural(n as u64);
    }
    const fn small(&mut self, n: &u32) {
        self.natural(*n as u64);
    }
    /// The sign in the lowest bit.
    const fn integer(&mut self, n: &i64) {
        self.natural(((*n << 1) ^ (*n >> 63)) as u64);
    }
    const fn flag(&mut self, yes: &bool) {
        self.byte(*yes as u8);
    }
    const fn text(&mut self, text: &&'static str) {
        self.count(text.len());
        let room = self.out.split_at_mut(self.len).1;
        room.split_at_mut(text.len()).0.copy_from_slice(text.as_bytes());
        self.len += text.len();
    }
    const fn maybe_text(&mut self, text: &Option<&'static str>) {
        self.flag(&text.is_some());
        if let Some(text) = text {
            self.text(text);
        }
    }
}

/// Reads at run time. It reads nothing but what [`Pack`] wrote; past the end it reads zeros.
pub(super) struct Unpack {
    rest: &'static str,
}

impl Unpack {
    pub(super) fn all(packed: &'static str) -> Vec<Tool> {
        let mut unpack = Unpack { rest: packed };
        let mut out = Vec::new();
        for _ in 0..unpack.count() {
            out.push(unpack.tool());
        }
        out
    }

    fn take(&mut self, n: usize) -> &'static str {
        let (taken, rest) = self.rest.split_at_checked(n).unwrap_or_default();
        self.rest = rest;
        taken
    }
    fn byte(&mut self) -> u8 {
        self.take(1).bytes().next().unwrap_or_default()
    }
    fn natural(&mut self) -> u64 {
        let (mut n, mut shift) = (0, 0);
        loop {
            let byte = self.byte();
            n |= u64::from(byte & 63) << shift;
            shift += 6;
            if byte < 64 || shift > 60 {
                return n;
            }
        }
    }
    fn count(&mut self) -> usize {
        self.natural() as usize
    }
    fn small(&mut self) -> u32 {
        self.natural() as u32
    }
    fn integer(&mut self) -> i64 {
        let n = self.natural();
        (n >> 1) as i64 ^ -((n & 1) as i64)
    }
    fn flag(&mut self) -> bool {
        self.byte() != 0
    }
    fn text(&mut self) -> &'static str {
        let len = self.count();
        self.take(len)
    }
    fn maybe_text(&mut self) -> Option<&'static str> {
        if self.flag() { Some(self.text()) } else { None }
    }
}

/// A struct: its fields, and how each is packed.
macro_rules! record {
    ($name:ident: $Type:ident { $($field:ident: $how:ident),* $(,)? }) => {
        impl Pack {
            const fn $name(&mut self, value: &$Type) {
                $(self.$how(&value.$field);)*
            }
        }
        impl Unpack {
            fn $name(&mut self) -> $Type {
                $Type { $($field: self.$how()),* }
            }
        }
    };
}

/// An enum: its variants with their fields (and a name for each), and how each field is packed. The first
/// has no fields; it is read where a tag is unknown.
macro_rules! choice {
    ($name:ident: $Type:ident {
        $First:ident, $($tag:literal $Variant:ident { $($field:tt $bound:ident: $how:ident),* }),* $(,)?
    }) => {
        impl Pack {
            const fn $name(&mut self, value: &$Type) {
                match value {
                    $Type::$First => self.byte(0),
                    $($Type::$Variant { $($field: $bound),* } => {
                        self.byte($tag);
                        $(self.$how($bound);)*
                    })*
                }
            }
        }
        impl Unpack {
            fn $name(&mut self) -> $Type {
                match self.byte() {
                    $($tag => $Type::$Variant { $($field: self.$how()),* },)*
                    _ => $Type::$First,
                }
            }
        }
    };
}

/// A list of what `$one` packs.
macro_rules! list {
    ($($name:ident: [$one:ident: $Type:ty]),* $(,)?) => { $(
        #[expect(clippy::indexing_slicing, reason = "runs in the compiler, where a fault stops the build")]
        impl Pack {
            const fn $name(&mut self, list: &&'static [$Type]) {
                self.count(list.len());
                let mut i = 0;
                while i < list.len() {
                    self.$one(&list[i]);
                    i += 1;
                }
            }
        }
        impl Unpack {
            fn $name(&mut self) -> &'static [$Type] {
                let list: Vec<$Type> = (0..self.count()).map(|_| self.$one()).collect();
                list.leak()
            }
        }
    )* };
}

/// What stands behind a reference.
macro_rules! behind {
    ($($name:ident: $one:ident: $Type:ident),* $(,)?) => { $(
        impl Pack {
            const fn $name(&mut self, value: &&'static $Type) {
                self.$one(value);
            }
        }
        impl Unpack {
            fn $name(&mut self) -> &'static $Type {
                Box::leak(Box::new(self.$one()))
            }
        }
    )* };
}

record!(tool: Tool {
    slug: text, title: text, doc: text, toolset: toolset, effect: effect, idempotent: flag, open_world: flag,
    reach: reach, scopes: texts, method: method, path: text, params: params, rules: rules, returns: shape,
    secrets: secrets, keeps: texts, aliases: texts, examples: examples, timeout_s: small,
});
record!(param: Param { prop: prop, place: place });
record!(prop: Prop {
    name: text, kind: kind, doc: text, required: flag, secret: flag, deprecated: flag, default: maybe_text,
});
record!(variant: Variant { tags: texts, props: props });
record!(text_rule: Text { min: small, max: small, form: form });
record!(field: Field { name: text, shape: shape, always: flag, doc: text });
record!(secret: Secret { path: text, mask: mask });
record!(example: Example { title: text, args: text });

list!(
    texts: [text: &'static str],
    params: [param: Param],
    props: [prop: Prop],
    variants: [variant: Variant],
    rules: [rule: Rule],
    fields: [field: Field],
    shapes: [shape: Shape],
    secrets: [secret: Secret],
    examples: [example: Example],
);
behind!(inner_kind: kind: Kind, inner_shape: shape: Shape);

choice!(method: Method { Get, 1 Post {}, 2 Put {}, 3 Patch {}, 4 Delete {} });
choice!(effect: Effect { Read, 1 Write {}, 2 Destroy {} });
choice!(reach: Reach { Catalogue, 1 Connection {}, 2 Integration {}, 3 Environment {} });
choice!(toolset: Toolset {
    Providers, 1 Integrations {}, 2 Connections {}, 3 Connect {}, 4 Syncs {}, 5 Actions {}, 6 Proxy {},
    7 Environment {},
});
choice!(form: Form {
    Any, 1 ConnectionId {}, 2 IntegrationKey {}, 3 Name {}, 4 Scopes {}, 5 Pem {}, 6 Email {}, 7 DateTime {},
    8 WebhookUrl {}, 9 HttpUrl {}, 10 ProxyPath {}, 11 HeaderName {}, 12 HeaderValue {}, 13 TagKey {},
});
choice!(kind: Kind {
    Json,
    1 Boolean {},
    2 Integer { min least: integer, max most: integer },
    3 Text { 0 rule: text_rule },
    4 Choice { 0 options: texts },
    5 List { of entry: inner_kind, min least: small, max most: small, unique once: flag },
    6 OneOrMany { 0 of: inner_kind },
    7 NameOr { name plain: inner_kind, object exact: props },
    8 Object { 0 named: props },
    9 Open { 0 named: props },
    10 Map { keys names: text_rule, of value: inner_kind },
    11 Tags { min least: small },
    12 Tagged { 0 forms: variants },
    13 QueryValue {},
    14 Body {},
});
choice!(place: Place {
    WholeBody,
    1 Path { 0 name: text },
    2 PathTail { 0 name: text },
    3 Query { 0 name: text },
    4 QueryJoined { 0 name: text },
    5 QueryRepeated { 0 name: text },
    6 QueryDeep { 0 name: text },
    7 QuerySpread {},
    8 Header { 0 name: text },
    9 HeaderJoined { 0 name: text },
    10 HeaderFlag { 0 name: text },
    11 HeaderWith { 0 name: text, 1 flag: text },
    12 HeaderPrefix { 0 prefix: text },
    13 Body { 0 name: text },
});
choice!(rule: Rule {
    TbaAccount,
    1 AtLeastOne { 0 of: texts },
    2 Excludes { 0 one: text, 1 others: texts },
    3 Needs { 0 one: text, 1 other: text },
});
choice!(shape: Shape {
    Any,
    1 Text {},
    2 Time {},
    3 Integer {},
    4 Boolean {},
    5 Choice { 0 options: texts },
    6 Maybe { 0 of: inner_shape },
    7 List { 0 of: inner_shape },
    8 Map { 0 of: inner_shape },
    9 Object { 0 named: fields },
    10 OneOf { 0 of: shapes },
});
choice!(mask: Mask { Credentials, 1 Whole { 0 kind: text }, 2 Suspicious {} });
