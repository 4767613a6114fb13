// Rows, search, refresh at the right moment, and the verbs on one identity.
import Foundation
import SoftToken
import SoftTokenKit
import TestSupport
import Testing

@Suite @MainActor struct CodeListModelTests {
    private let rfc = "otpauth://totp/RFC:sha1?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8"
    private let counter = "otpauth://hotp/RFC:counter?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=0"

    @Test func rowsHoldGroupedCodesAndCopyGivesBareDigits() async throws {
        let world = try KitWorld()
        try add(rfc, to: world.token)
        try add(account, to: world.token)
        let codes = await world.app().codes
        await codes.refresh().value
        let digits = try world.token.codes(at: nil).codes.compactMap { $0.code?.text }
        #expect(codes.rows.map { $0.code?.text.replacing(" ", with: "") } == digits)
        #expect(codes.rows.map { $0.code?.text.count } == [9, 7])
        #expect(codes.copy(codes.rows[0].id) == digits[0])
        #expect(codes.rows[0].validity?.contains(world.ports.now()) == true)
    }

    @Test func codesAreReadAgainExactlyWhenOneChanges() async throws {
        let world = try KitWorld(sleeps: 3)
        try add(account, to: world.token)
        world.device.clock.pass(7)
        let codes = await world.app().codes
        let task = Task { await codes.keepFresh() }
        #expect(await eventually { world.sleeper.slept.count == 4 })
        task.cancel()
        let into = Double((1_790_000_000 + 7) % 30)
        #expect(world.sleeper.slept == [30 - into, 30, 30, 30])
        #expect(codes.rows.first?.code?.text.replacing(" ", with: "") == codes.copy(codes.rows[0].id))
        let next = try world.token.codes(at: nil).nextChange
        #expect(codes.nextChange == Date(unixTime: next))
    }

    @Test func searchFindsNameIssuerAndAccount() async throws {
        let world = try KitWorld()
        try add(rfc, to: world.token)
        try add(account, to: world.token)
        let codes = await world.app().codes
        #expect(codes.placeholder?.contains("No identities yet") == true)
        await codes.refresh().value
        codes.search = " ALICE "
        #expect(codes.visible.map(\.account) == ["alice"])
        codes.search = "{name}"
        #expect(codes.visible.isEmpty && codes.placeholder == "No identity matches “{name}”.")
    }

    @Test func theNextCodeOfACounterIsShownOnRequestOnly() async throws {
        let world = try KitWorld()
        try add(counter, to: world.token)
        let codes = await world.app().codes
        await codes.refresh().value
        let id = try #require(codes.rows.first?.id)
        #expect(codes.rows[0].code == nil && codes.copy(id) == nil)
        await codes.nextCode(id).value
        #expect(codes.rows[0].code?.text == "755 224")
        await codes.nextCode(id).value
        #expect(codes.copy(id) == "287082")
    }

    @Test func identitiesAreRenamedMovedAndRemoved() async throws {
        let world = try KitWorld()
        try add(rfc, to: world.token)
        try add(account, to: world.token)
        let codes = await world.app().codes
        await codes.refresh().value
        let ids = codes.rows.map(\.id)
        await codes.rename(ids[0], to: "Work").value
        #expect(codes.rows[0].name == "Work")
        await codes.rename(ids[1], to: "work").value
        #expect(codes.error == world.ports.texts("error.name_taken"))
        await codes.reorder(ids[1], to: 0).value
        #expect(codes.rows.map(\.id) == [ids[1], ids[0]] && codes.error == nil)
        let (first, second) = (codes.remove(ids[0]), codes.remove(ids[0]))
        await first.value
        await second.value
        #expect(codes.rows.map(\.id) == [ids[1]])
        #expect(codes.error == world.ports.texts("error.unknown_identity"))
    }

    @Test func aLockedVaultLeavesNoRow() async throws {
        let world = try KitWorld()
        try add(account, to: world.token)
        let app = await world.app()
        await app.codes.refresh().value
        #expect(app.codes.rows.count == 1)
        try world.token.lock()
        await app.codes.refresh().value
        #expect(app.codes.rows.isEmpty && app.codes.error == nil)
        #expect(await eventually { app.page == .locked })
    }

    @Test func aClockThatJumpedIsMentioned() async throws {
        let world = try KitWorld()
        let codes = await world.app().codes
        world.device.clock.jump(3_600)
        await codes.refresh().value
        #expect(codes.clockNotice?.contains("3600 seconds") == true)
    }
}
