//! A conversation's messages as a device sees them.
use crate::groups::GroupThread;
use prost::Message as _;
use serde::{Deserialize, Serialize};
use suki_protocol::{http::Base64, pb, template::Shown};
use suki_types::{AccountId, ConversationId, MessageId, Timestamp};

/// Who wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Author {
    /// This device.
    Me,
    /// Another device of this account.
    Sibling,
    /// The business.
    Business,
    /// Another customer, in a group.
    Participant(AccountId),
}

impl Author {
    /// Whether this account wrote it.
    pub fn is_own(self) -> bool {
        matches!(self, Self::Me | Self::Sibling)
    }
}

/// How far a message has come. It only moves forward, and [`Status::Failed`] is final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Status {
    /// It waits on this device.
    Pending,
    /// The network has it.
    Sent,
    /// A device of the other side has it.
    Delivered,
    /// A person of the other side has seen it.
    Read,
    /// It was refused, or nobody fetched it in 30 days.
    Failed,
}

impl Status {
    /// Whether a message in this state may go to `next`.
    pub fn may_become(self, next: Self) -> bool {
        match (self, next) {
            (Self::Failed, _) => false,
            // What arrived cannot fail any more.
            (Self::Delivered | Self::Read, Self::Failed) => false,
            _ => next > self,
        }
    }
}

/// What a message is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum What {
    /// Words.
    #[default]
    Text,
    /// An approved template, filled in.
    Template(Box<Shown>),
    /// A template that is not shown, and why.
    Refused(String),
    /// Anything else: a file, a place, what can be pressed or was chosen.
    Rich(Rich),
}

impl What {
    /// Of a content; none when it is nothing that stands in a conversation, or a template, which has to be rendered.
    pub(crate) fn of(content: &pb::Content) -> Option<Self> {
        let body = content.body.as_ref()?;
        let extra = content.forwards > 0 || content.referral.is_some() || content.about_product.is_some();
        match body {
            pb::content::Body::Template(_) | pb::content::Body::Reaction(_) => None,
            pb::content::Body::Text(_) | pb::content::Body::ButtonReply(_) if !extra => Some(Self::Text),
            body => suki_protocol::content::kind(body).map(|_| Self::Rich(Rich::new(content))),
        }
    }
}

/// A content that is more than words, as it was sealed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Rich(Base64);

impl Rich {
    /// What the content says, without what it answers.
    pub fn new(content: &pb::Content) -> Self {
        Self(Base64(pb::Content { reply_to: Vec::new(), sender_name: String::new(), ..content.clone() }.encode_to_vec()))
    }

    /// What it says.
    pub fn content(&self) -> pb::Content {
        pb::Content::decode(&self.0.0[..]).unwrap_or_default()
    }

    /// Its body.
    pub fn body(&self) -> Option<pb::content::Body> {
        self.content().body
    }
}

impl std::fmt::Debug for Rich {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Keys of files are in it.
        write!(f, "Rich({})", self.body().as_ref().and_then(suki_protocol::content::kind).unwrap_or("nothing"))
    }
}

/// A message in the clear.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Who wrote it.
    pub author: Author,
    /// What it says; of a template all its words, "" when it is refused.
    pub text: String,
    /// What it is.
    #[serde(default)]
    pub what: What,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// When the network accepted it, or when it was written as long as it is pending: its place in the conversation.
    pub at: Timestamp,
    /// How far it has come; messages of others have none.
    pub status: Option<Status>,
    /// The emoji on it: at most one of each side. One that was taken back stays, without an emoji.
    #[serde(default)]
    pub reactions: Vec<Reaction>,
}

/// An emoji on a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// Whether it is the business's.
    pub of_business: bool,
    /// The emoji, "" when it was taken back.
    pub emoji: String,
    /// When.
    pub at: Timestamp,
}

/// A conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Thread {
    /// Its id.
    pub id: ConversationId,
    /// With whom.
    pub business: AccountId,
    /// What the business is called.
    pub name: String,
    /// Who runs the endpoint that holds the business's keys.
    pub hosted_by: String,
    /// Whether the device is in the conversation's group.
    pub joined: bool,
    /// Of a group: what it is called and who is in it.
    #[serde(default)]
    pub group: Option<GroupThread>,
    /// Its messages in their order.
    pub messages: Vec<Message>,
}

impl Thread {
    /// The message with this id.
    pub fn message(&self, id: MessageId) -> Option<&Message> {
        self.messages.iter().rev().find(|message| message.id == id)
    }

    /// Puts a message in its place. False if it is there already.
    pub(crate) fn insert(&mut self, message: Message, most: usize) -> bool {
        if self.message(message.id).is_some() {
            return false;
        }
        // Nearly always the last place. Pending ones stay behind what the network has placed.
        let place = self.messages.iter().rposition(|other| !is_after(other, &message)).map_or(0, |before| before + 1);
        self.messages.insert(place, message);
        if self.messages.len() > most {
            self.messages.remove(0);
        }
        true
    }

    /// Puts a message in the place of the one with its id, or where it belongs. False if that says the same.
    pub(crate) fn replace(&mut self, message: Message, most: usize) -> bool {
        match self.messages.iter_mut().rev().find(|other| other.id == message.id) {
            Some(other) => {
                let message = Message { reactions: other.reactions.clone(), ..message };
                let is_news = *other != message;
                *other = message;
                is_news
            }
            None => self.insert(message, most),
        }
    }

    /// Puts a reaction in the place of its side's former one. False if that says the same or is newer, or there is no such message.
    pub(crate) fn react(&mut self, id: MessageId, reaction: Reaction) -> bool {
        let Some(message) = self.messages.iter_mut().rev().find(|message| message.id == id) else { return false };
        match message.reactions.iter_mut().find(|former| former.of_business == reaction.of_business) {
            Some(former) if former.at > reaction.at || former.emoji == reaction.emoji => return false,
            Some(former) => *former = reaction,
            None if reaction.emoji.is_empty() => return false,
            None => message.reactions.push(reaction),
        }
        true
    }

    /// Moves a message's status on; false if it would go back or there is no such message.
    pub(crate) fn advance(&mut self, id: MessageId, status: Status) -> bool {
        let Some(message) = self.messages.iter_mut().rev().find(|message| message.id == id) else { return false };
        let may = message.status.is_some_and(|before| before.may_become(status));
        if may {
            message.status = Some(status);
        }
        may
    }

    /// The network has accepted a message at this time: its place is settled. False if it was known to have come further already, as after a
    /// connection that broke between the receipt and the answer.
    pub(crate) fn settle(&mut self, id: MessageId, at: Timestamp) -> bool {
        let Some(place) = self.messages.iter().rposition(|message| message.id == id) else { return false };
        let mut message = self.messages.remove(place);
        message.at = at;
        let waited = message.status == Some(Status::Pending);
        if waited {
            message.status = Some(Status::Sent);
        }
        let place = self.messages.iter().rposition(|other| !is_after(other, &message)).map_or(0, |before| before + 1);
        self.messages.insert(place, message);
        waited
    }

    /// The account's own messages that the business has read when it has read this one.
    pub(crate) fn own_up_to(&self, id: MessageId) -> Vec<MessageId> {
        let Some(place) = self.messages.iter().rposition(|message| message.id == id) else { return Vec::new() };
        let waiting = |message: &&Message| message.status.is_some_and(|status| status.may_become(Status::Read) && status != Status::Pending);
        self.messages[..=place].iter().filter(waiting).map(|message| message.id).collect()
    }
}

fn is_after(other: &Message, message: &Message) -> bool {
    let pending = |message: &Message| message.status == Some(Status::Pending);
    (pending(other), other.at) > (pending(message), message.at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use suki_types::Env;

    #[test]
    fn a_status_never_goes_back() {
        use Status::{Delivered, Failed, Pending, Read, Sent};
        for (from, to, may) in [
            (Pending, Sent, true),
            (Pending, Read, true),
            (Sent, Failed, true),
            (Read, Delivered, false),
            (Delivered, Failed, false),
            (Failed, Read, false),
            (Sent, Sent, false),
        ] {
            assert_eq!(from.may_become(to), may, "{from:?} {to:?}");
        }
    }

    #[test]
    fn messages_stand_in_the_networks_order_whenever_they_come() {
        let env = Env::for_tests(1);
        let message = |at, status| Message {
            id: MessageId::new(&env),
            author: Author::Me,
            text: at_text(at),
            what: What::Text,
            reply_to: None,
            at: Timestamp::from_millis(at),
            status,
            reactions: Vec::new(),
        };
        let mut thread = Thread {
            id: ConversationId::new(&env),
            business: AccountId::new(&env),
            name: String::new(),
            hosted_by: String::new(),
            joined: true,
            group: None,
            messages: Vec::new(),
        };
        let mine = message(10, Some(Status::Pending));
        assert!(thread.insert(mine.clone(), 10));
        assert!(!thread.insert(mine.clone(), 10));
        thread.insert(message(30, None), 10);
        thread.insert(message(20, None), 10);
        assert_eq!(thread.messages.iter().map(|message| message.at.millis()).collect::<Vec<_>>(), [20, 30, 10]);
        assert!(thread.settle(mine.id, Timestamp::from_millis(25)));
        assert_eq!(thread.messages.iter().map(|message| message.at.millis()).collect::<Vec<_>>(), [20, 25, 30]);
        assert_eq!(thread.message(mine.id).and_then(|message| message.status), Some(Status::Sent));
        assert_eq!(thread.own_up_to(mine.id), [mine.id]);
        assert!(thread.advance(mine.id, Status::Read) && !thread.advance(mine.id, Status::Delivered));
        let reaction = |emoji: &str, at| Reaction { of_business: true, emoji: emoji.into(), at: Timestamp::from_millis(at) };
        assert!(thread.react(mine.id, reaction("👍", 40)) && thread.react(mine.id, reaction("❤️", 50)));
        assert!(!thread.react(mine.id, reaction("😢", 45)), "an older one comes late");
        assert!(thread.react(mine.id, reaction("", 60)) && !thread.react(mine.id, reaction("", 70)));
        assert!(!thread.settle(mine.id, Timestamp::from_millis(25)), "an acceptance that is told late takes nothing back");
    }

    fn at_text(at: i64) -> String {
        format!("at {at}")
    }
}
