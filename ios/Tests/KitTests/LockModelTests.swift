// The key pad and what comes after wrong PINs.
import SoftToken
import SoftTokenKit
import TestSupport
import Testing

@Suite @MainActor struct LockModelTests {
    @Test func aFirstPinIsEnteredTwice() async throws {
        let world = try KitWorld(ready: false)
        let app = await world.app()
        #expect(app.page == .fresh && app.lock.mode == .new)
        await type("7294", on: app.lock)
        #expect(app.lock.mode == .again && app.lock.count == 0)
        await type("7295", on: app.lock)
        #expect(app.lock.mode == .new)
        #expect(app.lock.error == world.ports.texts("error.pin_refused.mismatch"))
        await type("7294", on: app.lock)
        await type("7294", on: app.lock)
        #expect(app.page == .ready && app.lock.error == nil)
        #expect(try world.token.state() == .ready)
    }

    @Test func aWeakPinIsRefusedWithItsReason() async throws {
        let app = await (try KitWorld(ready: false)).app()
        await type("1234", on: app.lock)
        await type("1234", on: app.lock)
        #expect(app.lock.mode == .new && app.page == .fresh)
        #expect(app.lock.error?.contains("count up or down") == true)
    }

    @Test func digitsAreTakenAwayAndASecondTapDoesNothing() async throws {
        let world = try KitWorld()
        try world.token.lock()
        let app = await world.app()
        for digit in [7, 2, 9, 5, 12] { app.lock.append(digit) }
        app.lock.deleteDigit()
        app.lock.append(4)
        #expect(app.lock.count == 4)
        let (first, second) = (app.lock.submit(), app.lock.submit())
        await first.value
        await second.value
        #expect(app.page == .ready && app.lock.error == nil && app.lock.count == 0)
        await app.lock.submit().value
        #expect(app.lock.error == nil)
    }

    @Test func fiveWrongPinsBlockAndACodeIsAskedFor() async throws {
        let world = try KitWorld(sleeps: 100_000)
        try add(account, to: world.token)
        let recovery = try #require(try world.token.recoveryCode())
        try world.token.lock()
        let app = await world.app()
        for left in [4, 3, 2, 1] {
            await type("0000", on: app.lock)
            #expect(app.lock.attemptsLeft == UInt32(left))
            #expect(app.lock.error == world.ports.texts.of(.WrongPin(attemptsLeft: UInt32(left))))
            #expect(await eventually { app.lock.wait == 0 })
        }
        await type("0000", on: app.lock)
        #expect(app.page == .blocked && app.lock.mode == .blocked)
        #expect(app.lock.error == world.ports.texts("error.wrong_pin.none_left"))
        await app.lock.enter(code: recovery.text).value
        #expect(app.lock.mode == .new)
        await type("1111", on: app.lock)
        await type("1111", on: app.lock)
        #expect(app.lock.mode == .new && app.lock.error != nil, "refused, and the code is still there")
        await type("5836", on: app.lock)
        await type("5836", on: app.lock)
        #expect(app.page == .ready && app.lock.error == nil)
        #expect(try world.token.identities().count == 1)
    }

    @Test func aPinIsChanged() async throws {
        let world = try KitWorld()
        let app = await world.app()
        #expect(app.lock.mode == .change)
        for pin in ["7294", "5836", "5836"] { await type(pin, on: app.lock) }
        #expect(app.lock.error == nil)
        await app.lockNow().value
        #expect(app.page == .locked)
        await type("5836", on: app.lock)
        #expect(app.page == .ready)
    }

    @Test func aForgottenPinBlocks() async throws {
        let world = try KitWorld()
        try add(account, to: world.token)
        try world.token.acknowledgeRecoveryCode()
        try world.token.lock()
        let app = await world.app()
        await app.lock.forgetPin().value
        #expect(app.page == .blocked && app.lock.mode == .blocked)
    }
}

/// Adds what a text holds.
func add(_ text: String, to token: SoftToken) throws {
    let activation = try token.beginActivation(source: .text(SecretText(text)), options: ActivationOptions())
    _ = try activation.advance(ticket: activation.step().ticket, input: .consent(name: nil))
}
