// What the kit's tests put in the place of network, browser and time.
import Foundation
import SoftToken
import SoftTokenKit
import TestSupport

/// Answers requests from a script; the last line of the script repeats.
final class FakeTransport: Transport, @unchecked Sendable {
    typealias Answer = @Sendable (HttpRequest) async -> Result<HttpReply, HttpProblem>

    private let mutex = NSLock()
    private var script: [Answer]
    private var seen: [HttpRequest] = []

    init(_ script: [Answer]) { self.script = script }
    convenience init(_ problem: HttpProblem) { self.init([{ _ in .failure(problem) }]) }

    var sent: [HttpRequest] { mutex.withLock { seen } }

    func send(_ request: HttpRequest) async throws(HttpProblem) -> HttpReply {
        let answer = mutex.withLock {
            seen.append(request)
            return script.count > 1 ? script.removeFirst() : script[0]
        }
        return try await answer(request).get()
    }
}

@MainActor final class FakeBrowser: Browser {
    private(set) var opened: [URL] = []
    nonisolated init() {}
    func open(_ url: URL, callback: String) { opened.append(url) }
}

/// Time that passes at once for the first sleeps, and stands still afterwards.
final class FakeSleeper: Sleeper, @unchecked Sendable {
    private let mutex = NSLock()
    private var left: Int
    private var asked: [TimeInterval] = []
    private let clock: FakeClock?

    init(_ sleeps: Int = 0, moving clock: FakeClock? = nil) { (left, self.clock) = (sleeps, clock) }

    var slept: [TimeInterval] { mutex.withLock { asked } }

    func sleep(seconds: TimeInterval) async throws {
        let passes = mutex.withLock {
            asked.append(seconds)
            left -= 1
            return left >= 0
        }
        guard passes else { return try await Task.sleep(nanoseconds: 3_600_000_000_000) }
        clock?.pass(UInt64(seconds.rounded(.up)))
    }
}

/// A device with a token, and what models need.
struct KitWorld {
    let device = FakeDevice()
    let transport: FakeTransport
    let sleeper: FakeSleeper
    let ports: Ports
    let token: SoftToken

    init(
        transport: FakeTransport = FakeTransport(.noNetwork), sleeps: Int = 0, ready: Bool = true
    ) throws {
        let clock = device.clock
        self.transport = transport
        sleeper = FakeSleeper(sleeps, moving: clock)
        ports = Ports(
            transport: transport, browser: FakeBrowser(), sleeper: sleeper,
            now: { Date(unixTime: (try? clock.now()) ?? 0) }, texts: Texts(.en))
        token = ready ? try device.ready() : try device.open()
    }

    @MainActor func app() async -> AppModel {
        let app = AppModel(token, ports: ports)
        await app.refresh().value
        return app
    }
}

/// An account, and an activation over the network (from tests/vectors/activation_v2.json).
let account = "otpauth://totp/Example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
let onlineLink =
    "https://go.example.test/a#2.AgEAMnwMU1gPRKcL_SdJrrNKJGQRiMk6qTuaqAEd-xJPvyWFIPAJiTCnVHSLfdy0PvdaDb86DSY4GvTr"
    + "pKmOqptOagEfjrUQAQYAHnDb2IBpZHAuZXhhbXBsZS50ZXN0"

/// Waits until `condition` holds, for a few seconds at most.
@MainActor func eventually(_ condition: () -> Bool) async -> Bool {
    for _ in 0..<2_000 {
        if condition() { return true }
        try? await Task.sleep(nanoseconds: 2_000_000)
    }
    return condition()
}

/// Types a PIN on the key pad.
@MainActor func type(_ pin: String, on lock: LockModel) async {
    for digit in pin { lock.append(digit.wholeNumberValue ?? 0) }
    await lock.submit().value
}
