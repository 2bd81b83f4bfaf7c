//! What a customer does by himself, written in a line: for tests, demonstrations and the sandbox.
use std::str::FromStr;

/// `deliver,read,press,reply:TEXT`, each of them optional. A reply in double quotes ends with them, so that more may follow; one without takes the rest.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auto {
    /// He is online. Without it he writes what he has to say and goes offline: nothing is delivered to him.
    pub deliver: bool,
    /// He reads every message.
    pub read: bool,
    /// He presses the first thing that a message offers to be pressed or chosen.
    pub press: bool,
    /// He answers with these, one after the other and from the first again; none: he does not answer.
    pub replies: Vec<String>,
}

/// An `--auto` that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is nothing a customer does by himself; write deliver, read, press and reply:TEXT with commas between them (reply:\"TEXT\" when more follows)"
)]
pub struct AutoError(String);

impl Auto {
    /// What he answers to the `nth` message, from 0.
    pub fn reply(&self, nth: usize) -> Option<&str> {
        let at = nth.checked_rem(self.replies.len())?;
        Some(&self.replies[at])
    }
}

impl FromStr for Auto {
    type Err = AutoError;
    fn from_str(text: &str) -> Result<Self, AutoError> {
        let mut auto = Self::default();
        let mut rest = text.trim();
        while !rest.is_empty() {
            if let Some(reply) = rest.strip_prefix("reply:") {
                let (reply, after) = quoted(reply);
                auto.replies.push(reply.to_owned());
                rest = after;
                continue;
            }
            let (word, after) = rest.split_once(',').unwrap_or((rest, ""));
            match word.trim() {
                "deliver" => auto.deliver = true,
                "read" => auto.read = true,
                "press" => auto.press = true,
                other => return Err(AutoError(other.to_owned())),
            }
            rest = after.trim_start();
        }
        Ok(auto)
    }
}

/// A text in quotes and what follows its comma; without quotes, everything.
fn quoted(text: &str) -> (&str, &str) {
    let inside = text.strip_prefix('"').and_then(|rest| rest.split_once('"'));
    match inside {
        Some((reply, after)) if after.trim_start().is_empty() || after.trim_start().starts_with(',') => {
            (reply, after.trim_start().trim_start_matches(',').trim_start())
        }
        _ => (text, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_customer_does_by_himself() {
        let auto = |deliver, read, replies: &[&str]| {
            Ok(Auto { deliver, read, press: false, replies: replies.iter().map(|&text| text.to_owned()).collect() })
        };
        assert_eq!("deliver,read,reply:yes, please".parse(), auto(true, true, &["yes, please"]));
        assert_eq!(" read , deliver".parse(), auto(true, true, &[]));
        assert_eq!("reply:\"yes, please\", read".parse(), auto(false, true, &["yes, please"]));
        assert_eq!("reply:\"one\",reply:\"two\"".parse(), auto(false, false, &["one", "two"]));
        assert_eq!("reply:\"he said\" so".parse(), auto(false, false, &["\"he said\" so"]));
        assert_eq!("press,deliver".parse(), Ok(Auto { deliver: true, press: true, ..Auto::default() }));
        assert_eq!("".parse(), auto(false, false, &[]));
        assert_eq!("deliver,dance".parse::<Auto>(), Err(AutoError("dance".into())));
    }

    #[test]
    fn answers_come_in_turn() {
        let auto: Auto = "reply:\"one\",reply:\"two\"".parse().expect("it is one");
        assert_eq!((0..3).filter_map(|nth| auto.reply(nth)).collect::<Vec<_>>(), ["one", "two", "one"]);
        assert_eq!(Auto::default().reply(0), None);
    }
}
