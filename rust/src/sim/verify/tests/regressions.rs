//! Plans that failed once, made small.
