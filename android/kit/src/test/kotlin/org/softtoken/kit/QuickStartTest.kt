package org.softtoken.kit

import java.nio.file.Files
import kotlinx.coroutines.test.runTest
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.softtoken.*
import org.softtoken.journeys.FakeClock
import org.softtoken.journeys.FakeKeys
import org.softtoken.journeys.LogSinkOf
import org.softtoken.journeys.Stand
import org.softtoken.journeys.obj

/** The quick start of `bindings/README.md`, as it stands there. */
class QuickStartTest {
    private val folder = Files.createTempDirectory("quick").toString()
    private val clock = FakeClock(World.START)
    private val deviceKey = FakeKeys()
    private val signals = object : DeviceSignals {
        override fun label() = "test device"
    }
    private val log = LogSinkOf { _, _ -> }

    @Test
    fun `the quick start runs an activation`() = runTest {
        Stand.call(obj("do" to "reset", "clock" to World.START, "issuers" to obj("main" to obj())))
        val link = Stand.call(obj("do" to "order", "type" to "ONLINE")).jsonObject.getValue("link").jsonPrimitive.content
        val typedPin = "7294".toByteArray()
        val shown = ArrayList<String>()

        // quick start
        val token = SoftToken.open(OpenConfig(folder), Hooks(clock, deviceKey, signals, log))
        if (token.state() == TokenState.Fresh) typedPin.lend { token.setPin(it) } else typedPin.lend { token.unlock(it) }

        val activation = token.beginActivation(ActivationSource.Text(link.secret()), activationOptions())
        val driver = ActivationDriver(activation, CoreThread(), HttpTransport())
        val page = driver.run()                                // stops where a person is needed
        val consent = page.state as ActivationState.NeedsConsent   // show consent.summary and consent.name
        driver.answer(page.ticket, ActivationInput.Consent(consent.name))
        val end = driver.run()                                 // talks to the issuer
        check(end.state is ActivationState.Done)
        activation.close()

        for (code in token.codes(null).codes) shown += "${code.name}: ${code.code?.text}"
        // end of quick start

        assertEquals(1, shown.size)
        assertEquals(1, token.identities().size)
        token.close()
    }
}
