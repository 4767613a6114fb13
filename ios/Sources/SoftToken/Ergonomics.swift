// What makes the generated surface pleasant in Swift: secrets in a buffer that is wiped, frames and times.
import Foundation

/// Bytes of a secret that somebody types: a PIN, a password, an unlock code.
///
/// The memory is this object's own: it never moves, `bytes` lends it without a copy, and `wipe` (also called by
/// `deinit`) overwrites it. A `String` or `Data` leaves copies that nobody can wipe.
public final class SecretBuffer: @unchecked Sendable, CustomStringConvertible, CustomReflectable {
    private let memory: UnsafeMutableRawBufferPointer
    private let mutex = NSLock()
    private var used = 0

    /// An empty one; `capacity` bytes is all that it will take.
    public init(capacity: Int = 256) {
        memory = .allocate(byteCount: capacity, alignment: 1)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
    }

    /// One with the UTF-8 form of `text`.
    public convenience init(_ text: String) {
        var text = text
        let length = text.utf8.count
        self.init(capacity: max(length, 1))
        text.withUTF8 { memory.copyBytes(from: $0) }
        used = length
    }

    deinit {
        wipe()
        memory.deallocate()
    }

    /// How many bytes there are.
    public var count: Int { mutex.withLock { used } }

    /// Adds one byte; a full buffer ignores it.
    public func append(_ byte: UInt8) {
        mutex.withLock {
            guard used < memory.count else { return }
            memory[used] = byte
            used += 1
        }
    }

    /// Takes the last byte away.
    public func deleteLast() {
        mutex.withLock {
            guard used > 0 else { return }
            used -= 1
            memory[used] = 0
        }
    }

    /// Overwrites everything and is empty then.
    public func wipe() {
        mutex.withLock {
            // Not `initializeMemory`, which an optimizer may drop before the memory is given back.
            for index in memory.indices { memory.storeBytes(of: 0, toByteOffset: index, as: UInt8.self) }
            used = 0
        }
    }

    /// Whether both hold the same bytes.
    public func isSame(as other: SecretBuffer) -> Bool {
        self === other || bytes { mine in other.bytes { theirs in mine == theirs } }
    }

    /// Lends the bytes to `body`, without a copy. They must not be kept.
    public func bytes<Result>(_ body: (Data) throws -> Result) rethrows -> Result {
        try mutex.withLock {
            guard used > 0, let start = memory.baseAddress else { return try body(Data()) }
            return try body(Data(bytesNoCopy: start, count: used, deallocator: .none))
        }
    }

    /// Says nothing of the bytes.
    public var description: String { "SecretBuffer" }

    /// No children: reflection sees no bytes.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension SoftToken {
    /// Scans the brightness plane of a camera frame where it lies, without a copy.
    ///
    /// `luma` has to stay valid during the call only: the base address of a locked pixel buffer's plane.
    public func scan(
        luma: UnsafeRawBufferPointer, width: Int, height: Int, stride: Int, pick: UInt32? = nil,
        options: ActivationOptions = ActivationOptions()
    ) throws -> ScanResult {
        guard let start = luma.baseAddress, let width = UInt32(exactly: width),
            let height = UInt32(exactly: height), let stride = UInt32(exactly: stride)
        else { return .nothing }
        let plane = Data(
            bytesNoCopy: UnsafeMutableRawPointer(mutating: start), count: luma.count, deallocator: .none)
        return try scanFrame(
            width: width, height: height, stride: stride, luma: plane, pick: pick, options: options)
    }
}

extension ActivationOptions {
    /// The usual choices: online, everything as the issuer says.
    public init(offline: Bool = false, device: String? = nil) {
        self.init(offline: offline, digits: nil, registrationCode: nil, device: device)
    }
}

extension CodeView {
    /// When the code is good, where time decides.
    public var validity: Range<Date>? {
        guard let validFrom, let validUntil, validFrom < validUntil else { return nil }
        return Date(unixTime: validFrom)..<Date(unixTime: validUntil)
    }
}

extension Date {
    /// The instant of the library's seconds since 1970.
    public init(unixTime: UnixTime) {
        self.init(timeIntervalSince1970: TimeInterval(unixTime))
    }

    /// Seconds since 1970, whole; 0 before.
    public var unixTime: UnixTime {
        UnixTime(exactly: max(0, timeIntervalSince1970).rounded(.down)) ?? 0
    }
}

/// A transport throws it.
extension HttpProblem: Error {}
