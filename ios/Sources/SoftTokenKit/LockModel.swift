import Foundation
import Observation
import SoftToken

/// The key pad and everything around the PIN: choosing one, entering it, changing it, and what comes after five
/// wrong ones.
///
/// Digits go into a ``SecretBuffer`` that is wiped after each use. Rules and counters are the library's.
@Observable @MainActor
public final class LockModel {
    /// What the digits are for.
    public private(set) var mode = Mode.unlock
    /// How many digits were entered.
    public private(set) var count = 0
    /// Wrong PINs left.
    public private(set) var attemptsLeft: UInt32?
    /// Seconds to wait before the next try.
    public private(set) var wait: UInt32 = 0
    /// Whom to ask for an unlock code, and with what.
    public private(set) var ask: [ResetRequest] = []
    /// The last error, as text.
    public private(set) var error: String?
    /// A try is under way.
    public private(set) var isBusy = false

    /// Called when the vault is open, or its PIN was changed.
    @ObservationIgnored public var onOpen: @MainActor () -> Void = {}
    /// Called with the token's state after each try.
    @ObservationIgnored public var onState: @MainActor (TokenState) -> Void = { _ in }

    @ObservationIgnored private let queue: TokenQueue
    @ObservationIgnored private let ports: Ports
    @ObservationIgnored private let entry = SecretBuffer(capacity: 32)
    @ObservationIgnored private let first = SecretBuffer(capacity: 32)
    @ObservationIgnored private let old = SecretBuffer(capacity: 32)
    @ObservationIgnored private let code = SecretBuffer(capacity: 64)
    @ObservationIgnored private var waiting: Task<Void, Never>?

    public init(queue: TokenQueue, ports: Ports) {
        (self.queue, self.ports) = (queue, ports)
    }

    /// Begins anew with what the token says.
    public func show(_ state: TokenState) {
        clear()
        for buffer in [first, old, code] { buffer.wipe() }
        switch state {
        case .fresh, .damaged, .deviceKeyLost: mode = .new
        case .locked(let left, let after):
            (mode, attemptsLeft) = (.unlock, left)
            startWaiting(after)
        case .blocked(let ask): (mode, self.ask) = (.blocked, ask)
        case .ready: mode = .change
        }
    }

    // MARK: Key pad

    /// Adds one digit, 0 to 9.
    public func append(_ digit: Int) {
        guard (0...9).contains(digit), !isBusy else { return }
        entry.append(UInt8(ascii: "0") + UInt8(digit))
        count = entry.count
    }

    /// Takes the last digit away.
    public func deleteDigit() {
        guard !isBusy else { return }
        entry.deleteLast()
        count = entry.count
    }

    /// Takes everything away.
    public func clear() {
        entry.wipe()
        count = 0
    }

    /// Uses what was entered. A second tap, and a tap while waiting, do nothing.
    @discardableResult
    public func submit() -> Task<Void, Never> {
        guard !isBusy, wait == 0, count > 0 else { return Task {} }
        switch mode {
        case .new: keep(in: first, then: .again)
        case .change: keep(in: old, then: .new)
        case .again:
            guard entry.isSame(as: first) else {
                first.wipe()
                refuse(.PinRefused(problem: .mismatch), mode: .new)
                break
            }
            return attempt(setNewPin)
        case .unlock:
            return attempt { [entry] token in try entry.bytes { try token.unlock(pin: $0) } }
        case .blocked: break
        }
        return Task {}
    }

    // MARK: Unlock codes

    /// Takes an unlock code or the recovery code. A blocked vault asks for a new PIN next; an open one takes it.
    @discardableResult
    public func enter(code typed: String) -> Task<Void, Never> {
        guard !isBusy, !typed.isEmpty else { return Task {} }
        code.wipe()
        for byte in typed.utf8 { code.append(byte) }
        guard mode == .blocked else {
            return attempt { [code] token in
                defer { code.wipe() }
                _ = try code.bytes { try token.redeemUnlockCode(code: $0, newPin: Data()) }
            }
        }
        (mode, error) = (.new, nil)
        clear()
        return Task {}
    }

    /// Destroys the PIN, for who forgot it: the vault is blocked then, with codes for the issuers.
    @discardableResult
    public func forgetPin() -> Task<Void, Never> {
        attempt(stayingIn: true) { try $0.forgetPin() }
    }

    // MARK: -

    private var setNewPin: @Sendable (SoftToken) throws -> Void {
        { [entry, old, code] token in
            try entry.bytes { pin in
                if code.count > 0 {
                    _ = try code.bytes { try token.redeemUnlockCode(code: $0, newPin: pin) }
                } else if old.count > 0 {
                    try old.bytes { try token.changePin(old: $0, new: pin) }
                } else {
                    try token.setPin(pin: pin)
                }
            }
        }
    }

    private func keep(in buffer: SecretBuffer, then next: Mode) {
        buffer.wipe()
        entry.bytes { for byte in $0 { buffer.append(byte) } }
        clear()
        (mode, error) = (next, nil)
    }

    private func refuse(_ why: TokenError, mode: Mode) {
        clear()
        self.mode = mode
        error = ports.texts.of(why)
    }

    private func attempt(
        stayingIn: Bool = false, _ work: @escaping @Sendable (SoftToken) throws -> Void
    ) -> Task<Void, Never> {
        guard !isBusy else { return Task {} }
        (isBusy, error) = (true, nil)
        return Task {
            var failure: TokenError?
            do {
                try await queue.run(work)
            } catch {
                failure = error as? TokenError ?? .Internal
            }
            let state = try? await queue.run { try $0.state() }
            isBusy = false
            settle(failure, state, stayingIn)
        }
    }

    private func settle(_ failure: TokenError?, _ state: TokenState?, _ stayingIn: Bool) {
        // A refused new PIN is asked again; what it is for stays.
        if case .PinRefused = failure {
            first.wipe()
            return refuse(failure ?? .Internal, mode: .new)
        }
        if let state {
            show(state)
            onState(state)
        }
        if let failure {
            error = ports.texts.of(failure)
        } else if !stayingIn {
            onOpen()
        }
    }

    private func startWaiting(_ seconds: UInt32) {
        waiting?.cancel()
        wait = seconds
        guard seconds > 0 else { return }
        waiting = Task {
            while wait > 0 {
                do { try await ports.sleeper.sleep(seconds: 1) } catch { return }
                guard !Task.isCancelled, wait > 0 else { return }
                wait -= 1
            }
        }
    }
}
