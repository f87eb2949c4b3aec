//! One connection that is kept open and asks one thing at a time.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::response::{self, Head};
use crate::fault::{Outcome, fault};

/// No answer here is longer than this; a longer one is a mistake.
const LONGEST: usize = 1 << 20;

/// An open connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    /// Connects, to this machine only.
    pub(crate) async fn open(address: SocketAddr) -> Outcome<Self> {
        if !address.ip().is_loopback() {
            return Err(fault(format!("{address} isn't this machine")));
        }
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            received: Vec::with_capacity(16 * 1024),
        })
    }

    /// Sends a request and waits for the whole answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Outcome<Head> {
        self.received.clear();
        self.stream.write_all(request).await?;
        let head = loop {
            self.receive().await?;
            if let Some(head) = response::parse(&self.received)? {
                break head;
            }
        };
        while self.received.len() < head.length + head.body {
            self.receive().await?;
        }
        if self.received.len() > head.length + head.body {
            return Err(fault("more bytes came than the answer has"));
        }
        Ok(head)
    }

    /// The bytes of the last answer.
    pub(crate) fn answer(&self) -> &[u8] {
        &self.received
    }

    async fn receive(&mut self) -> Outcome<()> {
        if self.received.len() > LONGEST {
            return Err(fault("the answer doesn't end"));
        }
        if self.stream.read_buf(&mut self.received).await? == 0 {
            return Err(fault("the server closed the connection"));
        }
        Ok(())
    }
}
