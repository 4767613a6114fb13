//! The post office: takes mails without waiting and carries them in the background.
//!
//! | When | Then |
//! |---|---|
//! | the queue is full | the mail is dropped, counted, and `mail.dropped` is written once there is room |
//! | the server is not reached, or says "later" | tried again after each of the delays |
//! | the server has taken the mail of an order | `mail.sent` in the audit log ([`due`](super::due)) |
//! | the server refuses for good, or the delays are used up | `mail.failed` in the audit log |
//!
//! Invariant: no answer waits for a mail server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lettre::message::Mailbox;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;

use super::carrier::{Carrier, NotSent};
use super::letter::letter;
use super::{Mail, MailKind, Outbox};
use crate::audit;
use crate::clock::Clock;
use crate::store::Store;

/// Where mails are put.
pub struct PostOffice {
    queue: mpsc::Sender<Mail>,
    dropped: Arc<AtomicU64>,
}

/// The room behind the counter: [`Backroom::work`] carries what was put in.
pub struct Backroom {
    queue: mpsc::Receiver<Mail>,
    dropped: Arc<AtomicU64>,
}

/// Who carries, and what is done when it fails. Cheap to share.
pub struct Postman {
    /// Where letters go.
    pub carrier: Carrier,
    /// Who they are from.
    pub sender: Mailbox,
    /// Time to wait before each new try.
    pub delays: &'static [Duration],
    /// For the audit log.
    pub store: Store,
    /// For the audit log.
    pub clock: Arc<dyn Clock>,
}

impl PostOffice {
    /// A post office with a queue of `capacity` mails.
    pub fn new(capacity: usize) -> (Arc<Self>, Backroom) {
        let (sender, queue) = mpsc::channel(capacity);
        let dropped = Arc::new(AtomicU64::new(0));
        (Arc::new(Self { queue: sender, dropped: Arc::clone(&dropped) }), Backroom { queue, dropped })
    }
}

impl Outbox for PostOffice {
    fn send(&self, mail: Mail) {
        if self.queue.try_send(mail).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Backroom {
    /// Carries until the post office is gone and the last letter is delivered or given up.
    pub fn work(mut self, postman: Postman) -> JoinHandle<()> {
        let postman = Arc::new(postman);
        tokio::spawn(async move {
            let hands = Arc::new(Semaphore::new(HANDS));
            while let Some(mail) = self.queue.recv().await {
                let dropped = self.dropped.swap(0, Ordering::Relaxed);
                if dropped > 0 {
                    postman
                        .note("mail.dropped", &mail, &format!("{dropped} mails, the queue was full"))
                        .await;
                }
                let Ok(hand) = Arc::clone(&hands).acquire_owned().await else { return };
                let postman = Arc::clone(&postman);
                tokio::spawn(async move {
                    postman.deliver(&mail).await;
                    drop(hand);
                });
            }
            // All hands are back when the last letter is done with.
            let _ = hands.acquire_many(HANDS_U32).await;
        })
    }
}

impl Postman {
    async fn deliver(&self, mail: &Mail) {
        let letter = match letter(mail, &self.sender) {
            Ok(letter) => letter,
            Err(error) => return self.note("mail.failed", mail, &error.to_string()).await,
        };
        let mut delays = self.delays.iter();
        loop {
            let NotSent { for_good, why } = match self.carrier.carry(&letter).await {
                Ok(()) => return self.sent(mail).await,
                Err(problem) => problem,
            };
            match delays.next() {
                Some(delay) if !for_good => tokio::time::sleep(*delay).await,
                _ => return self.note("mail.failed", mail, &why).await,
            }
        }
    }

    /// Ends what `mail.due` has begun.
    async fn sent(&self, mail: &Mail) {
        match (&mail.kind, &self.carrier) {
            (MailKind::Activation(_), Carrier::Nowhere) => self.note("mail.failed", mail, NO_SERVER).await,
            (MailKind::Activation(order), _) => self.write("mail.sent", mail, order.order.clone()).await,
            _ => {}
        }
    }

    async fn note(&self, event: &'static str, mail: &Mail, why: &str) {
        let detail: String = format!("{}: {why}", mail.kind.name()).chars().take(LONGEST_DETAIL).collect();
        self.write(event, mail, detail).await;
    }

    async fn write(&self, event: &'static str, mail: &Mail, detail: String) {
        let token = match &mail.kind {
            MailKind::Activation(order) => Some(order.token.clone()),
            _ => None,
        };
        let (user, now) = (mail.user.clone(), self.clock.now());
        let written = self.store.write(move |tx| {
            Box::pin(async move {
                let entry = audit::Entry {
                    event,
                    actor: "mail",
                    user: Some(&user),
                    token: token.as_deref(),
                    detail: Some(&detail),
                };
                audit::write(tx, now, entry).await
            })
        });
        // The database is closing: there is nowhere left to say it.
        let _ = written.await;
    }
}

/// Waits before new tries: a mail server that restarts, and one that is being repaired.
pub const DELAYS: &[Duration] =
    &[Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(30), Duration::from_secs(120)];
/// Mails that may wait.
pub const CAPACITY: usize = 1024;
const HANDS: usize = 8;
const HANDS_U32: u32 = 8;
const NO_SERVER: &str = "no mail server is set";
const LONGEST_DETAIL: usize = 300;
