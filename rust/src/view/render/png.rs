//! PNG files of pictures, for documents, logs and looking at.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::Image;

/// Writes a picture as a PNG file: 8-bit RGB, rows unfiltered, which packs flat colours best.
pub(super) fn encode(image: &Image) -> Vec<u8> {
    const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];
    const UNFILTERED: u8 = 0;
    let row_bytes = image.width as usize * 3;
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    for row in image.rgb.chunks_exact(row_bytes.max(1)) {
        encoder
            .write_all(&[UNFILTERED])
            .and_then(|()| encoder.write_all(row))
            .expect("writing to memory does not fail");
    }
    let pixels = encoder.finish().expect("writing to memory does not fail");
    let mut header = Vec::with_capacity(13);
    header.extend(image.width.to_be_bytes());
    header.extend(image.height.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]); // 8 bits, RGB, deflate, adaptive filters, no interlacing
    let mut file = SIGNATURE.to_vec();
    for (kind, data) in [
        (b"IHDR", &header),
        (b"IDAT", &pixels),
        (b"IEND", &Vec::new()),
    ] {
        file.extend((data.len() as u32).to_be_bytes());
        let start = file.len();
        file.extend(kind);
        file.extend(data);
        let mut checksum = flate2::Crc::new();
        checksum.update(&file[start..]);
        file.extend(checksum.sum().to_be_bytes());
    }
    file
}
