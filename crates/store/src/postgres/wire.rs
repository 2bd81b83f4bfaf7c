//! One connection, driven by the thread that asks, with a deadline for every wait: a server that is frozen, or whose machine is, still answers TCP, and
//! nobody but the one who waits can tell.
use super::address::Address;
use futures_util::{StreamExt as _, stream};
use std::{
    future::{self, Future},
    pin::pin,
    task::Poll,
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    runtime::{Builder, Runtime},
    time::timeout,
};
use tokio_postgres::{AsyncMessage, Client, Connection, Error, Socket};

pub(super) type Messages = stream::BoxStream<'static, Result<AsyncMessage, Error>>;

/// A connection.
pub(super) struct Wire {
    client: Client,
    /// What comes from the server; none once that has ended.
    messages: Option<Messages>,
    /// A question was not answered in time: what comes now may be its answer, so nothing is asked here any more.
    given_up: bool,
    /// The server has warned of something since the last question began.
    warned: bool,
    // The last to go: the others belong to it.
    runtime: Runtime,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// The client, or the server, says why.
    Told(Error),
    /// Nothing came in time.
    Silent,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Told(error)
    }
}

/// What is told by a connection that was made.
pub(super) fn messages<T>(mut connection: Connection<Socket, T>) -> Messages
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    stream::poll_fn(move |context| connection.poll_message(context)).boxed()
}

impl Wire {
    /// Connects to the first host of the address that answers and is what the address asks for.
    pub(super) fn open(address: &Address) -> Result<Self, Failure> {
        let runtime = Builder::new_current_thread().enable_io().enable_time().build().map_err(|_| Failure::Silent)?;
        let mut failure = Failure::Silent;
        for host in address.hosts() {
            let connected = runtime.block_on(async { timeout(address.patience(), address.connect(&host)).await });
            match connected {
                Ok(Ok((client, messages))) => return Ok(Self { client, messages: Some(messages), given_up: false, warned: false, runtime }),
                Ok(Err(error)) => failure = Failure::Told(error),
                Err(_) => failure = Failure::Silent,
            }
        }
        // A name may still be looked up, and who looks cannot be stopped.
        runtime.shutdown_background();
        Err(failure)
    }

    /// Whether nothing can be asked here any more.
    pub(super) fn is_closed(&self) -> bool {
        self.given_up || self.client.is_closed()
    }

    /// Whether the server warned of something while it answered the last question.
    pub(super) fn has_warned(&self) -> bool {
        self.warned
    }

    /// Asks, and waits for the answer no longer than that; without a limit as long as the connection lasts.
    pub(super) fn ask<T>(&mut self, limit: Option<Duration>, question: impl AsyncFnOnce(&Client) -> Result<T, Error>) -> Result<T, Failure> {
        if self.given_up {
            return Err(Failure::Silent);
        }
        let Self { client, messages, warned, runtime, .. } = self;
        *warned = false;
        let answered = answered(question(client), messages, warned);
        let outcome = runtime.block_on(async {
            match limit {
                Some(limit) => timeout(limit, answered).await,
                None => Ok(answered.await),
            }
        });
        self.given_up = outcome.is_err();
        Ok(outcome.map_err(|_| Failure::Silent)??)
    }
}

/// Looks after the connection until the question is answered.
async fn answered<T>(question: impl Future<Output = Result<T, Error>>, messages: &mut Option<Messages>, warned: &mut bool) -> Result<T, Error> {
    let mut question = pin!(question);
    future::poll_fn(|context| {
        while let Some(open) = messages {
            match open.poll_next_unpin(context) {
                Poll::Ready(Some(Ok(AsyncMessage::Notice(notice)))) => {
                    // Texts may show values; the code says what it is.
                    tracing::warn!(code = notice.code().code(), "PostgreSQL warns");
                    *warned = true;
                }
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(Some(Err(error))) => {
                    *messages = None;
                    return Poll::Ready(Err(error));
                }
                Poll::Ready(None) => *messages = None,
                Poll::Pending => break,
            }
        }
        question.as_mut().poll(context)
    })
    .await
}
