// Hooks that misbehave in every way that Swift has.
import Foundation
import SoftToken
import TestSupport

/// What a hook does instead of its work.
enum Mood: Sendable {
    case good
    case announced(HookError)
    case unannounced
    case garbage(Data)
    case slow
    case callsBack
}

/// An error that no hook announces, with something in it that must never be shown.
struct Odd: Error {
    let detail = canary
}

let canary = "CANARY-5dd1c9"

/// Every hook in one object; `key` and `time` choose how they behave.
final class OddHooks: Clock, DeviceKey, DeviceSignals, LogSink, @unchecked Sendable {
    private let mutex = NSLock()
    private let good: FakeDevice
    private var moods: [String: Mood] = [:]
    private var heard: [TokenError?] = []
    weak var token: SoftToken?

    init(_ device: FakeDevice) { good = device }

    var hooks: Hooks { Hooks(clock: self, deviceKey: self, signals: self, log: self) }
    /// What the token answered to hooks that called it.
    var answers: [TokenError?] { mutex.withLock { heard } }
    func set(_ hook: String, _ mood: Mood) { mutex.withLock { moods[hook] = mood } }

    func now() throws -> UnixTime { try act("now", good.clock.now, garbage: { _ in .max }) }
    func elapsed() throws -> Elapsed {
        try act("elapsed", good.clock.elapsed, garbage: { _ in Elapsed(bootId: .max, millis: .max) })
    }
    func caps() throws -> DeviceKeyCaps { try act("caps", good.key.caps) }
    func create(alias: String) throws { try act("create", { try good.key.create(alias: alias) }) }
    func createBiometric(alias: String) throws { try act("create", { try good.key.create(alias: alias) }) }
    func eval(alias: String, input: Data) throws -> Data {
        try act("eval", { try good.key.eval(alias: alias, input: input) }, garbage: { $0 })
    }
    func delete(alias: String) throws { try act("delete", { try good.key.delete(alias: alias) }) }
    func list(vault: String) throws -> [String] {
        try act(
            "list", { try good.key.list(vault: vault) },
            garbage: { [String(decoding: $0, as: UTF8.self), "", "/"] })
    }
    func label() throws -> String {
        try act("label", { "odd" }, garbage: { String(decoding: $0, as: UTF8.self) })
    }
    func log(level: LogLevel, event: LogEvent) throws { try act("log", {}) }

    private func act<Value>(
        _ hook: String, _ work: () throws -> Value, garbage: (Data) -> Value? = { _ in nil }
    ) throws -> Value {
        switch mutex.withLock({ moods[hook] ?? .good }) {
        case .good: break
        case .announced(let error): throw error
        case .unannounced: throw Odd()
        case .garbage(let data):
            if let value = garbage(data) { return value }
        case .slow: Thread.sleep(forTimeInterval: 0.03)
        case .callsBack:
            var failure: TokenError?
            do { _ = try token?.codes(at: nil) } catch { failure = error as? TokenError }
            mutex.withLock { heard.append(failure) }
        }
        return try work()
    }
}
