//! What carries six-digit codes to numbers: each number's last one can be read.
use parking_lot::Mutex;
use std::{collections::HashMap, fmt, sync::Arc};
use suki_network::sender::{CodeSender, Later, SendError};
use suki_protocol::http::CodeChannel;
use suki_types::Phone;

/// The codes that were sent. Clones are the same ones.
#[derive(Clone, Default)]
pub struct Codes(Arc<Mutex<HashMap<Phone, String>>>);

impl Codes {
    /// The last code that a number was sent.
    pub fn last(&self, phone: &Phone) -> Option<String> {
        self.0.lock().get(phone).cloned()
    }
}

impl fmt::Debug for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Codes")
    }
}

impl CodeSender for Codes {
    fn send(&self, phone: Phone, code: String, _: CodeChannel) -> Later<Result<(), SendError>> {
        self.0.lock().insert(phone, code);
        Box::pin(std::future::ready(Ok(())))
    }
}
