// Memory after many handles. XCTest runs it alone, so that the figure is its own.
import Foundation
import SoftToken
import TestSupport
import XCTest

final class MemoryTests: XCTestCase {
    /// 2,000 rounds in a test, 100,000 with SOFTTOKEN_LONG=1.
    func testHandlesLeaveNoMemoryBehind() throws {
        let long = ProcessInfo.processInfo.environment["SOFTTOKEN_LONG"] != nil
        let device = FakeDevice()
        let rounds = long ? 100_000 : 2_000
        do { try device.ready().lock() }
        var before = 0
        for round in 0..<rounds {
            if round == rounds / 4 { before = resident() }
            try cycle(device, unlocking: round % 10 == 0)
        }
        let growth = resident() - before
        print("memory: swift \(rounds) rounds, \(growth / 1024) KiB more after the first quarter")
        XCTAssertLessThan(growth, 4 << 20)
    }

    private func cycle(_ device: FakeDevice, unlocking: Bool) throws {
        let token = try device.open()
        _ = try token.state()
        guard unlocking else { return }
        try token.unlock(pin: Data("7294".utf8))
        let begun = try token.beginActivation(
            source: .text(SecretText(link)), options: ActivationOptions())
        _ = try begun.advance(ticket: begun.step().ticket, input: .decline)
        XCTAssertThrowsError(try token.rename(id: String(repeating: "0", count: 32), name: "x"))
        _ = try token.codes(at: nil)
    }
}

/// Bytes of this process in memory; 0 where nobody says so.
private func resident() -> Int {
    let statm = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let pages = statm.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * 4096
}
