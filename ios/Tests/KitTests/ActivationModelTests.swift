// Pages of an activation, over the real library and a network that is made up.
import Foundation
import SoftToken
import SoftTokenKit
import TestSupport
import Testing

@Suite @MainActor struct ActivationModelTests {
    @Test func anAccountIsAddedAfterConsent() async throws {
        let world = try KitWorld()
        let app = await world.app()
        await app.receive(account).value
        let model = try #require(app.activation)
        guard case .needsConsent(let summary, let name, nil) = model.state else {
            throw Unexpected(model.state)
        }
        #expect(summary.entries.map(\.account) == ["alice"] && name == "Example: alice")
        #expect(try world.token.identities().isEmpty)
        await model.consent(name: "Work").value
        #expect(model.isOver)
        await app.closeActivation().value
        #expect(app.codes.rows.map(\.name) == ["Work"] && app.activation == nil)
    }

    @Test func aNameThatIsTakenIsSaid() async throws {
        let world = try KitWorld()
        try add(account, to: world.token)
        let app = await world.app()
        await app.receive(account + "&issuer=Other").value
        let model = try #require(app.activation)
        await model.consent(name: "Example: alice").value
        guard case .needsConsent(_, _, .some) = model.state else { throw Unexpected(model.state) }
        #expect(model.error == world.ports.texts("error.name_taken"))
        await model.decline().value
        #expect(try world.token.identities().count == 1)
    }

    @Test func aSecondTapChangesNothing() async throws {
        let world = try KitWorld()
        let app = await world.app()
        await app.receive(account).value
        let model = try #require(app.activation)
        let taps = (0..<4).map { _ in model.consent() }
        for tap in taps { await tap.value }
        #expect(model.isOver && model.error == nil)
        #expect(try world.token.identities().count == 1)
        await model.cancel().value
        #expect(model.error == nil)
    }

    @Test func typedValuesAreAskedWithAReasonAField() async throws {
        let app = await (try KitWorld()).app()
        let fields = TypedFields(address: "", serialNumber: "123", activationCode: SecretText("1"))
        await app.begin(.typed(fields)).value
        let model = try #require(app.activation)
        guard case .needsDetails(let kept, _) = model.state else { throw Unexpected(model.state) }
        #expect(kept == fields)
        #expect(model.problems[.serialNumber]?.hasPrefix("Serial number: ") == true)
        #expect(model.problems.count == 3)
    }

    @Test func withoutNetworkItStaysPendingAndIsResumed() async throws {
        let world = try KitWorld(transport: FakeTransport(.noNetwork))
        let app = await world.app()
        await app.receive(onlineLink).value
        let model = try #require(app.activation)
        await model.consent(name: "Work").value
        guard case .failed(.NoNetwork, _) = model.state else { throw Unexpected(model.state) }
        #expect(model.error == world.ports.texts("error.no_network"))
        await model.retry().value
        #expect(world.transport.sent.count == 2)
        await app.closeActivation().value
        #expect(app.codes.rows.map(\.state) == [world.ports.texts("codes.pending")])
        await app.resume(app.codes.rows[0].id).value
        #expect(world.transport.sent.count == 3)
        await app.activation?.cancel().value
        #expect(try world.token.identities().isEmpty)
    }

    @Test func theEndOfTheProcessLosesNothingAfterConsent() async throws {
        let device: FakeDevice
        do {
            let world = try KitWorld()
            device = world.device
            let app = await world.app()
            await app.receive(onlineLink).value
            await app.activation?.consent(name: "Work").value
        }
        #expect(await eventually { (try? device.open()) != nil }, "nobody holds the vault")
        let token = try device.open()
        try token.unlock(pin: Data("7294".utf8))
        let id = try #require(try token.identities().first?.id)
        let ports = Ports(transport: FakeTransport(.timeout), browser: FakeBrowser(), texts: Texts(.de))
        let app = AppModel(token, ports: ports)
        await app.refresh().value
        await app.resume(id).value
        #expect(app.activation?.error == Texts(.de)("error.no_network"))
    }

    @Test func aVaultThatLocksInTheMiddleKeepsTheAnswer() async throws {
        let device = FakeDevice()
        let token = try device.ready()
        let transport = FakeTransport([
            { _ in
                try? token.lock()
                return .success(HttpReply(status: 500, body: Data()))
            }
        ])
        let ports = Ports(
            transport: transport, browser: FakeBrowser(), sleeper: FakeSleeper(), texts: Texts(.en))
        let app = AppModel(token, ports: ports)
        await app.refresh().value
        await app.receive(onlineLink).value
        let model = try #require(app.activation)
        await model.consent(name: "Work").value
        #expect(model.needsUnlock && model.error == nil)
        guard case .exchange = model.state else { throw Unexpected(model.state) }
        await app.refresh().value
        #expect(app.page == .locked)
        await type("7294", on: app.lock)
        #expect(await eventually { model.error != nil })
        guard case .failed(.ServerRefused(500), _) = model.state else { throw Unexpected(model.state) }
        #expect(transport.sent.count == 1, "given again, not asked for again")
    }

    @Test func leavingStopsCarryingAndKeepsItPending() async throws {
        let transport = FakeTransport([
            { _ in
                try? await Task.sleep(nanoseconds: 3_600_000_000_000)
                return .failure(.timeout)
            }
        ])
        let world = try KitWorld(transport: transport)
        let app = await world.app()
        await app.receive(onlineLink).value
        let model = try #require(app.activation)
        let carrying = model.consent(name: "Work")
        #expect(await eventually { model.isBusy && model.address != nil })
        #expect(model.address == "idp.example.test")
        model.leave()
        await carrying.value
        guard case .exchange = model.state else { throw Unexpected(model.state) }
        #expect(try world.token.identities().map(\.state) == [.pending])
    }

    @Test func theFirstStartInsideAnActivationSetsThePin() async throws {
        let world = try KitWorld(ready: false)
        let app = await world.app()
        await app.receive(account).value
        let model = try #require(app.activation)
        await model.consent().value
        guard case .needsPin(_, false) = model.state else { throw Unexpected(model.state) }
        await type("7294", on: app.lock)
        await type("7294", on: app.lock)
        #expect(await eventually { model.isOver })
        #expect(try world.token.identities().count == 1)
    }
}

/// Another state than the test expects.
struct Unexpected: Error {
    let state: ActivationState?
    init(_ state: ActivationState?) { self.state = state }
}
