// Threads, lifetimes and panics.
import Foundation
import SoftToken
import TestSupport
import Testing

@Suite(.serialized) struct LifeTests {
    @Test func anActivationOutlivesTheTokenThatBeganIt() throws {
        let device = FakeDevice()
        let activation: Activation
        do {
            let token = try device.ready()
            let source = ActivationSource.text(SecretText(link))
            activation = try token.beginActivation(source: source, options: ActivationOptions())
        }
        let step = try activation.step()
        let done = try activation.advance(ticket: step.ticket, input: .consent(name: "Work"))
        guard case .done(let added, _) = done.state else { return #expect(Bool(false), "\(done.state)") }
        #expect(added.count == 1)
        // It still holds the vault: a second token is refused, in words.
        #expect(throws: TokenError.VaultBusy) { try device.open() }
    }

    @Test func theVaultIsFreeWhenTheLastHandleIsGone() throws {
        let device = FakeDevice()
        do { try add(link, to: device.ready()) }
        let token = try device.open()
        #expect(throws: TokenError.VaultLocked) { try token.codes(at: nil) }
        try token.unlock(pin: Data("7294".utf8))
        #expect(try token.identities().map(\.account) == ["alice"])
    }

    @Test func everyThreadMayCall() async throws {
        let token = try FakeDevice().ready()
        try add(link, to: token)
        let codes = try await withCheckedThrowingContinuation { (done: CheckedContinuation<Int, any Error>) in
            Thread.detachNewThread { done.resume(with: Result { try token.codes(at: nil).codes.count }) }
        }
        #expect(codes == 1)
        #expect(try await MainActor.run { try token.codes(at: nil).codes.count } == 1)
    }

    @Test func eightThreadsOverEverythingGetTypedAnswers() async throws {
        let device = FakeDevice()
        let token = try device.ready()
        let pending = try token.beginActivation(source: .text(SecretText(link)), options: ActivationOptions())
        try add("otpauth://totp/Other:bob?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", to: token)
        let answers = await withTaskGroup(of: [TokenError].self) { group in
            for seed in 0..<8 {
                group.addTask { await onOwnThread { work(token, pending, seed) } }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        for answer in answers {
            #expect([.VaultLocked, .StaleInput].contains(answer), "\(answer)")
        }
        try token.lock()
        #expect(throws: TokenError.VaultLocked) { try token.codes(at: nil) }
        try token.unlock(pin: Data("7294".utf8))
        #expect(try token.identities().count <= 2)
    }

    @Test func aPanicInsideIsInternalAndLocks() throws {
        let device = FakeDevice()
        do {
            let token = try device.ready()
            try add(link, to: token)
            #expect(throws: TokenError.Internal) { try token.panicInside() }
            // The stand-in of a library without `testing` has nothing that panics.
            if (try? token.codes(at: nil)) == nil {
                #expect(failure { _ = try token.codes(at: nil) } != nil)
            }
        }
        let token = try device.open()
        #expect(try token.state() == .locked(attemptsLeft: 5, retryAfter: 0))
        try token.unlock(pin: Data("7294".utf8))
        #expect(try token.identities().count == 1)
    }
}

/// What one of eight threads does.
private func work(_ token: SoftToken, _ pending: Activation, _ seed: Int) -> [TokenError] {
    (0..<24).compactMap { round in
        failure {
            switch (round + seed) % 6 {
            case 0: try token.lock()
            case 1, 2: try token.unlock(pin: Data("7294".utf8))
            case 3: _ = try token.codes(at: nil)
            case 4: _ = try pending.advance(ticket: pending.step().ticket, input: .consent(name: nil))
            default: _ = try token.identities()
            }
        }
    }
}

private func onOwnThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { done in Thread.detachNewThread { done.resume(returning: body()) } }
}
