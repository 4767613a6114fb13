// The quick start of bindings/README.md, as it is there, between the markers.
import Foundation
import SoftToken
import SoftTokenKit
import TestSupport
import Testing

@Suite @MainActor struct QuickStartTests {
    @Test func aNewDeveloperHasAnActivationRunning() async throws {
        let device = FakeDevice()
        let (folder, hooks, browser) = (device.folder, device.hooks, FakeBrowser())
        var printed: [String] = []
        func print(_ items: String...) { printed += items }

        // quick start
        let token = try SoftToken.open(config: OpenConfig(folder: folder.path), hooks: hooks)
        let app = AppModel(token, ports: Ports(browser: browser))
        await app.refresh().value  // app.page is .fresh now: choose a PIN

        for _ in ["choose", "again"] {
            for digit in [7, 2, 9, 4] { app.lock.append(digit) }  // your key pad's buttons
            await app.lock.submit().value
        }

        let link = "otpauth://totp/Example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        await app.receive(link).value  // a link, a QR code's text: app.activation is there
        await app.activation?.consent(name: "Work").value
        await app.closeActivation().value

        for row in app.codes.rows { print(row.name, row.code?.text ?? "–") }  // Work 123 456
        // end of quick start

        #expect(printed.count == 2 && printed.first == "Work" && printed.last?.count == 7)
    }
}
