package org.softtoken

import java.nio.ByteBuffer
import java.util.Locale
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.softtoken.kit.World

/**
 * Figures, not a test: `mvn verify -Dtest=Bench -Dsurefire.failIfNoSpecifiedTests=false`, with a release library. Targets: all codes of 1,000 identities in 3 ms,
 * a 1080p frame handed over in 50 µs.
 */
class Bench {
    @Test
    fun `first call, all codes, one frame`() {
        val begun = System.nanoTime()
        limits()
        report("first call in this JVM (loads JNA and the library, checks the interface)", System.nanoTime() - begun)
        val second = System.nanoTime()
        limits()
        report("second call", System.nanoTime() - second)
        World().use { world ->
            world.setPin()
            repeat(IDENTITIES) { world.add("otpauth://totp/Bench:user$it?secret=${World.SEED}", "user $it") }
            assertEquals(IDENTITIES, world.token.codes(null).codes.size)
            val codes = best(200) { world.token.codes(null) }
            report("all codes of $IDENTITIES identities in one call", codes)
            frames(world.token)
        }
    }

    /** A frame of the wrong size is refused before it is decoded: what is left is handing it over. */
    private fun frames(token: SoftToken) {
        val small = ByteBuffer.allocateDirect(1)
        val large = ByteBuffer.allocateDirect(WIDTH * HEIGHT)
        val refused = { buffer: ByteBuffer ->
            best(2000) {
                try {
                    token.scanFrame(WIDTH.toUInt(), HEIGHT.toUInt() + 1u, WIDTH.toUInt(), buffer, null, activationOptions())
                } catch (_: TokenException.NotUnderstood) {
                }
            }
        }
        val (one, all) = refused(small) to refused(large)
        report("a call that refuses 1 byte of a frame", one)
        report("a call that refuses a 1920x1080 frame: handed over without a copy", all)
        val blank = best(50) {
            token.scanFrame(WIDTH.toUInt(), HEIGHT.toUInt(), WIDTH.toUInt(), large, null, activationOptions())
        }
        report("a blank 1920x1080 frame, decoding included", blank)
    }

    /** The median of [times] calls after as many to warm up. */
    private fun best(times: Int, act: () -> Unit): Long {
        repeat(times, { act() })
        return LongArray(times) {
            val begun = System.nanoTime()
            act()
            System.nanoTime() - begun
        }.sorted()[times / 2]
    }

    private fun report(what: String, nanos: Long) =
        println("bench kotlin: $what: ${"%.3f".format(Locale.ROOT, nanos / 1e6)} ms")

    private companion object {
        const val IDENTITIES = 1000
        const val WIDTH = 1920
        const val HEIGHT = 1080
    }
}
