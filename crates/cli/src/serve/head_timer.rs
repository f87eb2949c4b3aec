//! The time limit on request heads, one entry of the runtime's timer for each
//! connection.
//!
//! hyper asks for a sleep for every head and drops it when the head is there.
//! A sleep of tokio's own would be entered into the timer and taken out again
//! each time, both under the one lock that all connections share. Here a head
//! only notes its deadline; the entry of the connection is moved on when it
//! runs out too early, which is once in a deadline rather than once in a head.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use hyper::rt;
use tokio::time::{self, Sleep};

/// A timer for one connection, which awaits one head at a time; also the sleep
/// that it gives out.
#[derive(Debug, Clone)]
pub(super) struct HeadTimer(Arc<Mutex<Entry>>);

#[derive(Debug)]
struct Entry {
    /// Runs out at the deadline or before.
    sleep: Pin<Box<Sleep>>,
    deadline: Instant,
}

impl HeadTimer {
    pub(super) fn new() -> Self {
        let sleep = Box::pin(time::sleep(Duration::ZERO));
        let deadline = sleep.deadline().into();
        Self(Arc::new(Mutex::new(Entry { sleep, deadline })))
    }

    fn entry(&self) -> MutexGuard<'_, Entry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl rt::Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn rt::Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn rt::Sleep>> {
        self.entry().moved_to(deadline);
        Box::pin(self.clone())
    }

    fn now(&self) -> Instant {
        time::Instant::now().into()
    }
}

impl Entry {
    fn moved_to(&mut self, deadline: Instant) {
        self.deadline = deadline;
        // Never late: one that would run out after the deadline is moved now.
        if self.sleep.deadline().into_std() > deadline {
            self.sleep.as_mut().reset(deadline.into());
        }
    }
}

impl Future for HeadTimer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut entry = self.entry();
        loop {
            ready!(entry.sleep.as_mut().poll(cx));
            let deadline = entry.deadline.into();
            if entry.sleep.deadline() >= deadline {
                return Poll::Ready(());
            }
            entry.sleep.as_mut().reset(deadline);
        }
    }
}

impl rt::Sleep for HeadTimer {}
