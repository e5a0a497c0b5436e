//! ROOT's compressed blocks.
//!
//! In: the bytes behind a key and the size that they must unpack to. Out: those bytes. A payload is a chain of
//! blocks of at most 16 MiB: two letters for the algorithm, one method byte, three bytes of packed size and three of
//! unpacked size, little-endian, then the packed bytes (LZ4: eight bytes of XXH64 checksum first).

use std::io::Read;

use super::error::Damage;

/// Most bytes that one object or basket may unpack to. ROOT's own limit is 1 GiB; real baskets are far below this.
pub(crate) const MAX_UNPACKED: usize = 256 << 20;

/// Length of a block header.
const HEADER: usize = 9;

/// LZMA asks for memory of its own; ROOT's highest level uses a dictionary of 64 MiB.
const LZMA_MEMORY_KIB: u32 = 128 << 10;

/// Decompressors that keep their working memory from block to block. One per thread.
#[derive(Default)]
pub(crate) struct Codecs {
    deflate: Option<libdeflater::Decompressor>,
    zstd: Option<zstd::bulk::Decompressor<'static>>,
}

/// One block of the chain.
struct Block<'a> {
    algorithm: [u8; 2],
    packed: &'a [u8],
    size: usize,
}

impl Codecs {
    /// Unpacks a chain of blocks into the front of `out`, which grows if it must, and returns the `size` bytes.
    pub(crate) fn unpack<'a>(&mut self, packed: &[u8], size: usize, out: &'a mut Vec<u8>) -> Result<&'a [u8], Damage> {
        if size > MAX_UNPACKED {
            return Err(Damage::implausible("unpacked size", size, format!("at most {MAX_UNPACKED} is believed")));
        }
        check_chain(packed, size)?;
        let (mut rest, mut done) = (packed, 0);
        while done < size {
            let (block, tail) = next_block(rest)?;
            let end = done + block.size;
            // Grows only block by block: a chain that fails early has cost no more than it really unpacked to.
            if out.len() < end {
                out.resize(end, 0);
            }
            self.unpack_block(&block, out.get_mut(done..end).unwrap_or_default())?;
            (rest, done) = (tail, end);
        }
        Ok(out.get(..size).unwrap_or_default())
    }

    fn unpack_block(&mut self, block: &Block, out: &mut [u8]) -> Result<(), Damage> {
        let failed = |reason: String| Damage::Compression { algorithm: algorithm_name(block.algorithm), reason };
        let written = match &block.algorithm {
            b"ZL" => self
                .deflate
                .get_or_insert_with(libdeflater::Decompressor::new)
                .zlib_decompress(block.packed, out)
                .map_err(|_| failed("it is damaged, or its checksum differs".into()))?,
            b"L4" => {
                let (sum, packed) = block.packed.split_at_checked(8).ok_or_else(|| failed("too short".into()))?;
                if twox_hash::XxHash64::oneshot(0, packed).to_be_bytes() != sum {
                    return Err(failed("its checksum differs".into()));
                }
                lz4_flex::block::decompress_into(packed, out).map_err(|error| failed(error.to_string()))?
            }
            b"ZS" => {
                if self.zstd.is_none() {
                    self.zstd = Some(zstd::bulk::Decompressor::new().map_err(|error| failed(error.to_string()))?);
                }
                match &mut self.zstd {
                    Some(zstd) => {
                        zstd.decompress_to_buffer(block.packed, out).map_err(|error| failed(error.to_string()))?
                    }
                    None => 0,
                }
            }
            b"XZ" => {
                let mut reader = lzma_rust2::XzReader::new_mem_limit(block.packed, false, LZMA_MEMORY_KIB);
                reader.read_exact(out).map_err(|error| failed(error.to_string()))?;
                // The checksum stands behind the data and is compared only when the end is asked for.
                match reader.read(&mut [0u8; 1]) {
                    Ok(0) => out.len(),
                    Ok(_) => return Err(failed("it is longer than stated".into())),
                    Err(error) => return Err(failed(error.to_string())),
                }
            }
            // The first ROOT versions: what is inside a ZLIB block, alone.
            b"CS" => self
                .deflate
                .get_or_insert_with(libdeflater::Decompressor::new)
                .deflate_decompress(block.packed, out)
                .map_err(|_| failed("it is damaged".into()))?,
            _ => return Err(failed("no such algorithm".into())),
        };
        match written == out.len() {
            true => Ok(()),
            false => Err(failed(format!("{written} bytes came out, {} were stated", out.len()))),
        }
    }
}

/// Walks the headers of all blocks before anything is unpacked: their sizes must add up to what the key says.
fn check_chain(packed: &[u8], size: usize) -> Result<(), Damage> {
    let (mut rest, mut total) = (packed, 0usize);
    while total < size {
        let (block, tail) = next_block(rest)?;
        // Best possible ratios of the formats: a stored size far beyond them is a lie.
        let most = match &block.algorithm {
            b"ZL" | b"CS" => block.packed.len().saturating_mul(1040),
            b"L4" => block.packed.len().saturating_mul(256),
            _ => usize::MAX,
        };
        if block.size == 0 || block.size > most {
            let expected = format!("its {} packed bytes cannot unpack to that", block.packed.len());
            return Err(Damage::implausible("unpacked size of a block", block.size, expected));
        }
        total += block.size;
        rest = tail;
    }
    // Bytes behind the last block mean nothing, as behind an object that is not compressed.
    if total != size {
        let expected = format!("the key says {size}");
        return Err(Damage::implausible("unpacked size of all blocks", total, expected));
    }
    Ok(())
}

fn next_block(bytes: &[u8]) -> Result<(Block<'_>, &[u8]), Damage> {
    let short = |wanted| Damage::Short { at: 0, wanted, left: bytes.len() };
    let (header, rest) = bytes.split_first_chunk::<HEADER>().ok_or(short(HEADER))?;
    let [a, b, _method, p0, p1, p2, u0, u1, u2] = *header;
    let packed_size = u32::from_le_bytes([p0, p1, p2, 0]) as usize;
    let size = u32::from_le_bytes([u0, u1, u2, 0]) as usize;
    if !matches!(&[a, b], b"ZL" | b"L4" | b"ZS" | b"XZ" | b"CS") {
        let algorithm = algorithm_name([a, b]);
        return Err(Damage::Compression { algorithm, reason: "no such algorithm".into() });
    }
    let (packed, tail) = rest.split_at_checked(packed_size).ok_or(short(HEADER + packed_size))?;
    Ok((Block { algorithm: [a, b], packed, size }, tail))
}

fn algorithm_name(letters: [u8; 2]) -> String {
    match &letters {
        b"ZL" => "ZLIB".into(),
        b"CS" => "old ZLIB".into(),
        b"L4" => "LZ4".into(),
        b"ZS" => "ZSTD".into(),
        b"XZ" => "LZMA".into(),
        other => format!("`{}`", other.escape_ascii()),
    }
}

/// Name and level of ROOT's compression setting, such as 101 or 505.
pub(crate) fn setting_name(setting: i64) -> String {
    let level = setting.rem_euclid(100);
    match (setting.div_euclid(100), level) {
        (_, 0) => "none".into(),
        (0 | 1, level) => format!("ZLIB({level})"),
        (2, level) => format!("LZMA({level})"),
        (3, level) => format!("old ZLIB({level})"),
        (4, level) => format!("LZ4({level})"),
        (5, level) => format!("ZSTD({level})"),
        _ => format!("unknown ({setting})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(algorithm: &[u8; 2], packed: &[u8], size: usize) -> Vec<u8> {
        let mut bytes = algorithm.to_vec();
        bytes.push(8);
        bytes.extend(&(packed.len() as u32).to_le_bytes()[..3]);
        bytes.extend(&(size as u32).to_le_bytes()[..3]);
        bytes.extend(packed);
        bytes
    }

    fn zlib(data: &[u8]) -> Vec<u8> {
        let mut compressor = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
        let mut packed = vec![0; compressor.zlib_compress_bound(data.len())];
        let length = compressor.zlib_compress(data, &mut packed).expect("the bound is large enough");
        packed.truncate(length);
        block(b"ZL", &packed, data.len())
    }

    fn lz4(data: &[u8]) -> Vec<u8> {
        let packed = lz4_flex::block::compress(data);
        let mut with_sum = twox_hash::XxHash64::oneshot(0, &packed).to_be_bytes().to_vec();
        with_sum.extend(packed);
        block(b"L4", &with_sum, data.len())
    }

    fn zstd(data: &[u8]) -> Vec<u8> {
        block(b"ZS", &zstd::bulk::compress(data, 3).expect("memory is there"), data.len())
    }

    #[test]
    fn chains_of_blocks_of_any_algorithm_unpack_in_order() {
        let (a, b, c) = (vec![7u8; 5000], b"missing transverse momentum".to_vec(), vec![1u8; 70]);
        let chain = [zlib(&a), lz4(&b), zstd(&c)].concat();
        let whole = [a, b, c].concat();
        let mut out = Vec::new();
        let unpacked = Codecs::default().unpack(&chain, whole.len(), &mut out);
        assert_eq!(unpacked, Ok(&whole[..]));
    }

    #[test]
    fn a_lie_about_the_size_is_refused_before_memory_is_taken() {
        let honest = zlib(&[7u8; 5000]);
        let mut out = Vec::new();
        for size in [4999, 5001, 1 << 24, usize::MAX] {
            assert!(Codecs::default().unpack(&honest, size, &mut out).is_err(), "{size}");
        }
        assert!(out.is_empty());
        let bomb = block(b"ZL", &[0; 20], 0xff_ffff);
        assert!(Codecs::default().unpack(&bomb, 0xff_ffff, &mut out).is_err());
        assert!(out.is_empty());
    }

    #[test]
    fn blocks_of_the_first_root_versions_and_bytes_behind_the_last_block_read() {
        let data = [7u8; 500];
        let mut packed = vec![0; 600];
        let mut compressor = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
        let length = compressor.deflate_compress(&data, &mut packed).expect("the buffer is large enough");
        let old = [block(b"CS", &packed[..length], 500), b"slack".to_vec()].concat();
        assert_eq!(Codecs::default().unpack(&old, 500, &mut Vec::new()), Ok(&data[..]));
        let cut = block(b"CS", &packed[..length - 2], 500);
        assert!(Codecs::default().unpack(&cut, 500, &mut Vec::new()).is_err());
    }

    #[test]
    fn flipped_bits_in_lz4_are_found_by_the_checksum() {
        let mut packed = lz4(&(0..200u8).collect::<Vec<u8>>());
        let last = packed.len() - 1;
        packed[last] ^= 1;
        let mut out = Vec::new();
        let error = Codecs::default().unpack(&packed, 200, &mut out).expect_err("a bit is flipped");
        assert!(error.to_string().contains("checksum"), "{error}");
    }

    #[test]
    fn settings_read_as_root_prints_them() {
        assert_eq!(setting_name(101), "ZLIB(1)");
        assert_eq!(setting_name(505), "ZSTD(5)");
        assert_eq!(setting_name(0), "none");
    }
}
