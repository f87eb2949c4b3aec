//! Values through a socket: each a line of JSON, of bounded length.

use std::io;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::io::{
    AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _,
};
use zeroize::Zeroizing;

use super::{Command, Outcome};
use crate::exit::Failure;

/// The longest line. A hundred tokens with the longest names and descriptions
/// take less than half of it.
pub(super) const LONGEST: u64 = 1024 * 1024;

/// A command on its way. The version comes first, so that two versions of
/// tokenry can tell that they are two.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) version: String,
    pub(super) command: serde_json::Value,
}

/// What comes back.
pub(super) type Answer = Result<Outcome, Failure>;

impl Request {
    pub(super) fn new(command: &Command) -> io::Result<Self> {
        Ok(Self {
            version: VERSION.to_owned(),
            command: serde_json::to_value(command)?,
        })
    }

    /// The command, if it came from this version of tokenry.
    pub(super) fn command(self) -> Result<Command, Failure> {
        if self.version != VERSION {
            let message = format!(
                "the running server is tokenry {VERSION}, this command {}; use the same for both",
                self.version
            );
            return Err(Failure::unavailable("other_version", message));
        }
        serde_json::from_value(self.command)
            .map_err(|error| Failure::usage("bad_command", error.to_string()))
    }
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Sends a value.
pub(super) async fn send<T: Serialize>(
    stream: &mut (impl AsyncWrite + Unpin),
    value: &T,
) -> io::Result<()> {
    let mut line = Zeroizing::new(serde_json::to_vec(value)?);
    line.push(b'\n');
    stream.write_all(&line).await?;
    stream.flush().await
}

/// Reads a value, or `None` where the other side has ended.
pub(super) async fn receive<T: DeserializeOwned>(
    stream: &mut (impl AsyncBufRead + Unpin),
) -> io::Result<Option<T>> {
    let mut line = Zeroizing::new(Vec::new());
    stream.take(LONGEST).read_until(b'\n', &mut line).await?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.last() != Some(&b'\n') {
        let why = "a line is too long, or was cut off";
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    Ok(Some(serde_json::from_slice(&line)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn values_come_through_and_the_end_is_told() {
        let mut wire = Vec::new();
        send(&mut wire, &"a\nb").await.unwrap();
        send(&mut wire, &7).await.unwrap();
        let mut wire = wire.as_slice();
        assert_eq!(receive::<String>(&mut wire).await.unwrap().unwrap(), "a\nb");
        assert_eq!(receive::<u8>(&mut wire).await.unwrap(), Some(7));
        assert_eq!(receive::<u8>(&mut wire).await.unwrap(), None);
    }

    #[tokio::test]
    async fn endless_and_cut_off_lines_are_refused() {
        let endless = vec![b' '; 2 * 1024 * 1024];
        assert!(receive::<u8>(&mut endless.as_slice()).await.is_err());
        assert!(receive::<u8>(&mut b"7".as_slice()).await.is_err());
        assert!(receive::<u8>(&mut b"x\n".as_slice()).await.is_err());
    }

    #[test]
    fn another_version_is_told_so() {
        let mut request = Request::new(&Command::ListKeys).unwrap();
        assert!(matches!(request.command(), Ok(Command::ListKeys)));
        request = Request::new(&Command::ListKeys).unwrap();
        request.version = "0.0.0".to_owned();
        assert_eq!(request.command().unwrap_err().code, "other_version");
    }
}
