// A device in memory: clock, keys, signals and log, which outlive the process that a test ends.
import Foundation
import SoftToken

/// A wall clock and a monotonic clock that tests move.
public final class FakeClock: Clock, @unchecked Sendable {
    private let mutex = NSLock()
    private var wall: UnixTime
    private var millis: UInt64 = 0
    private var boot: UInt64 = 1

    public init(_ wall: UnixTime) { self.wall = wall }

    public func now() throws -> UnixTime { mutex.withLock { wall } }
    public func elapsed() throws -> Elapsed { mutex.withLock { Elapsed(bootId: boot, millis: millis) } }

    /// Time passes, on both clocks.
    public func pass(_ seconds: UInt64) {
        mutex.withLock {
            wall += seconds
            millis += seconds * 1000
        }
    }

    /// The wall clock is moved.
    public func jump(_ seconds: Int64) { mutex.withLock { wall = UnixTime(max(0, Int64(wall) + seconds)) } }

    public func reboot() {
        mutex.withLock {
            boot += 1
            millis = 0
        }
    }
}

/// Keys in memory: HMAC-SHA256 under random keys.
public final class FakeDeviceKey: DeviceKey, @unchecked Sendable {
    private let mutex = NSLock()
    private var keys: [String: [UInt8]] = [:]
    private var failure: HookError?

    public init() {}

    /// The next call fails so.
    public func failNext(_ error: HookError) { mutex.withLock { failure = error } }
    public func loseAll() { mutex.withLock { keys.removeAll() } }

    public func caps() throws -> DeviceKeyCaps {
        DeviceKeyCaps(level: .software, kind: .hmacSha256, singleUse: false, store: .files)
    }

    public func create(alias: String) throws {
        try answer {
            guard keys[alias] == nil else { throw HookError.Faulty }
            keys[alias] = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
        }
    }

    public func createBiometric(alias: String) throws { try create(alias: alias) }

    public func eval(alias: String, input: Data) throws -> Data {
        try answer {
            guard let key = keys[alias] else { throw HookError.Lost }
            return Data(hmacSha256(key: key, [UInt8](input)))
        }
    }

    public func delete(alias: String) throws { try answer { keys[alias] = nil } }

    public func list(vault: String) throws -> [String] {
        try answer { keys.keys.filter { $0.hasPrefix(vault + "/") } }
    }

    private func answer<Result>(_ body: () throws -> Result) throws -> Result {
        try mutex.withLock {
            if let failure {
                self.failure = nil
                throw failure
            }
            return try body()
        }
    }
}

/// What the device calls itself.
public final class FakeSignals: DeviceSignals {
    public init() {}
    public func label() throws -> String { "test device" }
}

/// Keeps what was logged, as a log file would.
public final class FakeLog: LogSink, @unchecked Sendable {
    private let mutex = NSLock()
    private var kept: [String] = []

    public init() {}
    public var lines: [String] { mutex.withLock { kept } }
    public func log(level: LogLevel, event: LogEvent) throws {
        mutex.withLock { kept.append("\(level) \(event)") }
    }
}

/// A device with a folder of its own, which goes away with it.
public final class FakeDevice: Sendable {
    public let clock: FakeClock
    public let key = FakeDeviceKey()
    public let log = FakeLog()
    public let folder: URL

    public init(at time: UnixTime = 1_790_000_000) {
        clock = FakeClock(time)
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("softtoken-\(UUID())")
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    public var hooks: Hooks { Hooks(clock: clock, deviceKey: key, signals: FakeSignals(), log: log) }

    /// Opens its vault; each call is another process, as far as the library can tell.
    public func open(_ hooks: Hooks? = nil, at folder: URL? = nil) throws -> SoftToken {
        try SoftToken.openForTests(
            config: OpenConfig(folder: (folder ?? self.folder).path), hooks: hooks ?? self.hooks,
            seed: .random(in: .min ... .max))
    }

    /// A vault that is made and open.
    public func ready(_ pin: String = "7294") throws -> SoftToken {
        let token = try open()
        try token.setPin(pin: Data(pin.utf8))
        return token
    }
}

/// Verbs of a library with the feature `testing`. Where it has none, these stand in: slower, and the same.
public protocol TestingVerbs {}
extension SoftToken: TestingVerbs {}
extension TestingVerbs {
    public static func openForTests(config: OpenConfig, hooks: Hooks, seed: UInt64) throws -> SoftToken {
        try SoftToken.open(config: config, hooks: hooks)
    }

    /// What a panic would be answered with, and what it would do.
    public func panicInside() throws { throw TokenError.Internal }
}
