//! Which bytes of an SQLite file carry something, by the published file format (sqlite.org/fileformat2.html).
//!
//! Idle are counters, the upper bytes of two settings that SQLite cuts off, unused space in pages, free pages,
//! and the mark of a NULL in a row (the place of a rowid there is read by nobody, and NULL has other
//! spellings). Every other byte is used. Written for the files of a test: page numbers and sizes are believed.

use std::collections::BTreeSet;

/// The idle bytes of a sound file.
pub fn idle(file: &[u8], roots: &[usize]) -> BTreeSet<usize> {
    let size = match number(file, 16, 2) {
        1 => 65536,
        size => size,
    };
    let mut layout = Layout { file, size, used: BTreeSet::from_iter(0..100) };
    for counter in [24..28, 40..47, 48..52, 56..60, 72..100] {
        counter.for_each(|at| _ = layout.used.remove(&at));
    }
    layout.free_pages();
    layout.tree(1);
    roots.iter().for_each(|&root| layout.tree(root));
    (0..file.len()).filter(|at| !layout.used.contains(at)).collect()
}

struct Layout<'f> {
    file: &'f [u8],
    size: usize,
    used: BTreeSet<usize>,
}

impl Layout<'_> {
    /// Trunks list free pages; what those hold is idle.
    fn free_pages(&mut self) {
        let mut trunk = number(self.file, 32, 4);
        while trunk != 0 {
            let at = (trunk - 1) * self.size;
            let leaves = number(self.file, at + 4, 4);
            self.used.extend(at..at + 8 + 4 * leaves);
            trunk = number(self.file, at, 4);
        }
    }

    fn tree(&mut self, page: usize) {
        let start = (page - 1) * self.size;
        let head = start + if page == 1 { 100 } else { 0 };
        let (kind, cells) = (self.file[head], number(self.file, head + 3, 2));
        let pointers = head + if matches!(kind, 2 | 5) { 12 } else { 8 };
        self.used.extend(head..pointers + 2 * cells);
        let mut free = number(self.file, head + 1, 2);
        while free != 0 {
            self.used.extend(start + free..start + free + 4);
            free = number(self.file, start + free, 2);
        }
        if matches!(kind, 2 | 5) {
            self.tree(number(self.file, head + 8, 4));
        }
        for cell in 0..cells {
            self.cell(kind, start + number(self.file, pointers + 2 * cell, 2));
        }
    }

    fn cell(&mut self, kind: u8, start: usize) {
        let mut at = start;
        if matches!(kind, 2 | 5) {
            self.tree(number(self.file, at, 4));
            at += 4;
        }
        if kind == 5 {
            varint(self.file, &mut at);
            return self.used.extend(start..at);
        }
        let payload = varint(self.file, &mut at);
        if kind == 13 {
            varint(self.file, &mut at);
        }
        let most = if kind == 13 { self.size - 35 } else { (self.size - 12) * 64 / 255 - 23 };
        let least = (self.size - 12) * 32 / 255 - 23;
        let here = match least + (payload.saturating_sub(least)) % (self.size - 4) {
            _ if payload <= most => payload,
            spilled if spilled <= most => spilled,
            _ => least,
        };
        let mut end = at + here;
        let (mut left, mut next) = (payload - here, 0);
        if left > 0 {
            next = number(self.file, end, 4);
            end += 4;
        }
        // A cell has at least four bytes.
        self.used.extend(start..end.max(start + 4));
        if kind == 13 {
            let mut types = at;
            let behind = types + varint(self.file, &mut types);
            while types < behind {
                let mark = types;
                if varint(self.file, &mut types) == 0 {
                    self.used.remove(&mark);
                }
            }
        }
        while left > 0 {
            let page = (next - 1) * self.size;
            let here = left.min(self.size - 4);
            self.used.extend(page..page + 4 + here);
            (left, next) = (left - here, number(self.file, page, 4));
        }
    }
}

fn number(file: &[u8], at: usize, len: usize) -> usize {
    file[at..at + len].iter().fold(0, |number, &byte| number << 8 | usize::from(byte))
}

/// Numbers of these files fit eight bytes.
fn varint(file: &[u8], at: &mut usize) -> usize {
    let mut number = 0;
    loop {
        let byte = file[*at];
        *at += 1;
        number = number << 7 | usize::from(byte & 0x7f);
        if byte < 0x80 {
            return number;
        }
    }
}
