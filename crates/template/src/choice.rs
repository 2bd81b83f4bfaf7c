//! Words out of a short list, read in any case and written in capitals.
use serde_json::Value;

/// A word that is not in its list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is not known; {allowed} is allowed")]
pub struct UnknownChoice {
    /// What was written, cut to 40 characters.
    pub word: String,
    /// What may be written.
    pub allowed: String,
}

impl UnknownChoice {
    pub(crate) fn new(word: &str, allowed: &[&str]) -> Self {
        Self { word: word.chars().filter(|c| !c.is_control()).take(40).collect(), allowed: allowed.join(", ") }
    }
}

/// Declares an enum whose values have a name on the wire.
macro_rules! choice {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_meta])* $variant,)* }

        impl $name {
            /// All of them, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name on the wire, in capitals.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownChoice;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let found = Self::ALL.iter().find(|value| value.as_str().eq_ignore_ascii_case(text));
                found.copied().ok_or_else(|| $crate::UnknownChoice::new(text, &[$($text),*]))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                <String as serde::Deserialize>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use choice;

/// Writes the tag `type` of an object in capitals, so that it may come in any case.
pub(crate) fn capital_type(value: &mut Value) {
    if let Some(Value::String(text)) = value.get_mut("type") {
        text.make_ascii_uppercase();
    }
}
