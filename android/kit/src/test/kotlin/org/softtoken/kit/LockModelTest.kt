package org.softtoken.kit

import kotlinx.coroutines.async
import kotlinx.coroutines.test.runTest
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.softtoken.TokenState

class LockModelTest {
    private val world = World()
    private var times = 0
    private val model = LockModel(world.token, world.core, world.texts) { times++ }

    @AfterEach
    fun end() {
        model.close()
        world.close()
    }

    private suspend fun enter(pin: String) {
        pin.forEach { model.digit(it.digitToInt()) }
        model.confirm()
    }

    @Test
    fun `a first PIN is entered twice`() = runTest {
        model.start()
        assertEquals(LockStep.NEW, model.view.value.step)
        enter("7294")
        assertEquals(LockView(LockStep.AGAIN), model.view.value)
        enter("7295")
        assertEquals("The two PINs differ. Enter the same PIN twice.", model.view.value.error)
        assertEquals(LockStep.NEW, model.view.value.step)
        enter("7294")
        enter("7294")
        assertEquals(LockStep.OPEN, model.view.value.step)
        assertEquals(1, times)
        assertEquals(TokenState.Ready, world.token.state())
    }

    @Test
    fun `an easy PIN is refused with its reason`() = runTest {
        model.start()
        enter("1111")
        enter("1111")
        assertEquals(LockStep.NEW, model.view.value.step)
        assertTrue(model.view.value.error!!.contains("repeats a digit"))
        assertEquals(0, model.view.value.digits)
    }

    @Test
    fun `wrong PINs are counted, and digits are wiped each time`() = runTest {
        world.setPin()
        world.token.lock()
        model.start()
        assertEquals(5, model.view.value.attemptsLeft)
        enter("1357")
        assertEquals("Wrong PIN. 4 tries are left.", model.view.value.error)
        assertEquals(LockView(LockStep.UNLOCK, attemptsLeft = 4, error = model.view.value.error), model.view.value)
        enter("7294")
        assertEquals(LockStep.OPEN, model.view.value.step)
    }

    @Test
    fun `a double tap tries once`() = runTest {
        world.setPin()
        world.token.lock()
        model.start()
        "1357".forEach { model.digit(it.digitToInt()) }
        listOf(async { model.confirm() }, async { model.confirm() }).forEach { it.await() }
        assertEquals(4, model.view.value.attemptsLeft)
    }

    @Test
    fun `keys edit what is typed`() = runTest {
        model.start()
        listOf(1, 2, 3).forEach(model::digit)
        model.deleteLast()
        assertEquals(2, model.view.value.digits)
        model.clear()
        model.deleteLast()
        assertEquals(0, model.view.value.digits)
        repeat(40) { model.digit(7) }
        assertEquals(org.softtoken.limits().maxPinDigits.toInt(), model.view.value.digits)
    }

    @Test
    fun `a PIN is changed, and a wrong old one asks for it again`() = runTest {
        world.setPin()
        model.change()
        listOf("1357", "8305", "8305").forEach { enter(it) }
        assertEquals(LockStep.OLD, model.view.value.step)
        assertEquals(4, model.view.value.attemptsLeft)
        listOf("7294", "1111", "1111").forEach { enter(it) }
        assertEquals(LockStep.NEW, model.view.value.step)
        listOf("8305", "8305").forEach { enter(it) }
        assertEquals(LockStep.OPEN, model.view.value.step)
        world.token.lock()
        world.unlock("8305")
    }

    @Test
    fun `a blocked vault opens with the recovery code and a new PIN`() = runTest {
        world.setPin()
        world.add()
        val recovery = world.token.recoveryCode()!!.text
        world.token.acknowledgeRecoveryCode()
        world.token.lock()
        model.start()
        repeat(5) {
            world.clock.pass(3600)
            enter("1357")
        }
        assertEquals(LockStep.BLOCKED, model.view.value.step)
        assertTrue(model.view.value.error!!.contains("last try"))
        model.unlockCode(recovery.toCharArray())
        enter("8305")
        enter("8306")
        assertEquals(LockStep.NEW, model.view.value.step, "the code is kept when the PINs differ")
        enter("8305")
        enter("8305")
        assertNull(model.view.value.error)
        assertEquals(LockStep.OPEN, model.view.value.step)
    }

    @Test
    fun `a mistyped unlock code returns to its page and is wiped`() = runTest {
        world.setPin()
        world.add()
        world.token.acknowledgeRecoveryCode()
        model.forgot()
        assertEquals(LockStep.BLOCKED, model.view.value.step)
        val typed = "no code".toCharArray()
        model.unlockCode(typed)
        enter("8305")
        enter("8305")
        assertEquals(LockStep.BLOCKED, model.view.value.step)
        assertTrue(model.view.value.error!!.startsWith("Unlock code"), model.view.value.error)
        assertTrue(typed.all { it == '\u0000' })
    }

    @Test
    fun `what is typed is printed nowhere`() {
        val pad = PinPad(4)
        listOf(7, 2, 9, 4).forEach { pad.append(it) }
        assertFalse("$pad".contains("7294"))
        assertFalse("${model.view.value}".contains("7294"))
        pad.clear()
        assertEquals(0, pad.length)
    }
}
