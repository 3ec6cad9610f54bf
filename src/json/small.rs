//! A small stand-in for `serde_json`'s `Value`, for WebAssembly modules that are to weigh little: same names and
//! behaviour as far as this crate uses them, a tenth of the code. Objects are lists of properties,
//! numbers keep the text they were read from. Reading and writing are in [`crate::json`].
#![allow(missing_docs, reason = "the names are documented where they come from, in `serde_json`")]

use std::collections::BinaryHeap;
use std::slice;
use std::vec;

use crate::text;

#[derive(Debug, Clone, Default, PartialEq)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    Number(Number),
    String(String),
    Array(Vec<Value>),
    Object(Object),
}

impl Value {
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = self { Some(text) } else { None }
    }
    pub fn as_array(&self) -> Option<&Vec<Value>> {
        if let Value::Array(items) = self { Some(items) } else { None }
    }
    pub fn as_object(&self) -> Option<&Object> {
        if let Value::Object(map) = self { Some(map) } else { None }
    }
    pub fn as_u64(&self) -> Option<u64> {
        if let Value::Number(number) = self { number.as_u64() } else { None }
    }
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }
    pub fn is_string(&self) -> bool {
        matches!(self, Value::String(_))
    }
    pub fn is_number(&self) -> bool {
        matches!(self, Value::Number(_))
    }
    pub fn is_array(&self) -> bool {
        matches!(self, Value::Array(_))
    }
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.as_object()?.get(name)
    }
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        if let Value::Object(map) = self { map.get_mut(name) } else { None }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::String(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Number(Number(text::decimal(number)))
    }
}

/// A number as it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Number(String);

/// The number that a text is, as JSON writes numbers.
pub(super) fn number(text: &str) -> Option<Value> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text.strip_prefix('-').unwrap_or(text);
    let whole = digits(rest);
    let mut good = whole == 1 || (whole > 1 && !rest.starts_with('0'));
    let mut rest = rest.get(whole..)?;
    if let Some(fraction) = rest.strip_prefix('.') {
        let n = digits(fraction);
        good &= n > 0;
        rest = fraction.get(n..)?;
    }
    if let Some(power) = rest.strip_prefix('e').or_else(|| rest.strip_prefix('E')) {
        let power = power.strip_prefix('+').or_else(|| power.strip_prefix('-')).unwrap_or(power);
        let n = digits(power);
        good &= n > 0;
        rest = power.get(n..)?;
    }
    (good && rest.is_empty()).then(|| Value::Number(Number(text.to_owned())))
}

pub(super) fn push_number(out: &mut String, number: &Number) {
    out.push_str(&number.0);
}

impl Number {
    pub fn as_i64(&self) -> Option<i64> {
        text::integer(&self.0)
    }
    pub fn as_u64(&self) -> Option<u64> {
        text::natural(&self.0, 10)
    }
    pub fn is_i64(&self) -> bool {
        self.as_i64().is_some()
    }
    pub fn is_u64(&self) -> bool {
        self.as_u64().is_some()
    }
}

/// Properties in order, each name once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Object(Vec<(String, Value)>);

impl Object {
    pub fn new() -> Object {
        Object::default()
    }
    pub fn len(&self) -> usize {
        self.0.len()
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    fn position(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|(n, _)| n == name)
    }
    pub fn contains_key(&self, name: &str) -> bool {
        self.position(name).is_some()
    }
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(self.position(name)?).map(|(_, value)| value)
    }
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let at = self.position(name)?;
        self.0.get_mut(at).map(|(_, value)| value)
    }
    pub fn insert(&mut self, name: String, value: Value) -> Option<Value> {
        match self.get_mut(&name) {
            Some(old) => Some(std::mem::replace(old, value)),
            None => {
                self.0.push((name, value));
                None
            }
        }
    }
    pub fn shift_remove(&mut self, name: &str) -> Option<Value> {
        let at = self.position(name)?;
        Some(self.0.remove(at).1)
    }
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.0.iter().map(|(name, _)| name)
    }
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        self.0.iter_mut().map(|(_, value)| value)
    }
    pub fn iter(&self) -> Iter<'_> {
        Iter(self.0.iter())
    }
}

/// A name that stands twice keeps its first place and its last value.
impl FromIterator<(String, Value)> for Object {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(entries: I) -> Object {
        Object(once(entries.into_iter().collect()))
    }
}

impl Extend<(String, Value)> for Object {
    fn extend<I: IntoIterator<Item = (String, Value)>>(&mut self, entries: I) {
        self.0.extend(entries);
        self.0 = once(std::mem::take(&mut self.0));
    }
}

/// Each name once. Objects may be large and come from anywhere: no more than n log n steps.
fn once(mut entries: Vec<(String, Value)>) -> Vec<(String, Value)> {
    let mut names: BinaryHeap<(&str, usize)> =
        entries.iter().enumerate().map(|(at, (name, _))| (name.as_str(), at)).collect();
    let mut twice = Vec::new();
    let mut later = names.pop();
    while let (Some((name, at)), Some((same, behind))) = (names.pop(), later) {
        if name == same {
            twice.push((at, behind));
        }
        later = Some((name, at));
    }
    if twice.is_empty() {
        return entries;
    }
    let mut gone = vec![false; entries.len()];
    for (at, behind) in twice {
        let value = entries.get_mut(behind).map(|(_, value)| std::mem::take(value));
        if let (Some((_, to)), Some(value), Some(gone)) = (entries.get_mut(at), value, gone.get_mut(behind)) {
            *to = value;
            *gone = true;
        }
    }
    let mut gone = gone.into_iter();
    entries.retain(|_| gone.next() != Some(true));
    entries
}

impl IntoIterator for Object {
    type Item = (String, Value);
    type IntoIter = vec::IntoIter<(String, Value)>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'m> IntoIterator for &'m Object {
    type Item = (&'m String, &'m Value);
    type IntoIter = Iter<'m>;
    fn into_iter(self) -> Iter<'m> {
        self.iter()
    }
}

impl<'m> IntoIterator for &'m mut Object {
    type Item = (&'m String, &'m mut Value);
    type IntoIter = IterMut<'m>;
    fn into_iter(self) -> IterMut<'m> {
        IterMut(self.0.iter_mut())
    }
}

/// Names and values, in order.
#[derive(Debug, Clone)]
pub struct Iter<'m>(slice::Iter<'m, (String, Value)>);

impl<'m> Iterator for Iter<'m> {
    type Item = (&'m String, &'m Value);
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, value)| (name, value))
    }
}

/// Names and values to change, in order.
#[derive(Debug)]
pub struct IterMut<'m>(slice::IterMut<'m, (String, Value)>);

impl<'m> Iterator for IterMut<'m> {
    type Item = (&'m String, &'m mut Value);
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, value)| (&*name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both kinds of object, put together from the same properties.
    fn both(names: &[&str]) -> (Object, serde_json::Map<String, serde_json::Value>) {
        let entries = || names.iter().enumerate().map(|(i, name)| ((*name).to_owned(), i as i64));
        (
            entries().map(|(name, i)| (name, Value::from(i))).collect(),
            entries().map(|(name, i)| (name, serde_json::Value::from(i))).collect(),
        )
    }

    fn assert_same(ours: &Object, theirs: &serde_json::Map<String, serde_json::Value>) {
        assert_eq!(ours.len(), theirs.len());
        for ((name, value), (other, theirs)) in ours.iter().zip(theirs) {
            assert_eq!((name, value.as_u64()), (other, theirs.as_u64()));
        }
    }

    #[test]
    fn objects_are_as_those_of_serde_json() {
        for names in [&[][..], &["a"], &["b", "a"], &["a", "a"], &["b", "a", "b", "c", "b", "a"]] {
            let (mut ours, mut theirs) = both(names);
            assert_same(&ours, &theirs);
            for name in ["b", "z", "a"] {
                assert_eq!(ours.contains_key(name), theirs.contains_key(name));
                let (old, other) =
                    (ours.insert(name.to_owned(), Value::from(7)), theirs.insert(name.to_owned(), 7.into()));
                assert_eq!(old.and_then(|v| v.as_u64()), other.and_then(|v| v.as_u64()));
                assert_same(&ours, &theirs);
            }
            assert_eq!(ours.shift_remove("b").is_some(), theirs.shift_remove("b").is_some());
            assert_eq!(ours.shift_remove("b"), None);
            ours.extend([("c".to_owned(), Value::from(8)), ("z".to_owned(), Value::from(9))]);
            theirs.extend([("c".to_owned(), 8.into()), ("z".to_owned(), 9.into())]);
            assert_same(&ours, &theirs);
        }
    }

    #[test]
    fn many_properties_take_no_time() {
        let names: Vec<String> = (0..200_000).map(|i| (i % 150_000).to_string()).collect();
        let ours: Object = names.iter().map(|name| (name.clone(), Value::Null)).collect();
        assert_eq!(ours.len(), 150_000);
    }

    #[test]
    fn numbers_are_those_of_json() {
        let parts = ["", "-", "+", "0", "7", "10", ".", ".5", "e", "E+1", "e-2", "x", " "];
        for a in parts {
            for b in parts {
                for c in parts {
                    let text = [a, b, c].concat();
                    assert_eq!(
                        number(&text).is_some(),
                        serde_json::from_str::<serde_json::Number>(&text).is_ok() && !text.contains(' '),
                        "{text}"
                    );
                }
            }
        }
        for n in [0, 7, -1, i64::MAX, i64::MIN] {
            let value = Value::from(n);
            let Value::Number(number) = &value else { panic!("{value:?}") };
            let mut text = String::new();
            push_number(&mut text, number);
            assert_eq!((text, number.as_i64(), number.is_i64()), (n.to_string(), Some(n), true));
        }
    }
}
