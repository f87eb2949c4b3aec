//! The time limit on request heads, one entry of the runtime's timer for each
//! connection.
//!
//! hyper asks for a sleep for every head and drops it when the head is there.
//! A sleep of tokio's own would be entered into the timer and taken out again
//! each time, both under the one lock that all connections share. The entry of
//! a connection is only moved on, which takes no such lock. Where it runs out
//! while no head is awaited, it wakes the connection for nothing.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use hyper::rt;
use tokio::time;

/// A timer for one connection, which awaits one head at a time; also the sleep
/// that it gives out.
#[derive(Debug, Clone)]
pub(super) struct HeadTimer(Arc<Mutex<Pin<Box<time::Sleep>>>>);

impl HeadTimer {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Box::pin(time::sleep(Duration::ZERO)))))
    }

    fn entry(&self) -> MutexGuard<'_, Pin<Box<time::Sleep>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl rt::Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn rt::Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn rt::Sleep>> {
        self.entry().as_mut().reset(deadline.into());
        Box::pin(self.clone())
    }

    fn now(&self) -> Instant {
        time::Instant::now().into()
    }
}

impl Future for HeadTimer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.entry().as_mut().poll(cx)
    }
}

impl rt::Sleep for HeadTimer {}
