// Figures, not a test: SOFTTOKEN_BENCH=1, with a release build of the library, and -c release for ours.
import Foundation
import SoftToken
import TestSupport
import Testing

@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["SOFTTOKEN_BENCH"] != nil))
struct BenchTests {
    @Test func allCodesOfAThousandIdentitiesInOneCall() throws {
        let token = try FakeDevice().ready()
        let links = (0..<1_000).map {
            "otpauth://totp/Bench:user\($0)?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=6"
        }
        let text = Data(links.joined(separator: "\n").utf8)
        let activation = try token.beginActivation(source: .file(text), options: ActivationOptions())
        _ = try activation.advance(ticket: activation.step().ticket, input: .consent(name: nil))
        var count = 0
        let best = try fastest(of: 50) { count = try token.codes(at: nil).codes.count }
        #expect(count == 1_000)
        print("bench swift: all codes of 1,000 identities in one call \(best.microseconds) µs (target 2,000)")
    }

    @Test func aFrameIsHandedOverWithoutACopy() throws {
        let token = try FakeDevice().ready()
        let (width, height) = (1_920, 1_080)
        let frame = UnsafeMutableRawBufferPointer.allocate(byteCount: width * height, alignment: 64)
        frame.initializeMemory(as: UInt8.self, repeating: 255)
        defer { frame.deallocate() }
        let luma = UnsafeRawBufferPointer(frame)
        let blank = try fastest(of: 20) {
            _ = try token.scan(luma: luma, width: width, height: height, stride: width)
        }
        // A stride that does not fit is refused before anything looks at the pixels: what is left is the call.
        let call = try fastest(of: 2_000) {
            _ = try? token.scan(luma: luma, width: width, height: height, stride: 1)
        }
        let copy = try fastest(of: 50) { _ = Data(bytes: luma.baseAddress!, count: luma.count).count }
        print(
            "bench swift: 1080p frame handed over \(call.microseconds) µs (target 50; a copy alone \(copy.microseconds))"
        )
        print("bench swift: 1080p blank frame looked through \(blank.microseconds) µs")
    }

    @Test func firstCall() throws {
        let device = FakeDevice()
        let clock = ContinuousClock()
        var token: SoftToken?
        let opened = try clock.measure { token = try device.open() }
        let asked = try clock.measure { _ = try token?.state() }
        print("bench swift: open \(opened.microseconds) µs, state \(asked.microseconds) µs")
    }

    private func fastest(of rounds: Int, _ body: () throws -> Void) throws -> Duration {
        let clock = ContinuousClock()
        var best = Duration.seconds(60)
        for _ in 0..<rounds { best = min(best, try clock.measure(body)) }
        return best
    }
}

extension Duration {
    fileprivate var microseconds: Int {
        Int(components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000)
    }
}
