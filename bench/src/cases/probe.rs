//! A bare handler whose answers are as long as tokenry's, head and body.

use crate::{
    fault::{Outcome, fault},
    house::House,
    load::{Head, Render, once},
    process::Server,
};

/// A header takes its name, a colon, a blank and a line end.
const AROUND_PADDING: usize = "x-padding: \r\n".len();

/// A bare handler to compare with, and how long its answers are.
pub(super) async fn bare_like(
    house: &House,
    ours: &Server,
    render: &Render,
    status: u16,
) -> Outcome<(Server, usize)> {
    let wanted = probe(ours, render).await?;
    if wanted.status != status {
        return Err(fault(format!(
            "tokenry answers {} instead of {status}",
            wanted.status
        )));
    }
    let plain = house.bare(status, wanted.body, 0)?;
    let head = probe(&plain, render).await?.length;
    drop(plain);
    let padding = wanted.length.saturating_sub(head + AROUND_PADDING);
    let bare = house.bare(status, wanted.body, padding)?;
    Ok((bare, wanted.length + wanted.body))
}

async fn probe(server: &Server, render: &Render) -> Outcome<Head> {
    let mut request = Vec::new();
    render(&mut request);
    Ok(once(server.address, &request).await?.0)
}
