//! A look over JSON text before anything is built from it.
//!
//! A parsed object takes some eighty times the eight bytes that a hostile document needs to ask for it, so nesting and memory
//! are bounded on the text, which allocates nothing.

/// How deep lists and objects may nest; a book inside a book takes three levels, an entity's settings about ten.
pub const MAX_JSON_DEPTH: usize = 64;

/// How much memory a document may take once parsed, as estimated; 100,000 plain entities take some 220 MiB.
pub const MAX_PARSED_BYTES: usize = 256 << 20;

/// A node of the tree map that holds an object: 11 entries of 56 bytes and its links.
const OBJECT_BYTES: usize = 640;
/// An entry of an object: its share of half-full nodes, without the text of its name.
const ENTRY_BYTES: usize = 112;
/// An element of a list: 32 bytes, twice for the spare room of a growing list.
const ELEMENT_BYTES: usize = 64;

/// Checks depth and memory of `json`, which need not be well-formed; says what is too much.
pub(super) fn check_shape(json: &[u8]) -> Result<(), String> {
    let (mut depth, mut n_bytes) = (0_usize, json.len());
    let (mut in_text, mut escaped) = (false, false);
    // One bit per open bracket, set for an object, the innermost lowest.
    let mut open_objects = 0_u128;
    for byte in json {
        if in_text {
            in_text = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'{' => {
                depth += 1;
                open_objects = open_objects << 1 | 1;
                n_bytes += OBJECT_BYTES;
            }
            b'[' => {
                depth += 1;
                open_objects <<= 1;
                n_bytes += ELEMENT_BYTES;
            }
            b']' | b'}' => {
                depth = depth.saturating_sub(1);
                open_objects >>= 1;
            }
            b',' if open_objects & 1 == 1 => n_bytes += ENTRY_BYTES,
            b',' => n_bytes += ELEMENT_BYTES,
            _ => {}
        }
        if depth > MAX_JSON_DEPTH {
            return Err(format!(
                "lists and objects nest deeper than {MAX_JSON_DEPTH} levels; take blueprints out of their books"
            ));
        }
        if n_bytes > MAX_PARSED_BYTES {
            return Err(format!(
                "it would take more than the limit of {MAX_PARSED_BYTES} bytes of memory; split the book or the blueprint"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_inside_text_do_not_count() {
        let text = format!(
            r#"{{"label":"{}\"{}"}}"#,
            "[".repeat(1000),
            "{".repeat(1000)
        );
        assert_eq!(check_shape(text.as_bytes()), Ok(()));
    }

    #[test]
    fn nesting_is_allowed_up_to_the_limit_only() {
        assert_eq!(check_shape("[".repeat(MAX_JSON_DEPTH).as_bytes()), Ok(()));
        let refused = check_shape("[".repeat(MAX_JSON_DEPTH + 1).as_bytes()).unwrap_err();
        assert!(refused.contains("deeper than 64 levels"), "{refused}");
    }

    #[test]
    fn memory_is_counted_before_it_is_taken() {
        for (part, n_bytes) in [("{},", 704), ("1,", 64)] {
            let text = format!("[{}", part.repeat(MAX_PARSED_BYTES / n_bytes));
            assert!(
                check_shape(text.as_bytes())
                    .unwrap_err()
                    .contains("of 268435456 bytes of memory")
            );
            let text = format!("[{}", part.repeat(MAX_PARSED_BYTES / n_bytes * 9 / 10));
            assert_eq!(check_shape(text.as_bytes()), Ok(()), "{part}");
        }
    }

    #[test]
    fn as_many_plain_entities_as_are_allowed_fit() {
        let entity = concat!(
            r#"{"entity_number":100000,"name":"underground-belt","position":{"x":-1000.5,"y":1000.5},"#,
            r#""direction":4,"type":"output"},"#
        );
        let text = format!("[{}", entity.repeat(super::super::codec::MAX_ENTITIES));
        assert_eq!(check_shape(text.as_bytes()), Ok(()));
    }
}
