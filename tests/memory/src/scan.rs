//! Looks for needles in all writable memory of another process, and in files.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use crate::needles::Needle;

/// Where a needle was found, and how often, by kind of memory.
pub type Found = BTreeMap<(&'static str, &'static str, String), u64>;

/// Many needles, looked for in one go.
pub struct Scanner<'a> {
    needles: &'a [Needle],
    /// Which first three bytes any needle has.
    begins: Vec<u64>,
    by_start: HashMap<[u8; 8], Vec<usize>>,
}

impl<'a> Scanner<'a> {
    /// Every needle has at least eight bytes.
    pub fn new(needles: &'a [Needle]) -> Self {
        let mut begins = vec![0; (1 << 24) / 64];
        let mut by_start: HashMap<[u8; 8], Vec<usize>> = HashMap::new();
        for (at, needle) in needles.iter().enumerate() {
            let place = begin(&needle.bytes);
            begins[place / 64] |= 1 << (place % 64);
            let start = needle.bytes[..8].try_into().expect("eight bytes");
            by_start.entry(start).or_default().push(at);
        }
        Self { needles, begins, by_start }
    }

    /// All writable mappings of the process, which must stand still; says how many bytes they have.
    pub fn process(&self, id: u32, found: &mut Found) -> io::Result<u64> {
        let memory = File::open(format!("/proc/{id}/mem"))?;
        let maps = std::fs::read_to_string(format!("/proc/{id}/maps"))?;
        let mut bytes = 0;
        for line in maps.lines() {
            let mut words = line.split_whitespace();
            let (range, rights) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let name = words.nth(3).unwrap_or("anonymous");
            if !rights.starts_with("rw") {
                continue;
            }
            let edge = |text: Option<&str>| u64::from_str_radix(text.unwrap_or_default(), 16);
            let mut edges = range.split('-');
            let (Ok(start), Ok(end)) = (edge(edges.next()), edge(edges.next())) else {
                return Err(io::Error::other("a mapping without a range"));
            };
            let mut content = vec![0; usize::try_from(end - start).map_err(io::Error::other)?];
            memory.read_exact_at(&mut content, start)?;
            bytes += end - start;
            self.bytes(&content, name.rsplit('/').next().unwrap_or(name), found);
        }
        Ok(bytes)
    }

    /// `content`, counted under the name `place`.
    pub fn bytes(&self, content: &[u8], place: &str, found: &mut Found) {
        for (at, window) in content.windows(8).enumerate() {
            let first = begin(window);
            if self.begins[first / 64] >> (first % 64) & 1 == 0 {
                continue;
            }
            let start: [u8; 8] = window.try_into().expect("eight bytes");
            for needle in self.by_start.get(&start).into_iter().flatten().map(|at| &self.needles[*at]) {
                if content[at..].starts_with(&needle.bytes) {
                    *found.entry((needle.what, needle.form, place.to_owned())).or_default() += 1;
                }
            }
        }
    }
}

fn begin(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 16 | usize::from(bytes[1]) << 8 | usize::from(bytes[2])
}
