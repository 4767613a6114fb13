import Foundation
import Observation
import SoftToken

/// Which page the app shows, and what came to it from outside.
@Observable @MainActor
public final class AppModel {
    /// The page behind everything else.
    public enum Page: Equatable, Sendable {
        case starting
        /// No vault yet.
        case fresh
        case locked
        case blocked
        case ready
        /// The vault is damaged and was kept, under this name where it could be moved.
        case damaged(keptAt: String?)
        case deviceKeyLost
    }

    /// The page.
    public private(set) var page = Page.starting
    /// The activation under way, above the page.
    public private(set) var activation: ActivationModel?
    /// Something to tell the user.
    public private(set) var notice: String?
    /// The PIN.
    public let lock: LockModel
    /// The codes.
    public let codes: CodeListModel

    @ObservationIgnored private let queue: TokenQueue
    @ObservationIgnored private let ports: Ports
    @ObservationIgnored private var kept: SecretText?
    @ObservationIgnored private var idle: Task<Void, Never>?

    public init(_ token: SoftToken, ports: Ports) {
        self.ports = ports
        queue = TokenQueue(token)
        lock = LockModel(queue: queue, ports: ports)
        codes = CodeListModel(queue: queue, ports: ports)
        lock.onOpen = { [weak self] in self?.opened() }
        lock.onState = { [weak self] in self?.turn(to: $0) }
        codes.onLocked = { [weak self] in self?.refresh() }
    }

    /// Asks the token what it needs. Once at the start, and by itself afterwards.
    @discardableResult
    public func refresh() -> Task<Void, Never> {
        Task {
            do {
                let state = try await queue.run { try $0.state() }
                lock.show(state)
                turn(to: state)
                await offerKept().value
            } catch {
                notice = (error as? TokenError).map(ports.texts.of)
            }
        }
    }

    /// The notice was read.
    public func dismissNotice() { notice = nil }

    // MARK: What comes from outside

    /// A link that was opened, a scanned or pasted text. A locked app keeps it; a second one is refused.
    @discardableResult
    public func receive(_ text: String) -> Task<Void, Never> {
        guard kept == nil, activation?.isOver ?? true else {
            notice = ports.texts("error.activation_pending")
            return Task {}
        }
        kept = SecretText(text)
        return offerKept()
    }

    /// Goes on with an activation that was left.
    @discardableResult
    public func resume(_ id: IdentityId) -> Task<Void, Never> {
        begin { try $0.resumeActivation(id: id) }
    }

    /// Begins with values that are typed, or a file.
    @discardableResult
    public func begin(_ source: ActivationSource, _ options: ActivationOptions? = nil) -> Task<Void, Never> {
        let options = options ?? ActivationOptions()
        return begin { try $0.beginActivation(source: source, options: options) }
    }

    /// The camera found an activation.
    public func scanned(_ found: Activation) -> Task<Void, Never> {
        begin { _ in found }
    }

    /// A link came back from the browser. True when it was meant for the verification that is shown.
    public func browserReturned(_ link: String) -> Bool {
        guard case .verify(_, _, _, let callback, _, _, _, _, _) = activation?.state, link.hasPrefix(callback)
        else { return false }
        activation?.browserReturned()
        return true
    }

    /// Closes the activation's page. What is not over stays pending.
    @discardableResult
    public func closeActivation() -> Task<Void, Never> {
        activation?.leave()
        activation = nil
        return Task {
            await codes.refresh().value
            await offerKept().value
        }
    }

    // MARK: Locking

    /// Forgets keys and codes.
    @discardableResult
    public func lockNow() -> Task<Void, Never> {
        idle?.cancel()
        codes.clear()
        return Task {
            try? await queue.run { try $0.lock() }
            await refresh().value
        }
    }

    /// The user did something: the time until the app locks begins anew.
    public func touched() {
        idle?.cancel()
        idle = Task {
            guard let seconds = try? await queue.run({ try $0.autoLockAfter() }) else { return }
            do { try await ports.sleeper.sleep(seconds: TimeInterval(seconds)) } catch { return }
            guard !Task.isCancelled, page == .ready else { return }
            lockNow()
        }
    }

    // MARK: -

    private func opened() {
        Task {
            await refresh().value
            touched()
            if activation?.needsUnlock == true { activation?.goOn() }
            if case .needsPin = activation?.state { activation?.pinReady() }
            await codes.refresh().value
            await offerKept().value
        }
    }

    private func turn(to state: TokenState) {
        page =
            switch state {
            case .fresh: .fresh
            case .locked: .locked
            case .blocked: .blocked
            case .ready: .ready
            case .damaged(let keptAt): .damaged(keptAt: keptAt)
            case .deviceKeyLost: .deviceKeyLost
            }
        if page != .ready { codes.clear() }
    }

    private func offerKept() -> Task<Void, Never> {
        guard let text = kept, page == .ready || page == .fresh, activation?.isOver ?? true else {
            return Task {}
        }
        kept = nil
        return begin(.text(text))
    }

    private func begin(_ start: @escaping @Sendable (SoftToken) throws -> Activation) -> Task<Void, Never> {
        Task {
            do {
                let model = ActivationModel(try await queue.run(start), queue: queue, ports: ports)
                activation?.leave()
                activation = model
                await model.goOn().value
            } catch {
                notice = (error as? TokenError).map(ports.texts.of)
            }
        }
    }
}
