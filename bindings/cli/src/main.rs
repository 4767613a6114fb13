//! The `softtoken` command.

fn main() {}
