import Foundation
import Observation
import SoftToken

/// The pages of one activation: what is shown, and one verb for each button.
///
/// A verb answers the page that is shown; when that is no longer the present one (a second tap), nothing happens.
/// Each verb gives its task, for whoever wants to wait for it.
@Observable @MainActor
public final class ActivationModel {
    /// What the activation needs; nil until the first answer of the library.
    public var state: ActivationState? { shown?.state }
    /// The last error, as text.
    public private(set) var error: String?
    /// The vault was locked in the middle: `goOn` after an unlock.
    public private(set) var needsUnlock = false

    private var shown: ActivationStep?
    @ObservationIgnored private let driver: ActivationDriver
    @ObservationIgnored private let ports: Ports
    @ObservationIgnored private var running: Task<Void, Never>?

    public init(_ activation: Activation, queue: TokenQueue, ports: Ports) {
        self.ports = ports
        driver = ActivationDriver(activation, queue: queue, ports: ports)
    }

    // MARK: What a page shows

    /// A request is under way.
    public var isBusy: Bool { if case .exchange = state { true } else { shown == nil } }

    /// Whom a request goes to.
    public var address: String? {
        guard case .exchange(let request) = state else { return nil }
        return URL(string: request.url)?.host
    }

    /// Nothing more will come.
    public var isOver: Bool {
        switch state {
        case .done, .failed(_, .never): true
        default: false
        }
    }

    /// What is wrong with the typed values, by field.
    public var problems: [Part: String] {
        guard case .needsDetails(_, let problems) = state else { return [:] }
        let texts = problems.map {
            ($0.part, ports.texts.notUnderstood($0.part, $0.problem, $0.position.map(Int.init)))
        }
        return Dictionary(texts) { first, _ in first }
    }

    // MARK: Verbs

    /// Shows the present state and goes on from there: at first, and after an unlock.
    @discardableResult
    public func goOn() -> Task<Void, Never> {
        act { driver, _ in try await driver.step() }
    }

    /// Gives the password. It is wiped.
    @discardableResult
    public func supplyPassword(_ password: SecretBuffer) -> Task<Void, Never> {
        act { driver, ticket in
            defer { password.wipe() }
            return try await driver.password(password, to: ticket)
        }
    }

    /// Gives the typed values.
    @discardableResult
    public func enter(_ fields: TypedFields) -> Task<Void, Never> { answer(.details(fields)) }

    /// Agrees; nil takes the name that was suggested.
    @discardableResult
    public func consent(name: String? = nil) -> Task<Void, Never> { answer(.consent(name: name)) }

    /// Does not agree.
    @discardableResult
    public func decline() -> Task<Void, Never> { answer(.decline) }

    /// The PIN was set, changed, or entered.
    @discardableResult
    public func pinReady() -> Task<Void, Never> { answer(.pinReady) }

    /// Opens the issuer's page.
    public func openBrowser() {
        guard case .verify(_, _, let page, let callback, _, _, _, _, _) = state, let url = URL(string: page)
        else { return }
        ports.browser.open(url, callback: callback)
    }

    /// The browser came back.
    @discardableResult
    public func browserReturned() -> Task<Void, Never> { answer(.browserReturned) }

    /// The user closed the browser.
    @discardableResult
    public func browserDismissed() -> Task<Void, Never> { answer(.browserDismissed) }

    /// Asks the issuer again.
    @discardableResult
    public func poll() -> Task<Void, Never> { answer(.poll) }

    /// The portal accepted the registration code.
    @discardableResult
    public func confirmed() -> Task<Void, Never> { answer(.confirmed) }

    /// Goes on after a failure.
    @discardableResult
    public func retry() -> Task<Void, Never> { answer(.retry) }

    /// Goes on without network, where the failure offers it.
    @discardableResult
    public func continueOffline() -> Task<Void, Never> { answer(.continueOffline) }

    /// Gives the activation up for good.
    @discardableResult
    public func cancel() -> Task<Void, Never> { answer(.cancel) }

    /// Stops waiting and carrying; the activation stays pending and can be resumed.
    public func leave() {
        running?.cancel()
        running = nil
    }

    // MARK: -

    private func answer(_ input: ActivationInput) -> Task<Void, Never> {
        act { driver, ticket in try await driver.answer(input, to: ticket) }
    }

    private func act(
        _ give: @escaping @Sendable (ActivationDriver, Ticket) async throws -> ActivationStep
    ) -> Task<Void, Never> {
        let ticket = shown?.ticket ?? 0
        return Task {
            do {
                let step = try await give(driver, ticket)
                needsUnlock = false
                await follow(step)
            } catch {
                failed(error)
            }
        }
    }

    /// Replaces what ran before: its request or wait belongs to a state that is over.
    private func follow(_ step: ActivationStep) async {
        running?.cancel()
        let task = Task {
            do {
                try await driver.run(from: step) { self.show($0) }
            } catch {
                failed(error)
            }
        }
        running = task
        await task.value
    }

    private func show(_ step: ActivationStep) {
        // A run that was replaced may still bring its last state.
        guard !Task.isCancelled else { return }
        shown = step
        error =
            switch step.state {
            case .needsPassword(_, true, let triesLeft): ports.texts.of(.WrongPassword(triesLeft: triesLeft))
            case .needsConsent(_, _, let taken?): ports.texts.of(.NameTaken(suggestion: taken))
            case .failed(let why, _): ports.texts.of(why)
            default: nil
            }
    }

    private func failed(_ failure: any Error) {
        switch failure as? TokenError {
        case .StaleInput, nil: break
        case .VaultLocked: needsUnlock = true
        case let failure?: error = ports.texts.of(failure)
        }
    }
}
