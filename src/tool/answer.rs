//! What an answer is: its structure, and what its fields mean. The places of secrets, the summary of a long list
//! and how a connection is read are derived from that. The masks themselves are in [`crate::http`].

use super::Role;
use crate::json::Value;

/// The structure of a part of an answer. Answers may always contain more than is declared.
#[derive(Debug, Clone, Copy)]
pub enum ResponseType {
    /// Any JSON value.
    Any,
    /// A string.
    Text,
    /// An ISO 8601 date and time.
    Time,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// One of a few strings.
    Choice(&'static [&'static str]),
    /// This, or `null`.
    Maybe(&'static ResponseType),
    /// A list.
    List(&'static ResponseType),
    /// An object with arbitrary property names.
    Map(&'static ResponseType),
    /// An object with at least these properties.
    Object(&'static [Field]),
    /// An object with these properties, and others that the caller decides or knows.
    Open(&'static [Field]),
    /// Nothing: the answer has no body.
    Nothing,
    /// One of several structures.
    OneOf(&'static [ResponseType]),
}

/// A property of an answer.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The name.
    pub name: &'static str,
    /// The structure.
    pub shape: ResponseType,
    /// Whether it is always there.
    pub always: bool,
    /// What it means, unless the name says it.
    pub doc: &'static str,
    /// What it means for ownership, policy and redaction.
    pub role: Role,
    /// The kind of secret that the marker in place of a [`Role::Secret`] names; the field's own name if empty.
    pub kind: &'static str,
    /// Its position, from 1, in the summary of a list's entry, for lists that would fill a model's context; 0 if
    /// it is not part of the summary, or if there is none.
    pub summary: u8,
}

impl Field {
    /// A property that is always there.
    #[must_use]
    pub const fn new(name: &'static str, shape: ResponseType) -> Field {
        Field { name, shape, always: true, doc: "", role: Role::Plain, kind: "", summary: 0 }
    }
    /// Like the above, but sometimes absent.
    #[must_use]
    pub const fn optional(self) -> Field {
        Field { always: false, ..self }
    }
    /// Sets its meaning.
    #[must_use]
    pub const fn doc(self, doc: &'static str) -> Field {
        Field { doc, ..self }
    }
    /// Sets its role.
    #[must_use]
    pub const fn role(self, role: Role) -> Field {
        Field { role, ..self }
    }
    /// Makes it secret; a marker of this kind replaces it.
    #[must_use]
    pub const fn secret(self, kind: &'static str) -> Field {
        Field { role: Role::Secret, kind, ..self }
    }
    /// Sets its position, from 1, in the summary of a list's entry.
    #[must_use]
    pub const fn summary(self, place: u8) -> Field {
        Field { summary: place, ..self }
    }
    /// How it is masked, if it is or contains a secret.
    #[must_use]
    pub const fn mask(&self) -> Option<Mask> {
        match self.role {
            Role::Secret if self.kind.is_empty() => Some(Mask::Whole(self.name)),
            Role::Secret => Some(Mask::Whole(self.kind)),
            Role::Credentials => Some(Mask::Credentials),
            Role::ConnectionSettings => Some(Mask::Suspicious),
            Role::Disclosed => Some(Mask::Disclosed),
            _ => None,
        }
    }
}

/// How a secret is masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mask {
    /// The whole value, whatever it is, becomes a marker of this kind.
    Whole(&'static str),
    /// An object of credentials: everything in it but `type`, `expires_at` and other plainly public
    /// properties becomes a marker named after its property.
    Credentials,
    /// An open object in which properties that look like secrets are masked.
    Suspicious,
    /// Nothing is masked: the tool exists to hand it over.
    Disclosed,
}

/// A place in a successful answer that contains secrets, and how they are masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// The names that lead to it from the root of the answer; `*` stands for every entry of a list or object.
    pub path: Vec<&'static str>,
    /// How the value there is masked.
    pub mask: Mask,
}

/// Where a list is in an answer, and what its entries are.
#[derive(Debug, Clone)]
pub struct ListForm {
    /// The names that lead to it from the root of the answer.
    pub path: Vec<&'static str>,
    /// The declared properties of an entry.
    pub fields: &'static [Field],
}

impl ListForm {
    /// Whether an entry has a field with this role, at any depth outside lists.
    #[must_use]
    pub fn has_role(&self, role: Role) -> bool {
        has_role(self.fields, role)
    }

    /// The entries of the list in an answer.
    #[must_use]
    pub fn entries<'v>(&self, answer: &'v Value) -> Option<&'v Vec<Value>> {
        self.path.iter().try_fold(answer, |value, step| value.get(step))?.as_array()
    }

    /// The entries of the list in an answer, mutable.
    pub fn entries_mut<'v>(&self, answer: &'v mut Value) -> Option<&'v mut Vec<Value>> {
        self.path.iter().try_fold(answer, |value, step| value.get_mut(step))?.as_array_mut()
    }

    /// An answer without entries.
    pub(crate) fn empty(&self) -> Value {
        let wrap = |inner, step: &&str| Value::Object([((*step).to_owned(), inner)].into_iter().collect());
        self.path.iter().rev().fold(Value::Array(Vec::new()), wrap)
    }

    /// Removes everything from an answer except the list.
    pub(crate) fn isolate(&self, answer: &mut Value) {
        let mut value = answer;
        for step in &self.path {
            let Value::Object(map) = value else { return };
            map.retain(|name, _| name == step);
            let Some(inner) = map.get_mut(*step) else { return };
            value = inner;
        }
    }
}

fn has_role(fields: &[Field], role: Role) -> bool {
    fields.iter().any(|field| field.role == role || has_role(field.shape.fields(), role))
}

/// The value of the first field with this role in an object with these declared `fields`, at any depth outside
/// lists.
pub(crate) fn part_with<'v>(fields: &[Field], role: Role, object: &'v Value) -> Option<&'v Value> {
    fields.iter().find_map(|field| {
        if field.role == role {
            return object.get(field.name);
        }
        let inner = field.shape.fields();
        if inner.is_empty() { None } else { part_with(inner, role, object.get(field.name)?) }
    })
}

impl ResponseType {
    /// The properties of an object, also if it may be `null`; empty for other types.
    #[must_use]
    pub const fn fields(&self) -> &'static [Field] {
        match self {
            ResponseType::Object(fields) | ResponseType::Open(fields) => fields,
            ResponseType::Maybe(of) => of.fields(),
            _ => &[],
        }
    }

    /// Where an answer of this structure contains secrets. A masked field is not searched: all of it is masked.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        let mut found = Vec::new();
        self.add_secrets(&mut Vec::new(), &mut found);
        found
    }

    fn add_secrets(&self, path: &mut Vec<&'static str>, found: &mut Vec<Secret>) {
        match self {
            ResponseType::Maybe(of) => of.add_secrets(path, found),
            ResponseType::OneOf(forms) => forms.iter().for_each(|form| form.add_secrets(path, found)),
            ResponseType::List(of) | ResponseType::Map(of) => {
                path.push("*");
                of.add_secrets(path, found);
                path.pop();
            }
            ResponseType::Object(fields) | ResponseType::Open(fields) => {
                for field in *fields {
                    path.push(field.name);
                    match field.mask() {
                        Some(mask) => found.push(Secret { path: path.clone(), mask }),
                        None => field.shape.add_secrets(path, found),
                    }
                    path.pop();
                }
            }
            _ => {}
        }
    }

    /// Whether it is a whole number, or `null`.
    pub(crate) fn is_integer(&self) -> bool {
        match self {
            ResponseType::Maybe(of) => of.is_integer(),
            ResponseType::Integer => true,
            _ => false,
        }
    }

    /// The structure of an item; `None` if it is not declared.
    pub(crate) fn item(&self) -> Option<&ResponseType> {
        match self {
            ResponseType::Maybe(of) => of.item(),
            ResponseType::List(of) => Some(of),
            _ => None,
        }
    }

    /// The structure of a property; `None` if it is not declared.
    pub(crate) fn property(&self, name: &str) -> Option<&ResponseType> {
        match self {
            ResponseType::Maybe(of) => of.property(name),
            ResponseType::Map(of) => Some(of),
            ResponseType::Object(fields) | ResponseType::Open(fields) => {
                fields.iter().find(|field| field.name == name).map(|field| &field.shape)
            }
            _ => None,
        }
    }

    /// The number of fields with this role, at any depth.
    pub(super) fn count(&self, role: Role) -> usize {
        match self {
            ResponseType::Maybe(of) | ResponseType::List(of) | ResponseType::Map(of) => of.count(role),
            ResponseType::OneOf(forms) => forms.iter().map(|form| form.count(role)).sum(),
            ResponseType::Object(fields) | ResponseType::Open(fields) => {
                fields.iter().map(|field| usize::from(field.role == role) + field.shape.count(role)).sum()
            }
            _ => 0,
        }
    }

    /// The list that an answer is about: the answer itself (`None`), or its first property. An answer with several
    /// structures has the first one that is `there`; an answer about something else has none.
    pub(crate) fn main_list(
        &self,
        there: &dyn Fn(Option<&'static str>) -> bool,
    ) -> Option<Option<&'static str>> {
        let name = match self {
            ResponseType::OneOf(forms) => return forms.iter().find_map(|form| form.main_list(there)),
            ResponseType::List(_) => None,
            _ => match self.fields().first()? {
                Field { name, shape: ResponseType::List(_), .. } => Some(*name),
                _ => return None,
            },
        };
        there(name).then_some(name)
    }

    /// The first list, not inside another, whose entries have such a field.
    pub(super) fn list_with(&self, wanted: &dyn Fn(&Field) -> bool) -> Option<ListForm> {
        match self {
            ResponseType::List(of) => {
                let fields = of.fields();
                fields.iter().any(wanted).then(|| ListForm { path: Vec::new(), fields })
            }
            _ => self.fields().iter().find_map(|field| {
                let mut list = field.shape.list_with(wanted)?;
                list.path.insert(0, field.name);
                Some(list)
            }),
        }
    }
}
