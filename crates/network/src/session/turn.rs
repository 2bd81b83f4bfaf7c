//! The frames of a connection queue their work in the order in which they came, also when it has to be found out first what one of them is about.
use super::Shared;
use crate::{
    about::About,
    metrics,
    operations::{self, Seen},
    rows::Caller,
};
use std::sync::Arc;
use suki_protocol::pb::client_frame::Body;
use tokio::sync::oneshot::{self, error::TryRecvError};

/// Closed once the frame that came last has queued its work; `None` when none waits.
pub(super) type Line = Option<oneshot::Receiver<()>>;

impl Shared {
    /// Queues a frame's work: at once when it is known what it is about and no frame before it waits.
    pub(super) fn in_turn(self: &Arc<Self>, request: u32, caller: Caller, body: Body) {
        let seen = if let Body::Ack(ack) = &body { self.seen(ack.seq) } else { Seen::default() };
        let kind = metrics::kind(&body);
        // Where one thread writes everything nobody needs to know.
        let about = if self.network.0.db.is_shared() { About::of(&caller, &body, seen) } else { About::Anything };
        let mut state = self.state.lock();
        let before = state.line.take().and_then(|mut line| matches!(line.try_recv(), Err(TryRecvError::Empty)).then_some(line));
        if before.is_none()
            && let Some(network) = self.network.known(&about)
        {
            drop(state);
            return self.work(request, kind, operations::dispatch(&network, caller, body, seen));
        }
        let (queued, line) = oneshot::channel::<()>();
        state.line = Some(line);
        drop(state);
        let shared = self.clone();
        tokio::spawn(async move {
            if let Some(before) = before {
                // It is closed, never sent to.
                before.await.ok();
            }
            match shared.network.find(about).await {
                Ok(network) => shared.work(request, kind, operations::dispatch(&network, caller, body, seen)),
                Err(error) => shared.work(request, kind, Box::pin(std::future::ready(Err(error.into())))),
            }
            drop(queued);
        });
    }
}
