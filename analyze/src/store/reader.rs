//! An object, read as a file is.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use object_store::GetResult;
use tokio::runtime::Runtime;

/// Reads an object from its beginning to its end; no more of it than a piece is in memory.
pub struct ObjectReader {
    pieces: BoxStream<'static, object_store::Result<Bytes>>,
    piece: Bytes,
    runtime: Arc<Runtime>,
}

impl fmt::Debug for ObjectReader {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("ObjectReader").finish_non_exhaustive()
    }
}

impl ObjectReader {
    pub(super) fn of(got: GetResult, runtime: Arc<Runtime>) -> Self {
        Self {
            pieces: got.into_stream(),
            piece: Bytes::new(),
            runtime,
        }
    }
}

impl Read for ObjectReader {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.runtime.block_on(self.pieces.next()) {
                None => return Ok(0),
                Some(piece) => self.piece = piece.map_err(io::Error::other)?,
            }
        }
        let taken = self.piece.split_to(self.piece.len().min(to.len()));
        to[..taken.len()].copy_from_slice(&taken);
        Ok(taken.len())
    }
}
