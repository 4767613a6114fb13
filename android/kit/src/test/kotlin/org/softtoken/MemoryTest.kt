package org.softtoken

import com.sun.jna.Function
import com.sun.jna.Structure
import java.nio.file.Files
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
        repeat(WARM, ::cycle)
        val (native, heap) = native() to heap()
        repeat(cycles, ::cycle)
        val (nativeGrown, heapGrown) = (native() - native) to (heap() - heap)
        println("memory: kotlin $cycles cycles, native ${nativeGrown / 1024} KB, heap ${heapGrown / 1024} KB more")
        assertTrue(nativeGrown < MOST && heapGrown < MOST, "grown by $nativeGrown and $heapGrown bytes in $cycles cycles")
    }

    /** Bytes that are allocated outside the heap: the library's, and the machine's own. */
    private fun native(): Long {
        collect()
        return Function.getFunction("c", "mallinfo2").invoke(Allocated.ByValue::class.java, emptyArray())
            .let { (it as Allocated).run { inUse + mapped } }
    }

    private fun heap(): Long {
        collect()
        return Runtime.getRuntime().run { totalMemory() - freeMemory() }
    }

    /** JNA frees what it has allocated on a thread of its own, after the collector has found it. */
    private fun collect() = repeat(ROUNDS) {
        System.gc()
        Thread.sleep(PAUSE)
    }

    /** `struct mallinfo2` of glibc. */
    @Suppress("unused")
    @Structure.FieldOrder("arena", "free", "small", "maps", "mapped", "most", "fast", "inUse", "unused", "top")
    open class Allocated : Structure() {
        @JvmField var arena = 0L
        @JvmField var free = 0L
        @JvmField var small = 0L
        @JvmField var maps = 0L
        @JvmField var mapped = 0L
        @JvmField var most = 0L
        @JvmField var fast = 0L
        @JvmField var inUse = 0L
        @JvmField var unused = 0L
        @JvmField var top = 0L

        class ByValue : Allocated(), Structure.ByValue
    }

    private companion object {
        const val WARM = 2_000
        const val ROUNDS = 15
        const val PAUSE = 100L
        const val MOST = 8L * 1024 * 1024
    }
}
