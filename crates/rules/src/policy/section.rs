//! How a section of the policy file is declared: its fields once, with what each means and allows. From that come the struct, the reading with errors
//! that name file, line and field, and the generated reference.
use crate::Length;
use serde::de::DeserializeOwned;
use std::{collections::BTreeMap, ops::Range};

/// A place in the file and what is wrong there.
pub(crate) type Problem = (Range<usize>, String);

/// A table of the policy file.
pub(crate) trait Section: Sized {
    /// What the file says, with its places.
    type Raw: DeserializeOwned;
    /// The table's name.
    const TABLE: &'static str;
    /// What the types cannot say: ranges, and what fits together.
    fn check(raw: Self::Raw) -> Result<Self, Problem>;
    /// What the table is for.
    fn about() -> String;
    /// Its fields, for the reference.
    fn rows() -> Vec<FieldRow>;
}

/// A field in the generated reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRow {
    /// Its name.
    pub name: &'static str,
    /// What is written there.
    pub shape: String,
    /// What is allowed; empty when the shape says it all.
    pub allowed: String,
    /// What it means.
    pub meaning: String,
}

/// What may stand in a field.
pub(crate) trait Shape {
    /// For people: `a length of time such as "24h"`.
    fn shape() -> String;
}

/// A field with a range.
pub(crate) trait Ranged {
    /// How an end of the range is written in code.
    type Edge: Copy;
    /// An error, without the field's name, when it is out of range.
    fn within(&self, from: Self::Edge, to: Self::Edge) -> Result<(), String>;
    /// For people.
    fn allowed(from: Self::Edge, to: Self::Edge) -> String;
}

impl Shape for Length {
    fn shape() -> String {
        "length of time".into()
    }
}
impl Ranged for Length {
    type Edge = &'static str;
    fn within(&self, from: &'static str, to: &'static str) -> Result<(), String> {
        let bound = |text: &str| text.parse::<Self>().expect("the tests read every section's range");
        if (bound(from)..=bound(to)).contains(self) {
            return Ok(());
        }
        Err(format!("{} is out of range: {} is allowed", self.short(), Self::allowed(from, to)))
    }
    fn allowed(from: &'static str, to: &'static str) -> String {
        format!("{from} to {to}")
    }
}

macro_rules! numbers {
    ($($type:ty)+) => {$(
        impl Shape for $type {
            fn shape() -> String { "whole number".into() }
        }
        impl Ranged for $type {
            type Edge = $type;
            fn within(&self, from: $type, to: $type) -> Result<(), String> {
                if (from..=to).contains(self) { Ok(()) } else { Err(format!("{self} is out of range: {} is allowed", Self::allowed(from, to))) }
            }
            fn allowed(from: $type, to: $type) -> String { format!("{from} to {to}") }
        }
    )+};
}
numbers! { u32 u64 i64 }

impl Shape for bool {
    fn shape() -> String {
        "true or false".into()
    }
}

impl Shape for String {
    fn shape() -> String {
        "text".into()
    }
}
/// In characters.
impl Ranged for String {
    type Edge = usize;
    fn within(&self, from: usize, to: usize) -> Result<(), String> {
        let count = self.chars().count();
        if (from..=to).contains(&count) { Ok(()) } else { Err(format!("it has {count} characters: {} are allowed", Self::allowed(from, to))) }
    }
    fn allowed(from: usize, to: usize) -> String {
        format!("{from} to {to} characters")
    }
}

impl<T: Shape> Shape for Vec<T> {
    fn shape() -> String {
        format!("list of {}", T::shape())
    }
}
/// In entries.
impl<T> Ranged for Vec<T> {
    type Edge = usize;
    fn within(&self, from: usize, to: usize) -> Result<(), String> {
        if (from..=to).contains(&self.len()) {
            Ok(())
        } else {
            Err(format!("it has {} entries: {} are allowed", self.len(), Self::allowed(from, to)))
        }
    }
    fn allowed(from: usize, to: usize) -> String {
        format!("{from} to {to} entries")
    }
}

impl<T: Shape> Shape for BTreeMap<String, T> {
    fn shape() -> String {
        format!("table of {} by name", T::shape())
    }
}
/// In entries.
impl<T> Ranged for BTreeMap<String, T> {
    type Edge = usize;
    fn within(&self, from: usize, to: usize) -> Result<(), String> {
        if (from..=to).contains(&self.len()) {
            Ok(())
        } else {
            Err(format!("it has {} entries: {} are allowed", self.len(), Self::allowed(from, to)))
        }
    }
    fn allowed(from: usize, to: usize) -> String {
        format!("{from} to {to} entries")
    }
}

/// Declares a section: the struct's doc and each field's doc go into the reference. `in (from, to)` is the field's range, both ends included.
/// `check F;` names a function `fn(&Self) -> Result<(), (&'static str, String)>` for what fits together; the text in its error is the field it is about.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        pub struct $name:ident in $table:literal {
            $( $(#[doc = $doc:literal])+ pub $field:ident : $type:ty $(= in ($from:expr, $to:expr))? ,)+
        }
        $(check $check:path;)?
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            $( $(#[doc = $doc])+ pub $field: $type, )+
        }

        const _: () = {
            #[derive(serde::Deserialize)]
            #[serde(deny_unknown_fields)]
            pub struct Raw {
                $( $field: toml::Spanned<$type>, )+
            }

            impl $crate::policy::section::Section for $name {
                type Raw = Raw;
                const TABLE: &'static str = $table;

                fn check(raw: Raw) -> Result<Self, $crate::policy::section::Problem> {
                    $($(
                        <$type as $crate::policy::section::Ranged>::within(raw.$field.get_ref(), $from, $to)
                            .map_err(|problem| (raw.$field.span(), problem))?;
                    )?)+
                    let _places = [$((stringify!($field), raw.$field.span()),)+];
                    let section = Self { $($field: raw.$field.into_inner(),)+ };
                    $(
                        $check(&section).map_err(|(field, problem): (&'static str, String)| {
                            let place = _places.iter().find(|(name, _)| *name == field).map_or(0..0, |(_, place)| place.clone());
                            (place, problem)
                        })?;
                    )?
                    Ok(section)
                }

                fn about() -> String {
                    [$($about),+].map(str::trim).join(" ")
                }

                fn rows() -> Vec<$crate::policy::section::FieldRow> {
                    vec![$(
                        $crate::policy::section::FieldRow {
                            name: stringify!($field),
                            shape: <$type as $crate::policy::section::Shape>::shape(),
                            allowed: Vec::<String>::from([$(<$type as $crate::policy::section::Ranged>::allowed($from, $to))?]).concat(),
                            meaning: [$($doc),+].map(str::trim).join(" "),
                        },
                    )+]
                }
            }
        };
    };
}

/// Declares an enum that a policy file writes as one of a few words.
macro_rules! choice {
    (
        $(#[doc = $about:literal])+
        pub enum $name:ident { $( $(#[doc = $doc:literal])+ $variant:ident = $word:literal, )+ }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $( $(#[doc = $doc])+ #[serde(rename = $word)] $variant, )+ }

        impl $name {
            /// The word for it.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl $crate::policy::section::Shape for $name {
            fn shape() -> String {
                format!("one of {}", [$(concat!("`", $word, "`")),+].join(", "))
            }
        }
    };
}

/// Declares the policy: a name, and its sections in the order of the file.
macro_rules! policy {
    ($( $(#[doc = $doc:literal])+ $field:ident : $section:ty, )+) => {
        /// The rules of a platform.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Policy {
            /// How refusals and the operator call it.
            pub name: String,
            /// The file's own text.
            pub source: String,
            $( $(#[doc = $doc])+ pub $field: $section, )+
        }

        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            name: toml::Spanned<String>,
            $( $field: <$section as $crate::policy::section::Section>::Raw, )+
        }

        impl File {
            fn check(self, source: &str) -> Result<Policy, $crate::policy::section::Problem> {
                Ok(Policy {
                    name: $crate::policy::check_name(self.name)?,
                    source: source.to_owned(),
                    $( $field: <$section as $crate::policy::section::Section>::check(self.$field)?, )+
                })
            }
        }

        /// Every section of a policy file: its table, what it is for, its fields.
        pub fn reference() -> Vec<(&'static str, String, Vec<$crate::policy::section::FieldRow>)> {
            use $crate::policy::section::Section;
            vec![$( (<$section>::TABLE, <$section>::about(), <$section>::rows()), )+]
        }
    };
}

pub(crate) use {choice, policy, section};
