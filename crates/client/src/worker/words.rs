//! Words that stop and resume: recognised in what the person sends, since the network reads no text, and told at once (users.md, customer side).
use super::{Answer, Asked, Worker};
use crate::{Event, state::Wished};
use suki_protocol::{
    calls::{
        Call,
        consent::{GetWords, Words},
        relation::SetRelation,
    },
    pb::{self, RefusalCode, client_frame, server_frame},
};
use suki_types::{
    ConversationId,
    words::{StopWords, Wish},
};

/// What the device knows of the words.
#[derive(Default)]
pub(super) enum Known {
    /// Nothing yet, and nobody has asked.
    #[default]
    Nothing,
    /// The network was asked.
    Asked,
    /// The words.
    Words(StopWords),
}

fn body<C: Call>(call: &C) -> Option<client_frame::Body> {
    let json = serde_json::to_vec(call).ok()?;
    Some(client_frame::Body::Call(pb::Call { name: C::NAME.to_owned(), json }))
}

impl Worker {
    /// The person has sent a text.
    pub(super) fn look_for_word(&mut self, conversation: ConversationId, text: &str) {
        if !self.options.stop_words {
            return;
        }
        match &self.words {
            Known::Words(words) => {
                if let Some(wish) = words.recognise(text) {
                    self.wish(conversation, wish);
                }
            }
            // Until the words are known what was sent waits; only the beginning counts, since no word is long.
            Known::Nothing | Known::Asked => {
                self.unread.push((conversation, text.chars().take(200).collect()));
            }
        }
    }

    fn wish(&mut self, conversation: ConversationId, wish: Wish) {
        let Some(known) = self.state.conversations.get(&conversation) else { return };
        let (business, stopped) = (known.thread.business, wish == Wish::Stop);
        self.state.wishes.retain(|other| other.business != business);
        self.state.wishes.push(Wished { business, stopped });
        self.changed = true;
    }

    /// Asks for the words when there is something to compare, and tells what the person wishes, one business at a time.
    pub(super) fn send_wishes(&mut self) {
        if !self.connected || self.retry.is_some() {
            return;
        }
        if matches!(self.words, Known::Nothing) && !self.unread.is_empty() {
            self.words = Known::Asked;
            if let Some(body) = body(&GetWords {}) {
                self.ask(Asked::Words, body);
            }
        }
        let waiting: Vec<Wished> = self.state.wishes.iter().filter(|wished| !self.wishing.contains(&wished.business)).copied().collect();
        for wished in waiting {
            self.wishing.insert(wished.business);
            let call = SetRelation { stopped: Some(wished.stopped), ..SetRelation::of(wished.business) };
            if let Some(body) = body(&call) {
                self.ask(Asked::Wish(wished), body);
            }
        }
    }

    pub(super) fn words_told(&mut self, answer: Answer) {
        let words = match answer {
            Ok(server_frame::Body::Called(called)) => serde_json::from_slice::<Words>(&called.json).ok(),
            _ => None,
        };
        let Some(words) = words else {
            self.words = Known::Nothing;
            return self.retry_soon();
        };
        self.words = Known::Words(StopWords::new(words.stop.iter().map(String::as_str), words.resume.iter().map(String::as_str)));
        for (conversation, text) in std::mem::take(&mut self.unread) {
            self.look_for_word(conversation, &text);
        }
    }

    pub(super) fn wish_told(&mut self, wished: Wished, answer: Answer) {
        self.wishing.remove(&wished.business);
        let over = match answer {
            Ok(server_frame::Body::Called(_)) => {
                self.tell(Event::Stopped(wished.business, wished.stopped));
                true
            }
            Ok(server_frame::Body::Refused(refused)) => !matches!(refused.code(), RefusalCode::Unavailable | RefusalCode::NotLoggedIn),
            _ => false,
        };
        if over {
            self.state.wishes.retain(|other| *other != wished);
            self.changed = true;
        } else if self.connected {
            self.retry_soon();
        }
    }
}
