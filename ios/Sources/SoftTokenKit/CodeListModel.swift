import Foundation
import Observation
import SoftToken

/// The list of codes: read in one call, and again exactly when the first of them changes.
@Observable @MainActor
public final class CodeListModel {
    /// All rows, in the user's order.
    public private(set) var rows: [CodeRow] = []
    /// What the user looks for.
    public var search = ""
    /// When the next code changes.
    public private(set) var nextChange: Date?
    /// The last error, as text.
    public private(set) var error: String?
    /// Says that the clock looks wrong, where it does.
    public private(set) var clockNotice: String?

    /// Called when the vault turned out to be locked.
    @ObservationIgnored public var onLocked: @MainActor () -> Void = {}

    @ObservationIgnored private let queue: TokenQueue
    @ObservationIgnored private let ports: Ports
    @ObservationIgnored private var asked: [IdentityId: CodeView] = [:]

    public init(queue: TokenQueue, ports: Ports) {
        (self.queue, self.ports) = (queue, ports)
    }

    /// The rows that the search finds.
    public var visible: [CodeRow] { rows.filter { $0.matches(search.trimmingCharacters(in: .whitespaces)) } }

    /// What to show instead of rows.
    public var placeholder: String? {
        if rows.isEmpty { return ports.texts("codes.empty") }
        return visible.isEmpty ? ports.texts("codes.empty_search", ["search": search]) : nil
    }

    /// Keeps the codes fresh until its task is cancelled, as by SwiftUI's `.task`.
    public func keepFresh() async {
        while !Task.isCancelled {
            await refresh().value
            guard let nextChange else { return }
            let seconds = max(nextChange.timeIntervalSince(ports.now()), 0.01)
            do { try await ports.sleeper.sleep(seconds: seconds) } catch { return }
        }
    }

    /// Reads everything once.
    @discardableResult
    public func refresh() -> Task<Void, Never> {
        act { _ in }
    }

    /// Makes and shows the next code of a counter.
    @discardableResult
    public func nextCode(_ id: IdentityId) -> Task<Void, Never> {
        ask { try $0.nextCode(id: id) }
    }

    /// Answers a challenge; the PIN of the identity is wiped.
    @discardableResult
    public func respond(_ id: IdentityId, challenge: String, pin: SecretBuffer? = nil) -> Task<Void, Never> {
        ask { token in
            let pin = pin ?? SecretBuffer(capacity: 1)
            defer { pin.wipe() }
            return try pin.bytes { try token.respond(id: id, challenge: challenge, otpPin: $0, at: nil) }
        }
    }

    /// The bare digits of the code that is shown, for the clipboard.
    public func copy(_ id: IdentityId) -> String? {
        rows.first { $0.id == id }?.digits?.text
    }

    /// Gives an identity another name.
    @discardableResult
    public func rename(_ id: IdentityId, to name: String) -> Task<Void, Never> {
        act { _ = try $0.rename(id: id, name: name) }
    }

    /// Moves an identity to a place from 0.
    @discardableResult
    public func reorder(_ id: IdentityId, to place: Int) -> Task<Void, Never> {
        act { _ = try $0.reorder(id: id, position: UInt32(clamping: place)) }
    }

    /// Removes an identity for good; the app has asked.
    @discardableResult
    public func remove(_ id: IdentityId) -> Task<Void, Never> {
        act { try $0.remove(id: id) }
    }

    /// Forgets every row, as a locked vault must.
    public func clear() {
        (rows, nextChange, error, asked) = ([], nil, nil, [:])
    }

    // MARK: -

    private func ask(_ work: @escaping @Sendable (SoftToken) throws -> CodeView) -> Task<Void, Never> {
        Task {
            do {
                let code = try await queue.run(work)
                asked[code.id] = code
                await act { _ in }.value
            } catch {
                failed(error)
            }
        }
    }

    /// Does `work` and reads everything, in one go.
    private func act(_ work: @escaping @Sendable (SoftToken) throws -> Void) -> Task<Void, Never> {
        Task {
            do {
                let read = try await queue.run { token in
                    try work(token)
                    return (try token.identities(), try token.codes(at: nil), try token.diagnoseClock())
                }
                error = nil
                show(read.0, read.1, read.2)
            } catch {
                failed(error)
            }
        }
    }

    private func show(_ identities: [IdentityView], _ sheet: CodeSheet, _ clock: ClockView) {
        let codes = Dictionary(sheet.codes.map { ($0.id, $0) }) { first, _ in first }
        rows = identities.map { one in
            let code = codes[one.id]
            return CodeRow(one, code?.code == nil ? asked[one.id] ?? code : code, ports.texts)
        }
        nextChange = sheet.nextChange > sheet.at ? Date(unixTime: sheet.nextChange) : nil
        clockNotice = clock.implausible ? ports.texts("codes.clock") : nil
        if clock.jumped != 0 {
            clockNotice = ports.texts("codes.clock_jumped", count: Int(clamping: clock.jumped.magnitude))
        }
    }

    private func failed(_ failure: any Error) {
        guard let failure = failure as? TokenError else { return }
        guard failure != .VaultLocked else {
            clear()
            return onLocked()
        }
        error = ports.texts.of(failure)
    }
}
