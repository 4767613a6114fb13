package org.softtoken.kit

import java.time.Duration
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runTest
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test

class CodeListModelTest {
    private val world = World()
    private val sleeper = FakeSleeper(world, most = 3)
    private val model = CodeListModel(world.token, world.core, world.texts, world::millis, sleeper)

    @BeforeEach
    fun begin() = world.setPin()

    @AfterEach
    fun end() = world.close()

    private val rows get() = model.list.value.rows

    @Test
    fun `codes are read again exactly when they change`() = runTest {
        world.add()
        world.clock.wall = 59
        val seen = ArrayList<String>()
        val job = launch { model.run() }
        while (sleeper.waits.size <= 3) {
            rows.firstOrNull()?.code?.let { if (seen.lastOrNull() != it.text) seen.add(it.text) }
            kotlinx.coroutines.yield()
        }
        job.cancel()
        assertEquals("94287082", seen.first(), "RFC 6238")
        assertEquals(listOf(1L, 30L, 30L), sleeper.waits.take(3).map(Duration::toSeconds))
        assertEquals(120uL, rows.single().validFrom)
    }

    @Test
    fun `a code is grouped on the screen and bare in the clipboard`() = runTest {
        val id = world.add()
        world.clock.wall = 59
        assertTrue(model.refresh())
        assertEquals("9428 7082", rows.single().grouped?.text)
        assertEquals("94287082", model.copy(id)?.text)
        assertNull(model.copy("00"))
        assertEquals(listOf("123 456", "12345", "1234567"), listOf("123456", "12345", "1234567").map(::grouped))
    }

    @Test
    fun `an event-based code is shown when it was asked for`() = runTest {
        val id = world.add(World.COUNTED)
        model.refresh()
        assertNull(rows.single().code)
        assertTrue(model.nextCode(id))
        assertEquals("755224", rows.single().code?.text)
        assertTrue(model.nextCode(id))
        assertEquals("287082", rows.single().code?.text)
        model.clear()
        model.refresh()
        assertNull(rows.single().code)
    }

    @Test
    fun `what an identity cannot do is said, and the list stays`() = runTest {
        val id = world.add()
        model.refresh()
        assertFalse(model.nextCode(id))
        assertEquals("An identity of this kind cannot do that.", model.list.value.error)
        assertNull(model.respond(id, "123"))
        assertEquals(1, rows.size)
    }

    @Test
    fun `identities are found, renamed, moved and removed`() = runTest {
        val one = world.add()
        val two = world.add(World.COUNTED)
        model.refresh()
        assertTrue(model.rename(one, "Bank"))
        assertFalse(model.rename(two, "BANK"))
        assertEquals("An identity with the specified name already exists.", model.list.value.error)
        model.search(" bAnK ")
        assertEquals(listOf("Bank"), model.list.value.shown.map { it.name })
        model.search("")
        assertTrue(model.move(two, 0))
        assertEquals(listOf(two, one), rows.map { it.id })
        assertTrue(model.remove(two))
        assertFalse(model.remove(two), "a second tap")
        assertEquals(listOf(one), rows.map { it.id })
    }

    @Test
    fun `a lock empties the list`() = runTest {
        world.add()
        model.refresh()
        assertNotNull(rows.single().code)
        world.token.lock()
        assertFalse(model.refresh())
        assertEquals(CodeList(), model.list.value)
    }

    @Test
    fun `neither codes nor seeds are printed`() = runTest {
        world.add()
        world.clock.wall = 59
        model.refresh()
        val printed = "${model.list.value} ${rows.single()} ${world.token.codes(null)} ${world.log} ${world.hooks}"
        listOf("94287082", "9428 7082", World.SEED, World.PIN).forEach { assertFalse(printed.contains(it), it) }
    }
}
