//! One server to a database: the claim that a store holds while it is open.

use std::time::Duration;

use tokio::{
    sync::{oneshot, watch},
    task::JoinHandle,
    time::sleep,
};

use crate::{StoreError, dialect::Held};

/// How often a held claim is looked after.
const INTERVAL: Duration = Duration::from_secs(5);

/// A claim on a database. On SQLite the lock on the data directory does this,
/// so there is nothing to hold.
#[derive(Debug)]
pub(crate) struct Claim {
    lost: watch::Receiver<bool>,
    watcher: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Claim {
    /// Holds on to a claim and looks after it.
    pub(crate) fn hold(held: Option<Held>) -> Self {
        let (tell, lost) = watch::channel(false);
        let watcher = held.map(|held| {
            let (stop, stopped) = oneshot::channel();
            (stop, tokio::spawn(watch_over(held, stopped, tell)))
        });
        Self { lost, watcher }
    }

    /// Ends when the claim was lost; never, if it isn't.
    pub(crate) fn lost(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut lost = self.lost.clone();
        async move {
            if lost.wait_for(|lost| *lost).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Gives the claim up, so that another server may have it at once.
    pub(crate) async fn give_up(&mut self) {
        if let Some((stop, watcher)) = self.watcher.take() {
            let _ = stop.send(());
            drop(watcher.await);
        }
    }
}

/// A database server that starts again forgets who had a claim, and a second
/// tokenry could take it. So the connection that holds it is asked.
async fn watch_over(mut held: Held, mut stopped: oneshot::Receiver<()>, lost: watch::Sender<bool>) {
    loop {
        tokio::select! {
            _ = &mut stopped => return drop(held.release().await),
            () = sleep(INTERVAL) => {}
        }
        if let Err(failure) = held.still_there().await {
            report(&failure);
            lost.send_replace(true);
            return;
        }
    }
}

fn report(failure: &StoreError) {
    tracing::error!(%failure, "the claim on the database is lost; another server may take it");
}
