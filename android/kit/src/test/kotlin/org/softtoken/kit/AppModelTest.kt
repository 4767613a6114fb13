package org.softtoken.kit

import kotlinx.coroutines.launch
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.runTest
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.softtoken.ActivationState
import org.softtoken.HttpProblem
import org.softtoken.TokenState
import org.softtoken.directCopyOf
import org.softtoken.secret

class AppModelTest {
    private val world = World()

    @AfterEach
    fun end() = world.close()

    private fun TestScope.app(sleeper: Sleeper = FakeSleeper(world)) = AppModel(
        world.token, backgroundScope, world.core, world.texts, { HttpTrouble(HttpProblem.NO_NETWORK) }, world.browser,
        sleeper, { world.clock.millis }, world::millis,
    )

    private suspend fun AppModel.enter(pin: String = World.PIN) {
        pin.forEach { lock.digit(it.digitToInt()) }
        lock.confirm()
    }

    /** The page of the activation, once there is one. */
    private suspend fun AppModel.state(): ActivationState? {
        activation.value?.start()?.join()
        return activation.value?.view?.value?.state
    }

    @Test
    fun `the first start asks for a PIN, and a link before it makes the identity after it`() = runTest {
        val app = app()
        app.start()
        assertEquals(TokenState.Fresh, app.page.value)
        app.incoming(World.LINK.secret())
        assertTrue(app.state() is ActivationState.NeedsConsent)
        app.activation.value!!.activate(null).join()
        assertTrue(app.state() is ActivationState.NeedsPin)
        app.enter()
        app.enter()
        assertEquals(TokenState.Ready, app.page.value)
        assertTrue(app.state() is ActivationState.Done, "${app.state()}")
        app.leaveActivation()
        assertNull(app.activation.value)
        assertEquals(1, app.codes.list.value.rows.size)
    }

    @Test
    fun `a link that comes while locked is kept until the PIN`() = runTest {
        world.setPin()
        world.token.lock()
        val app = app()
        app.start()
        app.incoming(World.LINK.secret())
        assertNull(app.activation.value)
        app.enter()
        assertTrue(app.state() is ActivationState.NeedsConsent)
    }

    @Test
    fun `a second link while one is on the screen is refused with its sentence`() = runTest {
        world.setPin()
        val app = app()
        app.start()
        app.incoming(World.LINK.secret())
        val first = app.activation.value
        app.state()
        app.incoming(World.COUNTED.secret())
        assertEquals("Another activation is pending. Finish it, or give it up, then use this one.", app.notice.value)
        assertEquals(first, app.activation.value)
        app.noticed()
        assertNull(app.notice.value)
    }

    @Test
    fun `a text that starts nothing says why`() = runTest {
        world.setPin()
        val app = app()
        app.start()
        app.incoming("what is this".secret())
        assertNotNull(app.notice.value)
        assertNull(app.activation.value)
    }

    @Test
    fun `a picture without a code is nothing, and sizes that do not fit are refused`() = runTest {
        val app = app()
        app.start()
        val blank = directCopyOf(ByteArray(64 * 64) { 127 })
        assertEquals(Seen.Nothing, app.picture(64, 64, 64, blank))
        assertTrue(app.picture(64, 640, 64, blank) is Seen.Refused)
    }

    @Test
    fun `the app locks itself when nobody touches it`() = runTest {
        world.setPin()
        world.add()
        val app = app(FakeSleeper(world, most = 1))
        app.start()
        app.codes.refresh()
        val job = backgroundScope.launch { app.watch() }
        while (app.page.value == TokenState.Ready) kotlinx.coroutines.yield()
        assertTrue(app.page.value is TokenState.Locked)
        assertEquals(emptyList<CodeRow>(), app.codes.list.value.rows)
        assertEquals(LockStep.UNLOCK, app.lock.view.value.step)
        job.cancel()
    }

    @Test
    fun `a hidden app shows no codes, and comes back open only in time`() = runTest {
        world.setPin()
        world.add()
        val app = app()
        app.start()
        app.codes.refresh()
        app.background()
        assertEquals(0, app.codes.list.value.rows.size)
        world.clock.pass(5)
        app.foreground()
        assertEquals(1, app.codes.list.value.rows.size)
        app.background()
        world.clock.pass(world.token.autoLockAfter().toLong())
        app.foreground()
        assertTrue(app.page.value is TokenState.Locked)
    }

    @Test
    fun `keys that are gone are a page of their own`() = runTest {
        world.setPin()
        world.keys.keys.clear()
        world.restart()
        val app = app()
        app.start()
        assertEquals(TokenState.DeviceKeyLost, app.page.value)
        assertEquals(LockStep.NEW, app.lock.view.value.step)
    }
}
