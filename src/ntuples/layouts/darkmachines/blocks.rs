//! A text file cut into blocks of whole lines, so that any of them can be read alone.
//!
//! In: a file, plain or gzip. Out: [`Blocks`]: where each block begins, how many events it holds, its bytes. The file is
//! gone through once for that. Plain text is then read where it is wanted; gzip can only be read from its start, so
//! threads share one decoder, which goes on from where it is, and the last blocks that it made ([`CACHE_BYTES`]): reading
//! in order, by any number of threads, decompresses once.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

use flate2::read::MultiGzDecoder;

use super::store::{Cursor, Store};

/// Longest line that is believed, bytes.
const MAX_LINE: usize = 1 << 20;
/// A block ends with the line that makes it longer than this...
const BLOCK_BYTES: usize = 1 << 20;
/// ... or holds so many events.
const BLOCK_EVENTS: u64 = 2_000;
/// Decompressed blocks that are kept for other threads.
const CACHE_BYTES: usize = 64 << 20;
/// Bytes read at once.
const CHUNK: usize = 1 << 18;

/// Whole lines of a file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Block {
    /// First byte, decompressed.
    pub start: u64,
    pub bytes: usize,
    /// Number of its first event in the file.
    pub first_event: u64,
    pub events: u64,
    /// Number of its first line, from 1.
    pub first_line: u64,
}

/// Why a file cannot be cut.
#[derive(Debug)]
pub(super) enum CutError {
    Io(std::io::Error),
    LongLine { line: u64 },
}

/// All blocks of a file.
#[derive(Debug)]
pub(super) struct Blocks {
    pub list: Vec<Block>,
    store: Store,
    stream: Option<Mutex<Stream>>,
}

#[derive(Debug)]
struct Stream {
    decoder: MultiGzDecoder<Cursor>,
    next: usize,
    cache: BTreeMap<usize, Arc<[u8]>>,
    cached: usize,
}

/// True for a line with nothing on it.
pub(super) fn is_blank(line: &[u8]) -> bool {
    line.trim_ascii().is_empty()
}

/// Lines of a text with their ends, which the last may lack.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        let (line, more) = rest.split_at_checked(end).filter(|(line, _)| !line.is_empty())?;
        rest = more;
        Some(line)
    })
}

impl Blocks {
    /// Goes through the file. `is_event` is shown every line that is not blank; only the first may be none.
    pub(super) fn cut(store: Store, mut is_event: impl FnMut(&[u8]) -> bool) -> Result<Blocks, CutError> {
        let mut magic = [0; 2];
        let is_gzip = store.length() >= 2 && store.read_at(&mut magic, 0).is_ok() && magic == [0x1f, 0x8b];
        let list = match is_gzip {
            true => cut(&mut MultiGzDecoder::new(store.cursor()), &mut is_event)?,
            false => cut(&mut store.cursor(), &mut is_event)?,
        };
        let stream = is_gzip.then(|| Mutex::new(Stream::new(&store)));
        Ok(Blocks { list, store, stream })
    }

    /// Number of events.
    pub(super) fn events(&self) -> u64 {
        self.list.last().map_or(0, |block| block.first_event + block.events)
    }

    /// The block that holds an event.
    pub(super) fn holding(&self, event: u64) -> usize {
        self.list.partition_point(|block| block.first_event <= event).saturating_sub(1)
    }

    /// The lines of a block, in `buffer`, whose memory is used again.
    pub(super) fn read(&self, number: usize, buffer: &mut Vec<u8>) -> std::io::Result<()> {
        buffer.clear();
        let Some(block) = self.list.get(number) else { return Ok(()) };
        match &self.stream {
            None => {
                buffer.resize(block.bytes, 0);
                self.store.read_at(buffer, block.start)
            }
            Some(stream) => {
                let mut stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
                buffer.extend_from_slice(&stream.block(&self.list, number, &self.store)?);
                Ok(())
            }
        }
    }
}

impl Stream {
    fn new(store: &Store) -> Stream {
        Stream { decoder: MultiGzDecoder::new(store.cursor()), next: 0, cache: BTreeMap::new(), cached: 0 }
    }

    fn block(&mut self, list: &[Block], number: usize, store: &Store) -> std::io::Result<Arc<[u8]>> {
        if let Some(block) = self.cache.get(&number) {
            return Ok(block.clone());
        }
        if number < self.next {
            *self = Stream::new(store);
        }
        if self.next == 0 {
            // Column names stand in front of the first block.
            let before = list.first().map_or(0, |block| block.start);
            std::io::copy(&mut self.decoder.by_ref().take(before), &mut std::io::sink())?;
        }
        for (i, block) in list.iter().enumerate().take(number + 1).skip(self.next) {
            let mut bytes = vec![0; block.bytes];
            if let Err(error) = self.decoder.read_exact(&mut bytes) {
                *self = Stream::new(store);
                return Err(error);
            }
            self.next = i + 1;
            self.cached += bytes.len();
            let bytes: Arc<[u8]> = bytes.into();
            self.cache.insert(i, bytes.clone());
            while self.cached > CACHE_BYTES
                && let Some((_, old)) = self.cache.pop_first()
            {
                self.cached -= old.len();
            }
            if i == number {
                return Ok(bytes);
            }
        }
        Err(std::io::ErrorKind::UnexpectedEof.into())
    }
}

fn cut(reader: &mut impl Read, is_event: &mut impl FnMut(&[u8]) -> bool) -> Result<Vec<Block>, CutError> {
    let mut list: Vec<Block> = Vec::new();
    let mut block = Block { start: 0, bytes: 0, first_event: 0, events: 0, first_line: 1 };
    let mut line_number = 1;
    let mut pending: Vec<u8> = Vec::new();
    let mut chunk = vec![0; CHUNK];
    let mut finish = |block: &mut Block, next_line: u64| {
        if block.bytes > 0 {
            list.push(block.clone());
        }
        block.start += block.bytes as u64;
        block.first_event += block.events;
        (block.bytes, block.events, block.first_line) = (0, 0, next_line);
    };
    loop {
        let count = match reader.read(&mut chunk) {
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(CutError::Io(error)),
        };
        pending.extend_from_slice(chunk.get(..count).unwrap_or_default());
        let whole = match count {
            0 => pending.len(),
            _ => memchr::memrchr(b'\n', &pending).map_or(0, |end| end + 1),
        };
        for line in lines(pending.get(..whole).unwrap_or_default()) {
            if line.len() > MAX_LINE {
                return Err(CutError::LongLine { line: line_number });
            }
            block.bytes += line.len();
            line_number += 1;
            if !is_blank(line) {
                if is_event(line) {
                    block.events += 1;
                } else {
                    // Column names: the first block begins behind them.
                    block.start += block.bytes as u64;
                    (block.bytes, block.first_line) = (0, line_number);
                }
            }
            if block.bytes >= BLOCK_BYTES || block.events >= BLOCK_EVENTS {
                finish(&mut block, line_number);
            }
        }
        pending.drain(..whole);
        if count == 0 {
            finish(&mut block, line_number);
            return Ok(list);
        }
        if pending.len() > MAX_LINE {
            return Err(CutError::LongLine { line: line_number });
        }
    }
}
