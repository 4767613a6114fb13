//! What the generated code is mended in, text for text; a generator that writes it differently stops the build here.
//!
//! | Where | What was wrong |
//! |---|---|
//! | Swift, integers and texts of records | each is copied out of the buffer through `Data`, which costs most of a call that returns many records |
//! | Kotlin, `&[u8]` arguments | the address is that of the buffer's beginning, its length what is left after the position: other bytes than meant |
//! | Kotlin, texts | half a surrogate pair throws `MalformedInputException`, which no verb announces; Swift replaces it, too |

use anyhow::{Result, ensure};

use crate::Language;

/// The source with its mends.
pub fn mend(language: Language, source: String) -> Result<String> {
    let mends: &[[&str; 2]] = match language {
        Language::Kotlin => &KOTLIN,
        Language::Swift => &SWIFT,
    };
    mends.iter().try_fold(source, |source, [was, is]| {
        ensure!(
            source.matches(was).count() == 1,
            "the generated {} has changed: no {was:?}",
            language.name()
        );
        Ok(source.replacen(was, is, 1))
    })
}

const KOTLIN: [[&str; 2]; 2] = [
    [
        "com.sun.jna.Native.getDirectBufferPointer(value)",
        "com.sun.jna.Native.getDirectBufferPointer(value).share(value.position().toLong())",
    ],
    ["onMalformedInput(CodingErrorAction.REPORT)", "onMalformedInput(CodingErrorAction.REPLACE)"],
];

const SWIFT: [[&str; 2]; 2] = [
    [
        "    if T.self == UInt8.self {
        let value = reader.data[reader.offset]
        reader.offset += 1
        return value as! T
    }
    var value: T = 0
    let _ = withUnsafeMutableBytes(of: &value, { reader.data.copyBytes(to: $0, from: range)})
",
        "    let value = reader.data.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: range.lowerBound, as: T.self) }
",
    ],
    [
        "        return String(decoding: try readBytes(&buf, count: Int(len)), as: UTF8.self)
",
        "        let start = buf.offset
        guard len >= 0, buf.data.count - start >= Int(len) else { throw UniffiInternalError.bufferOverflow }
        buf.offset = start + Int(len)
        return buf.data.withUnsafeBytes { String(decoding: $0[start..<start + Int(len)], as: UTF8.self) }
",
    ],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generator_that_writes_something_else_is_noticed() {
        for language in Language::ALL {
            assert!(mend(language, "something else".into()).is_err());
        }
    }
}
