// HMAC-SHA256 (FIPS 180-4, RFC 2104) for fake device keys: Linux has no CryptoKit.
import Foundation

/// HMAC-SHA256 of `message` under a key of at most 64 bytes.
public func hmacSha256(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
    let padded = key + [UInt8](repeating: 0, count: 64 - key.count)
    return sha256(padded.map { $0 ^ 0x5c } + sha256(padded.map { $0 ^ 0x36 } + message))
}

/// SHA-256 of `message`.
public func sha256(_ message: [UInt8]) -> [UInt8] {
    var hash: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
        0x5be0_cd19,
    ]
    var text = message + [0x80]
    text += [UInt8](repeating: 0, count: (120 - text.count % 64) % 64)
    text += withUnsafeBytes(of: UInt64(message.count * 8).bigEndian, Array.init)
    for start in stride(from: 0, to: text.count, by: 64) {
        var w = (0..<16).map { index in
            text[(start + 4 * index)..<(start + 4 * index + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        for index in 16..<64 {
            let (a, b) = (w[index - 15], w[index - 2])
            let s0 = turned(a, 7) ^ turned(a, 18) ^ (a >> 3)
            let s1 = turned(b, 17) ^ turned(b, 19) ^ (b >> 10)
            w.append(w[index - 16] &+ s0 &+ w[index - 7] &+ s1)
        }
        var v = hash
        for index in 0..<64 {
            let s1 = turned(v[4], 6) ^ turned(v[4], 11) ^ turned(v[4], 25)
            let t1 = v[7] &+ s1 &+ ((v[4] & v[5]) ^ (~v[4] & v[6])) &+ constants[index] &+ w[index]
            let s0 = turned(v[0], 2) ^ turned(v[0], 13) ^ turned(v[0], 22)
            let t2 = s0 &+ ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]))
            v = [t1 &+ t2, v[0], v[1], v[2], v[3] &+ t1, v[4], v[5], v[6]]
        }
        hash = zip(hash, v).map { $0 &+ $1 }
    }
    return hash.flatMap { withUnsafeBytes(of: $0.bigEndian, Array.init) }
}

private func turned(_ value: UInt32, _ bits: UInt32) -> UInt32 { value >> bits | value << (32 - bits) }

/// The first 32 bits of the fractions of the cube roots of the first 64 primes.
private let constants: [UInt32] = {
    var primes: [UInt32] = []
    var candidate: UInt32 = 2
    while primes.count < 64 {
        if primes.allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
        candidate += 1
    }
    return primes.map { prime in
        let root = Foundation.cbrt(Double(prime))
        return UInt32((root - root.rounded(.down)) * 4_294_967_296)
    }
}()
