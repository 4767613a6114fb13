package org.softtoken.kit

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.runTest
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.softtoken.ActivationSource
import org.softtoken.ActivationState
import org.softtoken.HttpProblem
import org.softtoken.IdentityState
import org.softtoken.TypedFields
import org.softtoken.activationOptions
import org.softtoken.journeys.Stand
import org.softtoken.journeys.obj
import org.softtoken.secret

/** The model against the real library and a running issuer; the transport and the waits are the test's. */
class ActivationModelTest {
    private val world = World()
    private val http = HttpTransport()

    @AfterEach
    fun end() = world.close()

    private fun order(type: String, issuer: Any = obj()): Map<String, String> {
        Stand.call(obj("do" to "reset", "clock" to World.START, "issuers" to obj("main" to issuer)))
        val order = Stand.call(obj("do" to "order", "type" to type)).jsonObject
        return order.filterValues { it is kotlinx.serialization.json.JsonPrimitive }.mapValues { it.value.jsonPrimitive.content }
    }

    private fun TestScope.model(
        text: String?,
        transport: Transport = http,
        sleeper: Sleeper = FakeSleeper(world),
        source: ActivationSource = ActivationSource.Text(text.orEmpty().secret()),
    ): ActivationModel {
        val begun = world.token.beginActivation(source, activationOptions())
        return ActivationModel(begun, backgroundScope, world.core, world.texts, transport, world.browser, sleeper)
    }

    private val ActivationModel.state get() = view.value.state

    @Test
    fun `a link becomes an identity, and double taps change nothing`() = runTest {
        world.setPin()
        val transport = FakeTransport(http::send)
        model(order("ONLINE").getValue("link"), transport).use { model ->
            model.start().join()
            assertTrue(model.state is ActivationState.NeedsConsent)
            val first = model.activate("Work")
            val second = model.activate("Work")
            first.join()
            second.join()
            model.activate("Work").join()
            model.confirmed().join()
            assertTrue(model.state is ActivationState.Done, "${model.view.value}")
            assertNull(model.view.value.error)
            assertTrue(model.isOver)
        }
        assertEquals(listOf("Work"), world.token.identities().map { it.name })
        assertEquals(transport.requests.size, transport.requests.map { it.body.toList() }.toSet().size)
    }

    @Test
    fun `a wrong password is said, the right one goes on, and both are wiped`() = runTest {
        world.setPin()
        val order = order("OFFLINE")
        model(order.getValue("qr_text")).use { model ->
            model.start().join()
            val wrong = order.getValue("wrong_password").toCharArray()
            model.password(wrong).join()
            model.activate("Work").join()
            assertTrue(model.state is ActivationState.NeedsPassword, "the issuer has found out")
            assertTrue(model.view.value.error!!.startsWith("Wrong password."), model.view.value.error)
            assertTrue(wrong.all { it == '\u0000' })
            model.password(order.getValue("password").toCharArray()).join()
            assertTrue(model.state is ActivationState.Done, "${model.view.value}")
            assertNull(model.view.value.error)
        }
    }

    @Test
    fun `a vault that locks on the way keeps the answer until it is open again`() = runTest {
        world.setPin()
        var sent = 0
        val transport = FakeTransport { request ->
            http.send(request).also { if (sent++ == 0) world.token.lock() }
        }
        model(order("ONLINE").getValue("link"), transport).use { model ->
            model.start().join()
            model.activate("Work").join()
            assertTrue(model.view.value.locked)
            assertEquals("The app is locked. Enter your PIN.", model.view.value.error)
            assertEquals(1, transport.requests.size)
            world.unlock()
            model.start().join()
            assertTrue(model.state is ActivationState.Done, "${model.view.value} ${model.view.value.error}")
            assertEquals(transport.requests.size, transport.requests.map { it.body.toList() }.toSet().size)
        }
    }

    @Test
    fun `the end of the process leaves the activation pending, and it goes on`() = runTest {
        world.setPin()
        val reached = CompletableDeferred<Unit>()
        val hangs = FakeTransport {
            reached.complete(Unit)
            awaitCancellation()
        }
        model(order("ONLINE").getValue("link"), hangs).use { model ->
            model.start().join()
            model.activate("Work")
            reached.await()
            model.leave()
        }
        world.restart()
        world.unlock()
        val pending = world.token.identities().single()
        assertEquals(IdentityState.PENDING, pending.state)
        val resumed = world.token.resumeActivation(pending.id)
        ActivationModel(resumed, backgroundScope, world.core, world.texts, http, world.browser, FakeSleeper(world)).use {
            it.start().join()
            assertTrue(it.state is ActivationState.Done)
        }
    }

    @Test
    fun `without network it says so, and another try goes on`() = runTest {
        world.setPin()
        var down = true
        val transport = FakeTransport { if (down) HttpTrouble(HttpProblem.NO_NETWORK) else http.send(it) }
        model(order("ONLINE").getValue("link"), transport).use { model ->
            model.start().join()
            model.activate(null).join()
            assertTrue(model.state is ActivationState.Failed)
            assertTrue(model.view.value.error!!.startsWith("Your identity provider cannot be reached."))
            assertFalse(model.isOver)
            down = false
            model.retry().join()
            assertTrue(model.state is ActivationState.Done)
        }
    }

    @Test
    fun `a page in the browser is asked for again until it is done`() = runTest {
        world.setPin()
        val link = order("ONLINE", obj("verifications" to listOf("face"))).getValue("link")
        val sleeper = FakeSleeper(world, most = 2)
        model(link, sleeper = sleeper).use { model ->
            model.start().join()
            model.activate("Work")
            model.view.first { it.state is ActivationState.Verify }
            assertTrue(model.openBrowser())
            val verify = model.state as ActivationState.Verify
            assertEquals(listOf(verify.url), world.opened)
            while (sleeper.waits.size < 3) kotlinx.coroutines.yield()
            assertEquals(listOf(verify.retryAfter.toLong()), sleeper.waits.map { it.toSeconds() }.distinct())
            Stand.call(obj("do" to "face", "url" to (model.state as ActivationState.Verify).url))
            Stand.call(obj("do" to "review", "approve" to true))
            model.browserReturned().join()
            assertTrue(model.state is ActivationState.Done, "${model.view.value}")
        }
    }

    @Test
    fun `typed values are asked until they fit, and giving up leaves nothing`() = runTest {
        world.setPin()
        val order = order("CLASSIC")
        val empty = TypedFields("", "", "".secret())
        model(null, source = ActivationSource.Typed(empty)).use { model ->
            model.start().join()
            val typed = TypedFields(order.getValue("address"), "12", order.getValue("activation_code").secret())
            model.details(typed).join()
            assertTrue(model.state is ActivationState.NeedsDetails)
            assertTrue(model.view.value.problems.single().startsWith("Serial number: "), "${model.view.value.problems}")
            model.details(typed.copy(serialNumber = order.getValue("serial"))).join()
            assertTrue(model.state is ActivationState.NeedsConsent)
            model.decline().join()
            assertTrue(model.isOver)
        }
        assertEquals(emptyList<Any>(), world.token.identities())
    }

    @Test
    fun `a name that is taken is said with the page`() = runTest {
        world.setPin()
        world.add(name = "Work")
        model(order("ONLINE").getValue("link")).use { model ->
            model.start().join()
            model.activate("work").join()
            assertEquals("An identity with the specified name already exists.", model.view.value.error)
            model.activate("Work 2").join()
            assertTrue(model.state is ActivationState.Done)
        }
    }

    @Test
    fun `no page prints what is on it`() = runTest {
        world.setPin()
        val order = order("CLASSIC")
        val code = order.getValue("activation_code")
        model(null, source = ActivationSource.Typed(TypedFields(order.getValue("address"), "12", code.secret()))).use {
            it.start().join()
            val shown = "${it.view.value} ${it.state} $it"
            assertFalse(shown.contains(code) || shown.contains(code.filter(Char::isDigit)), "no code")
        }
    }
}
