//! A bare handler whose answers are as long as tokenry's, head and body.

use crate::{
    fault::{Outcome, fault},
    house::House,
    load::{Head, Render, once},
    process::Server,
};

/// A header takes its name, a colon, a blank and a line end.
const AROUND_PADDING: usize = "x-padding: \r\n".len();

/// A bare handler to compare with, and how long its answers are: as long as
/// the mean of tokenry's to so many requests.
pub(super) async fn bare_like(
    house: &House,
    ours: &Server,
    render: &Render,
    status: u16,
    requests: usize,
) -> Outcome<(Server, usize)> {
    let (mut heads, mut bodies) = (0, 0);
    for _ in 0..requests {
        let answer = probe(ours, render).await?;
        if answer.status != status {
            return Err(fault(format!(
                "tokenry answers {} instead of {status}",
                answer.status
            )));
        }
        heads += answer.length;
        bodies += answer.body;
    }
    let (wanted, body) = (heads / requests.max(1), bodies / requests.max(1));
    let plain = house.bare(status, body, 0)?;
    let head = probe(&plain, render).await?.length;
    drop(plain);
    let padding = wanted.saturating_sub(head + AROUND_PADDING);
    let bare = house.bare(status, body, padding)?;
    Ok((bare, wanted + body))
}

async fn probe(server: &Server, render: &Render) -> Outcome<Head> {
    let mut request = Vec::new();
    render(&mut request);
    Ok(once(server.address, &request).await?.0)
}
