import Foundation
import SoftToken

/// Takes one activation from state to state until a person is needed.
///
/// It carries requests and polls; it decides nothing. Cancelling its task leaves the activation pending.
public actor ActivationDriver {
    private let activation: Activation
    private let queue: TokenQueue
    private let ports: Ports
    /// An answer that came while the vault was locked: it is given again, not asked for again.
    private var kept: (ticket: Ticket, input: ActivationInput)?

    public init(_ activation: Activation, queue: TokenQueue, ports: Ports) {
        (self.activation, self.queue, self.ports) = (activation, queue, ports)
    }

    /// The present state.
    public func step() async throws -> ActivationStep {
        try await queue.run { [activation] _ in try activation.step() }
    }

    /// Gives a person's answer to the state that came with `ticket`.
    public func answer(_ input: ActivationInput, to ticket: Ticket) async throws -> ActivationStep {
        try await queue.run { [activation] _ in try activation.advance(ticket: ticket, input: input) }
    }

    /// Gives a password, which is lent and not kept.
    public func password(_ password: SecretBuffer, to ticket: Ticket) async throws -> ActivationStep {
        try await queue.run { [activation] _ in
            try password.bytes { try activation.supplyPassword(ticket: ticket, password: $0) }
        }
    }

    /// Shows every state from `step` on, and goes on wherever nobody has to say anything.
    ///
    /// Throws `VaultLocked` when the vault was locked meanwhile: unlock it and run again.
    public func run(from step: ActivationStep, show: @MainActor (ActivationStep) -> Void) async throws {
        var step = step
        while true {
            await show(step)
            try Task.checkCancellation()
            switch step.state {
            case .exchange(let request): step = try await carry(request, step.ticket)
            case .waiting(_, _, let after), .verify(_, _, _, _, _, _, _, let after, _):
                try await ports.sleeper.sleep(seconds: TimeInterval(after))
                step = try await answer(.poll, to: step.ticket)
            case .needsPin, .needsPassword, .needsDetails, .needsConsent, .showRegistrationCode, .done,
                .failed:
                return
            }
        }
    }

    private func carry(_ request: HttpRequest, _ ticket: Ticket) async throws -> ActivationStep {
        let input: ActivationInput
        if let kept, kept.ticket == ticket {
            input = kept.input
        } else {
            do {
                let reply = try await ports.transport.send(request)
                input = .http(status: reply.status, body: reply.body)
            } catch {
                input = .httpProblem(problem: error)
            }
            try Task.checkCancellation()
        }
        kept = (ticket, input)
        let step = try await answer(input, to: ticket)
        kept = nil
        return step
    }
}
