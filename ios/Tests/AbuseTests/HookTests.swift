// Hooks that throw, lie, dawdle or call back: a typed error each time, and the next call works.
import Foundation
import SoftToken
import TestSupport
import Testing

let link = "otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

/// Adds what a text holds.
@discardableResult
func add(_ text: String, to token: SoftToken) throws -> Activation {
    let activation = try token.beginActivation(source: .text(SecretText(text)), options: ActivationOptions())
    let step = try activation.step()
    _ = try activation.advance(ticket: step.ticket, input: .consent(name: nil))
    return activation
}

/// The typed error of `body`; nil when it has none.
func failure(_ body: () throws -> Void) -> TokenError? {
    do {
        try body()
        return nil
    } catch {
        #expect(error is TokenError, "\(error)")
        #expect(!"\(error)".contains(canary))
        return error as? TokenError ?? .Internal
    }
}

@Suite struct HookTests {
    static let errors: [HookError] = [.Transient, .UserCancelled, .Invalidated, .Lost, .Unsupported, .Faulty]
    static let verbs = ["caps", "create", "eval", "delete", "list", "now", "elapsed", "label", "log"]

    private let device = FakeDevice()
    private let odd: OddHooks
    private let token: SoftToken

    init() throws {
        odd = OddHooks(device)
        token = try device.open(odd.hooks)
        odd.token = token
    }

    /// Everything that calls hooks; what it answers does not matter, but that it does.
    private func useEverything() -> [TokenError] {
        let pin = Data("7294".utf8)
        return [
            failure { try token.setPin(pin: pin) }, failure { try token.unlock(pin: pin) },
            failure { try add(link, to: token) }, failure { _ = try token.codes(at: nil) },
            failure { _ = try token.diagnoseClock() }, failure { try token.lock() },
            failure { try token.unlock(pin: pin) }, failure { _ = try token.status() },
        ].compactMap { $0 }
    }

    private func expectItWorks() throws {
        for verb in Self.verbs { odd.set(verb, .good) }
        if try token.state() == .fresh { try token.setPin(pin: Data("7294".utf8)) }
        try token.lock()
        try token.unlock(pin: Data("7294".utf8))
        _ = try token.codes(at: nil)
    }

    @Test(arguments: verbs)
    func announcedErrorsAreTyped(hook: String) throws {
        for error in Self.errors {
            odd.set(hook, .announced(error))
            _ = useEverything()
            try expectItWorks()
        }
    }

    @Test(arguments: verbs)
    func unannouncedErrorsAreTypedAndSayNothing(hook: String) throws {
        odd.set(hook, .unannounced)
        let failures = useEverything()
        #expect(!failures.isEmpty || ["delete", "label", "log", "list", "caps", "elapsed"].contains(hook))
        try expectItWorks()
    }

    @Test(arguments: [0, 1, 31, 33, 4_096])
    func garbageIsTyped(length: Int) throws {
        for hook in ["eval", "list", "label", "now", "elapsed"] {
            odd.set(hook, .garbage(Data(repeating: 0xff, count: length)))
            _ = useEverything()
            odd.set(hook, .good)
        }
        odd.set("eval", .garbage(Data(repeating: 0xff, count: length)))
        #expect(try token.state() == .fresh || failure { try token.unlock(pin: Data("7294".utf8)) } != nil)
        odd.set("eval", .good)
    }

    @Test func anUnannouncedErrorOfTheKeyIsFaulty() throws {
        odd.set("create", .unannounced)
        #expect(throws: TokenError.DeviceKeyFailed(problem: .faulty)) {
            try token.setPin(pin: Data("7294".utf8))
        }
        odd.set("create", .announced(.Transient))
        #expect(throws: TokenError.DeviceKeyFailed(problem: .transient)) {
            try token.setPin(pin: Data("7294".utf8))
        }
        #expect(try token.state() == .fresh)
    }

    @Test(arguments: ["now", "elapsed", "eval", "log"])
    func aHookThatCallsTheTokenIsRefused(hook: String) throws {
        odd.set(hook, .callsBack)
        _ = useEverything()
        #expect(!odd.answers.isEmpty)
        #expect(odd.answers.allSatisfy { $0 == .StaleInput })
        try expectItWorks()
    }

    @Test func slowHooksOnlyTakeTime() throws {
        for verb in Self.verbs { odd.set(verb, .slow) }
        try token.setPin(pin: Data("7294".utf8))
        try add(link, to: token)
        #expect(try token.codes(at: nil).codes.count == 1)
    }
}
