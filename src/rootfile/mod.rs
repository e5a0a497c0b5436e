//! rootfile
