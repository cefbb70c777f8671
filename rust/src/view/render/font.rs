//! The built-in font: ASCII in cells of 6 x 9 pixels, letters 5 x 7 with one row below the line.

use super::palette::Color;
use super::raster::{Canvas, OPAQUE};

/// Pixels from one letter to the next.
pub(super) const ADVANCE: i32 = 6;
/// Rows of a letter, the one below the line included.
pub(super) const LETTER_HEIGHT: i32 = 8;
const LETTER_WIDTH: i32 = 5;
const FIRST: u8 = b' ';

/// Rows of the letters from the space to the tilde, the leftmost pixel in bit 4.
#[rustfmt::skip]
const GLYPHS: [[u8; 8]; 95] = [
    [ 0,  0,  0,  0,  0,  0,  0,  0], // space
    [ 4,  4,  4,  4,  4,  0,  4,  0], // !
    [10, 10, 10,  0,  0,  0,  0,  0], // "
    [10, 10, 31, 10, 31, 10, 10,  0], // #
    [ 4, 15, 20, 14,  5, 30,  4,  0], // $
    [24, 25,  2,  4,  8, 19,  3,  0], // %
    [12, 18, 20,  8, 21, 18, 13,  0], // &
    [ 4,  4,  8,  0,  0,  0,  0,  0], // '
    [ 2,  4,  8,  8,  8,  4,  2,  0], // (
    [ 8,  4,  2,  2,  2,  4,  8,  0], // )
    [ 0,  4, 21, 14, 21,  4,  0,  0], // *
    [ 0,  4,  4, 31,  4,  4,  0,  0], // +
    [ 0,  0,  0,  0,  0,  4,  4,  8], // ,
    [ 0,  0,  0, 31,  0,  0,  0,  0], // -
    [ 0,  0,  0,  0,  0, 12, 12,  0], // .
    [ 0,  1,  2,  4,  8, 16,  0,  0], // /
    [14, 17, 19, 21, 25, 17, 14,  0], // 0
    [ 4, 12,  4,  4,  4,  4, 14,  0], // 1
    [14, 17,  1,  2,  4,  8, 31,  0], // 2
    [30,  1,  1, 14,  1,  1, 30,  0], // 3
    [ 2,  6, 10, 18, 31,  2,  2,  0], // 4
    [31, 16, 30,  1,  1, 17, 14,  0], // 5
    [ 6,  8, 16, 30, 17, 17, 14,  0], // 6
    [31,  1,  2,  4,  4,  4,  4,  0], // 7
    [14, 17, 17, 14, 17, 17, 14,  0], // 8
    [14, 17, 17, 15,  1,  2, 12,  0], // 9
    [ 0, 12, 12,  0, 12, 12,  0,  0], // :
    [ 0, 12, 12,  0, 12, 12,  8,  0], // ;
    [ 2,  4,  8, 16,  8,  4,  2,  0], // <
    [ 0,  0, 31,  0, 31,  0,  0,  0], // =
    [ 8,  4,  2,  1,  2,  4,  8,  0], // >
    [14, 17,  1,  2,  4,  0,  4,  0], // ?
    [14, 17, 23, 21, 22, 16, 15,  0], // @
    [14, 17, 17, 31, 17, 17, 17,  0], // A
    [30, 17, 17, 30, 17, 17, 30,  0], // B
    [14, 17, 16, 16, 16, 17, 14,  0], // C
    [30, 17, 17, 17, 17, 17, 30,  0], // D
    [31, 16, 16, 30, 16, 16, 31,  0], // E
    [31, 16, 16, 30, 16, 16, 16,  0], // F
    [14, 17, 16, 23, 17, 17, 15,  0], // G
    [17, 17, 17, 31, 17, 17, 17,  0], // H
    [14,  4,  4,  4,  4,  4, 14,  0], // I
    [ 7,  2,  2,  2,  2, 18, 12,  0], // J
    [17, 18, 20, 24, 20, 18, 17,  0], // K
    [16, 16, 16, 16, 16, 16, 31,  0], // L
    [17, 27, 21, 21, 17, 17, 17,  0], // M
    [17, 25, 21, 19, 17, 17, 17,  0], // N
    [14, 17, 17, 17, 17, 17, 14,  0], // O
    [30, 17, 17, 30, 16, 16, 16,  0], // P
    [14, 17, 17, 17, 21, 18, 13,  0], // Q
    [30, 17, 17, 30, 20, 18, 17,  0], // R
    [15, 16, 16, 14,  1,  1, 30,  0], // S
    [31,  4,  4,  4,  4,  4,  4,  0], // T
    [17, 17, 17, 17, 17, 17, 14,  0], // U
    [17, 17, 17, 17, 17, 10,  4,  0], // V
    [17, 17, 17, 21, 21, 27, 17,  0], // W
    [17, 17, 10,  4, 10, 17, 17,  0], // X
    [17, 17, 10,  4,  4,  4,  4,  0], // Y
    [31,  1,  2,  4,  8, 16, 31,  0], // Z
    [14,  8,  8,  8,  8,  8, 14,  0], // [
    [ 0, 16,  8,  4,  2,  1,  0,  0], // backslash
    [14,  2,  2,  2,  2,  2, 14,  0], // ]
    [ 4, 10, 17,  0,  0,  0,  0,  0], // ^
    [ 0,  0,  0,  0,  0,  0, 31,  0], // _
    [ 8,  4,  0,  0,  0,  0,  0,  0], // `
    [ 0,  0, 14,  1, 15, 17, 15,  0], // a
    [16, 16, 30, 17, 17, 17, 30,  0], // b
    [ 0,  0, 15, 16, 16, 16, 15,  0], // c
    [ 1,  1, 15, 17, 17, 17, 15,  0], // d
    [ 0,  0, 14, 17, 31, 16, 14,  0], // e
    [ 6,  8, 30,  8,  8,  8,  8,  0], // f
    [ 0,  0, 15, 17, 17, 15,  1, 14], // g
    [16, 16, 30, 17, 17, 17, 17,  0], // h
    [ 4,  0, 12,  4,  4,  4, 14,  0], // i
    [ 2,  0,  6,  2,  2,  2,  2, 12], // j
    [16, 16, 18, 20, 24, 20, 18,  0], // k
    [12,  4,  4,  4,  4,  4, 14,  0], // l
    [ 0,  0, 26, 21, 21, 21, 21,  0], // m
    [ 0,  0, 30, 17, 17, 17, 17,  0], // n
    [ 0,  0, 14, 17, 17, 17, 14,  0], // o
    [ 0,  0, 30, 17, 17, 30, 16, 16], // p
    [ 0,  0, 15, 17, 17, 15,  1,  1], // q
    [ 0,  0, 22, 25, 16, 16, 16,  0], // r
    [ 0,  0, 15, 16, 14,  1, 30,  0], // s
    [ 8,  8, 30,  8,  8,  8,  6,  0], // t
    [ 0,  0, 17, 17, 17, 17, 15,  0], // u
    [ 0,  0, 17, 17, 17, 10,  4,  0], // v
    [ 0,  0, 17, 17, 21, 21, 10,  0], // w
    [ 0,  0, 17, 10,  4, 10, 17,  0], // x
    [ 0,  0, 17, 17, 17, 15,  1, 14], // y
    [ 0,  0, 31,  2,  4,  8, 31,  0], // z
    [ 2,  4,  4,  8,  4,  4,  2,  0], // {
    [ 4,  4,  4,  4,  4,  4,  4,  0], // |
    [ 8,  4,  4,  2,  4,  4,  8,  0], // }
    [ 0,  0,  8, 21,  2,  0,  0,  0], // ~
];

/// Finds the rows of a letter; what the font lacks is a question mark.
fn glyph(letter: char) -> &'static [u8; 8] {
    let index = u8::try_from(letter)
        .ok()
        .and_then(|byte| byte.checked_sub(FIRST))
        .map(usize::from)
        .filter(|index| *index < GLYPHS.len())
        .unwrap_or(usize::from(b'?' - FIRST));
    &GLYPHS[index]
}

/// Gives the width of a line of text in pixels, without the gap after the last letter.
pub(super) fn text_width(text: &str, scale: i32) -> i32 {
    let n_letters = i32::try_from(text.chars().count()).unwrap_or(i32::MAX / 64);
    (n_letters.min(10_000) * ADVANCE - 1).max(0) * scale
}

/// Writes one line of text; what does not fit on the canvas is cut off. Returns the pixel column after it.
pub(super) fn text(
    canvas: &mut Canvas,
    left: i32,
    top: i32,
    scale: i32,
    color: Color,
    text: &str,
) -> i32 {
    let mut x = left;
    for letter in text.chars() {
        if x >= canvas.width() {
            break;
        }
        for (row, bits) in (0..).zip(glyph(letter)) {
            for col in 0..LETTER_WIDTH {
                if bits >> (LETTER_WIDTH - 1 - col) & 1 == 1 {
                    let (x, y) = (x + col * scale, top + row * scale);
                    canvas.pixels(x, y, scale, scale, color, OPAQUE);
                }
            }
        }
        x += ADVANCE * scale;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_differ_and_fit_their_cells() {
        for (index, rows) in GLYPHS.iter().enumerate() {
            assert!(
                rows.iter().all(|row| *row < 32),
                "letter {index} is five wide"
            );
            assert!(
                GLYPHS[..index].iter().all(|other| other != rows),
                "letter {index} looks like no other"
            );
        }
    }

    #[test]
    fn letters_outside_ascii_are_question_marks() {
        assert_eq!(glyph('é'), glyph('?'));
        assert_eq!(glyph('\n'), glyph('?'));
        assert_eq!(glyph('\u{7f}'), glyph('?'));
        assert_ne!(glyph('~'), glyph('?'));
    }
}
