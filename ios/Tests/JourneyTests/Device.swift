// A device of a journey, and the handle that its answers go to: the latest that was begun.
import Foundation
import SoftToken
import TestSupport

final class Device {
    private enum Talk {
        case nobody
        case activation(Activation)
        case contact(IssuerContact)
    }

    let world: FakeDevice
    private var opened: SoftToken?
    private var talk = Talk.nobody
    private(set) var ticket: Ticket = 0
    private var before: Ticket?
    private var forced: Ticket?
    private var reply: (ticket: Ticket, status: UInt16, body: Data)?

    init(at clock: UnixTime) { world = FakeDevice(at: clock) }

    var token: SoftToken {
        get throws {
            guard let opened else { throw Wrong("no token is open") }
            return opened
        }
    }

    func open() throws -> Json {
        close()
        opened = try world.open()
        return view(try token.state())
    }

    /// Drops every handle, and nothing else: what the end of the process does.
    func close() {
        (talk, opened, before, reply) = (.nobody, nil, nil, nil)
    }

    /// The next answer comes with the ticket before the present one.
    func beStale() throws {
        guard let before else { throw Wrong("there was no ticket before") }
        forced = before
    }

    /// The next answer comes with this ticket.
    func force(_ ticket: Ticket) { forced = ticket }

    func talk(to activation: Activation) throws -> Json {
        let step = try activation.step()
        (talk, ticket, before) = (.activation(activation), step.ticket, nil)
        return view(step.state)
    }

    func talk(to contact: IssuerContact) throws -> Json {
        let step = try contact.step()
        (talk, ticket, before) = (.contact(contact), step.ticket, nil)
        return view(step.state)
    }

    func step() throws -> Json {
        switch talk {
        case .activation(let activation): view(try activation.step().state)
        case .contact(let contact): view(try contact.step().state)
        case .nobody: throw Wrong("nothing was begun")
        }
    }

    func answer(_ input: ActivationInput) throws -> Json {
        try answered { try $0.advance(ticket: $1, input: input) }
    }

    func password(_ password: String) throws -> Json {
        try answered { try $0.supplyPassword(ticket: $1, password: Data(password.utf8)) }
    }

    func retry() throws -> Json {
        if case .contact = talk { return try heard(.retry) }
        return try answer(.retry)
    }

    /// The request that waits to be carried.
    func request() throws -> HttpRequest? {
        switch talk {
        case .activation(let activation):
            if case .exchange(let request) = try activation.step().state { return request }
        case .contact(let contact):
            if case .exchange(let request) = try contact.step().state { return request }
        case .nobody: throw Wrong("nothing was begun")
        }
        return nil
    }

    func came(_ carried: Carried) throws -> Json {
        if case .success(let reply) = carried { self.reply = (forced ?? ticket, reply.status, reply.body) }
        if case .contact = talk {
            switch carried {
            case .success(let reply): return try heard(.http(status: reply.status, body: reply.body))
            case .failure(let problem): return try heard(.httpProblem(problem: problem))
            }
        }
        switch carried {
        case .success(let reply): return try answer(.http(status: reply.status, body: reply.body))
        case .failure(let problem): return try answer(.httpProblem(problem: problem))
        }
    }

    /// The latest reply once more, with the ticket that it had.
    func replyAgain() throws -> Json {
        guard let reply else { throw Wrong("there was no reply") }
        forced = reply.ticket
        return try came(.success((reply.status, reply.body)))
    }

    private func answered(_ give: (Activation, Ticket) throws -> ActivationStep) throws -> Json {
        let ticket = takeTicket()
        guard case .activation(let activation) = talk else { throw Wrong("no activation was begun") }
        let step = try give(activation, ticket)
        (before, self.ticket) = (self.ticket, step.ticket)
        return view(step.state)
    }

    private func heard(_ input: ContactInput) throws -> Json {
        let ticket = takeTicket()
        guard case .contact(let contact) = talk else { throw Wrong("no contact was begun") }
        let step = try contact.advance(ticket: ticket, input: input)
        (before, self.ticket) = (self.ticket, step.ticket)
        return view(step.state)
    }

    private func takeTicket() -> Ticket {
        defer { forced = nil }
        return forced ?? ticket
    }
}
