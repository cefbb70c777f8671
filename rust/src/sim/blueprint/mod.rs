//! The game's exchange strings.
