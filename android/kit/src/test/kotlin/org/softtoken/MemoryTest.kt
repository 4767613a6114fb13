package org.softtoken

import java.nio.file.Files
import java.nio.file.Path
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.softtoken.kit.World

/** Handles that are made and closed leave nothing behind. */
class MemoryTest {
    private val world = World()

    @AfterEach
    fun end() = world.close()

    @Test
    fun `activations and tokens come and go with flat memory`() {
        val cycles = if (System.getenv("SOFTTOKEN_LONG") == "1") 100_000 else 2_000
        world.setPin()
        world.add()
        val other = Files.createDirectory(world.folder.resolve("other")).toString()
        fun cycle(number: Int) {
            val text = ActivationSource.Text(World.COUNTED.secret())
            world.token.beginActivation(text, activationOptions()).use { it.step() }
            world.token.codes(null)
            if (number % 20 == 0) SoftToken.open(OpenConfig(other), world.hooks).use { it.state() }
            runCatching { world.token.nextCode("00") }
        }
        repeat(cycles / 2, ::cycle)
        val before = resident()
        repeat(cycles, ::cycle)
        val grown = resident() - before
        println("memory: kotlin $cycles cycles, grown by ${grown / 1024} KB")
        assertTrue(grown < MOST, "grown by $grown bytes in $cycles cycles")
    }

    /** Bytes of this process in memory, after the collector has run. */
    private fun resident(): Long {
        repeat(3) { System.gc() }
        val pages = Files.readString(Path.of("/proc/self/statm")).split(' ')[1].toLong()
        val heap = Runtime.getRuntime().run { totalMemory() - freeMemory() }
        // The heap's own size breathes; what it holds does not.
        return pages * PAGE - Runtime.getRuntime().totalMemory() + heap
    }

    private companion object {
        const val PAGE = 4096L
        const val MOST = 24L * 1024 * 1024
    }
}
