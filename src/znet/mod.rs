//! znet
