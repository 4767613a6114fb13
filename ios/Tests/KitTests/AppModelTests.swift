// Pages, links that come in, locking, and what must not be printed.
import Foundation
import SoftToken
import SoftTokenKit
import TestSupport
import Testing

@Suite @MainActor struct AppModelTests {
    @Test func aLinkIsKeptWhileTheAppIsLocked() async throws {
        let world = try KitWorld()
        try world.token.lock()
        let app = await world.app()
        await app.receive(account).value
        #expect(app.activation == nil && app.notice == nil)
        await app.receive(account).value
        #expect(app.notice == world.ports.texts("error.activation_pending"))
        app.dismissNotice()
        await type("7294", on: app.lock)
        #expect(await eventually { app.activation?.isBusy == false })
        guard case .needsConsent = app.activation?.state else { throw Unexpected(app.activation?.state) }
        await app.receive(account).value
        #expect(app.notice == world.ports.texts("error.activation_pending"))
    }

    @Test func aLinkThatCameFirstIsOfferedAtTheStart() async throws {
        let app = AppModel(try KitWorld().token, ports: Ports(browser: FakeBrowser()))
        await app.receive(account).value
        #expect(app.activation == nil && app.page == .starting)
        await app.refresh().value
        #expect(app.activation != nil)
    }

    @Test func whatNoDoorUnderstandsIsSaid() async throws {
        let world = try KitWorld()
        let app = await world.app()
        await app.receive("hello").value
        #expect(app.notice == world.ports.texts("error.not_understood.text") && app.activation == nil)
    }

    @Test func itLocksByItselfAfterATime() async throws {
        let world = try KitWorld(sleeps: 1)
        try add(account, to: world.token)
        let app = await world.app()
        await app.codes.refresh().value
        app.touched()
        #expect(await eventually { app.page == .locked })
        #expect(app.codes.rows.isEmpty)
        let seconds = try TimeInterval(world.token.autoLockAfter())
        #expect(world.sleeper.slept == [seconds])
    }

    @Test func aTouchBeginsTheTimeAnew() async throws {
        let world = try KitWorld()
        let app = await world.app()
        app.touched()
        app.touched()
        #expect(await eventually { !world.sleeper.slept.isEmpty })
        #expect(app.page == .ready)
    }

    @Test func lostKeysHaveAPageOfTheirOwn() async throws {
        let device = FakeDevice()
        do { try device.ready().lock() }
        device.key.loseAll()
        let app = AppModel(try device.open(), ports: Ports(browser: FakeBrowser()))
        await app.refresh().value
        #expect(app.page == .deviceKeyLost && app.lock.mode == .new)
    }

    @Test func aLinkOfNoVerificationIsNotForUs() async throws {
        #expect(!(await (try KitWorld()).app().browserReturned("softtoken://v2/verified")))
    }

    @Test func noModelPrintsASecret() async throws {
        let world = try KitWorld()
        try world.token.lock()
        let app = await world.app()
        for digit in [7, 2, 9, 4] { app.lock.append(digit) }
        await app.receive(account).value
        var text = shown(app)
        await app.lock.submit().value
        #expect(await eventually { app.activation?.isBusy == false })
        let activation = try #require(app.activation)
        text += shown(activation) + shown(activation.state as Any)
        await activation.consent().value
        await app.codes.refresh().value
        text += shown(app) + shown(app.codes) + shown(app.codes.rows) + shown(world.ports)
        let code = try #require(app.codes.copy(app.codes.rows[0].id))
        for secret in [
            "GEZDGNBVGY3TQOJQ", "7294", code, String(code.prefix(3)) + " " + String(code.suffix(3)),
        ] {
            #expect(!text.contains(secret), "found \(secret)")
        }
    }

    private func shown(_ value: Any) -> String {
        var text = "\(value) \(String(reflecting: value))"
        dump(value, to: &text)
        return text
    }
}
