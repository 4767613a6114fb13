//! Dynamic truncation (RFC 4226 section 5.3).
//!
//! The low nibble of the *last* byte says where to read: byte 19 for SHA-1 as in the RFC's example,
//! 31 and 63 for the longer hashes (RFC 6238 and RFC 6287 do the same).

/// Thirty-one bits of a MAC of at least 20 bytes.
pub(super) fn truncate(mac: &[u8]) -> u32 {
    u32::from_be_bytes(window(mac)) & 0x7fff_ffff
}

/// Sixty-three bits of a MAC of at least 23 bytes, Yandex's variant.
pub(super) fn truncate_long(mac: &[u8]) -> u64 {
    u64::from_be_bytes(window(mac)) & 0x7fff_ffff_ffff_ffff
}

fn window<const N: usize>(mac: &[u8]) -> [u8; N] {
    let offset = mac.last().map_or(0, |last| usize::from(last & 15));
    // An offset is at most 15 and the MACs are long enough, so the fallback is never taken.
    mac.get(offset..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_example_of_rfc_4226_section_5_4_truncates_to_872921() {
        let mac = [
            0x1f, 0x86, 0x98, 0x69, 0x0e, 0x02, 0xca, 0x16, 0x61, 0x85, 0x50, 0xef, 0x7f, 0x19, 0xda, 0x8e,
            0x94, 0x5b, 0x55, 0x5a,
        ];
        assert_eq!(truncate(&mac), 0x50ef_7f19);
        assert_eq!(truncate(&mac) % 1_000_000, 872_921);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn truncation_reads_inside_the_mac_and_clears_the_top_bit(
            mac in prop_oneof![
                proptest::collection::vec(any::<u8>(), 20),
                proptest::collection::vec(any::<u8>(), 32),
                proptest::collection::vec(any::<u8>(), 64),
            ],
        ) {
            let offset = usize::from(mac[mac.len() - 1] & 15);
            let plain = u32::from_be_bytes(mac[offset..offset + 4].try_into().unwrap());
            prop_assert_eq!(truncate(&mac), plain % (1 << 31));
            if mac.len() > 20 {
                let plain = u64::from_be_bytes(mac[offset..offset + 8].try_into().unwrap());
                prop_assert_eq!(truncate_long(&mac), plain % (1 << 63));
            }
        }

        #[test]
        fn truncation_of_anything_shorter_gives_zero_and_no_panic(
            mac in proptest::collection::vec(any::<u8>(), 0..4),
        ) {
            prop_assert_eq!(truncate(&mac), 0);
        }
    }
}
