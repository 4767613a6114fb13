// Seeds, PINs and codes that were handed over are in nothing that anybody prints.
import Foundation
import SoftToken
import TestSupport
import Testing

@Suite struct CanaryTests {
    private let seed = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    private let pin = "72943618"

    @Test func nothingThatIsPrintedHoldsASecret() throws {
        let device = FakeDevice()
        let token = try device.ready(pin)
        let source = ActivationSource.text(SecretText(link))
        let activation = try add(link, to: token)
        let sheet = try token.codes(at: nil)
        let code = try #require(sheet.codes.first?.code?.text)
        let fields = TypedFields(address: "a", serialNumber: "1", activationCode: SecretText(seed))
        let key = TypedKey(
            key: SecretText(seed), issuer: "", account: "", digits: nil, period: nil, algorithm: nil,
            counter: nil)
        let buffer = SecretBuffer(pin)
        let printed: [Any] = [
            token, activation, source, sheet, sheet.codes, fields, key, buffer, try activation.step(),
            ActivationSource.key(key), ActivationSource.typed(fields), ActivationInput.details(fields),
            try token.identities(), try token.recoveryCode() as Any, try token.eventLog(),
            failure { try token.unlock(pin: Data("0000".utf8)) } as Any,
            failure { try token.changePin(old: Data(pin.utf8), new: Data("1111".utf8)) } as Any,
            failure { try add(link + "&digits=x" + seed, to: token) } as Any, device.log.lines,
        ]
        for one in printed {
            let text = shown(one)
            for secret in [seed, pin, code] { #expect(!text.contains(secret), "\(type(of: one))") }
        }
        #expect(!device.log.lines.isEmpty)
    }

    @Test func aTestLikeThisOneWouldFindIt() {
        #expect(shown(["a": [seed]]).contains(seed))
        struct Careless { let inner: String }
        #expect(shown(Careless(inner: pin)).contains(pin))
    }

    @Test func aBufferForgetsAndLendsInPlace() {
        let buffer = SecretBuffer(capacity: 4)
        for byte in "12345".utf8 { buffer.append(byte) }
        #expect(buffer.bytes { [UInt8]($0) } == [UInt8]("1234".utf8))
        let places = (0..<2).map { _ in
            buffer.bytes { data in data.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } }
        }
        #expect(places[0] == places[1])
        buffer.deleteLast()
        #expect(buffer.isSame(as: SecretBuffer("123")))
        #expect(!buffer.isSame(as: SecretBuffer("124")))
        #expect(buffer.isSame(as: buffer))
        buffer.wipe()
        #expect(buffer.count == 0 && buffer.bytes { $0.isEmpty })
    }

    private func shown(_ value: Any) -> String {
        var text = "\(value) \(String(describing: value)) \(String(reflecting: value))"
        dump(value, to: &text)
        for child in Mirror(reflecting: value).children { text += "\(child.label ?? "") \(child.value)" }
        return text
    }
}
