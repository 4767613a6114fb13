package org.softtoken

import java.nio.ByteBuffer
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicReference
import java.util.concurrent.Executors
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.softtoken.journeys.FakeKeys
import org.softtoken.kit.World

/** What a careless or hostile app does to the library: a typed error each time, and the process lives. */
class AbuseTest {
    private val world = World()

    @AfterEach
    fun end() = world.close()

    /** Keys that do something else when asked to evaluate. */
    private class BadKeys(private val good: FakeKeys, var bad: ((ByteArray) -> ByteArray)? = null) : DeviceKey by good {
        override fun eval(alias: String, input: ByteArray): ByteArray =
            bad?.invoke(input) ?: good.eval(alias, input)
    }

    private fun <T> withBadKeys(block: (SoftToken, BadKeys) -> T): T {
        val folder = world.folder.resolve("bad").also { it.toFile().mkdir() }
        val keys = BadKeys(FakeKeys())
        SoftToken.open(OpenConfig(folder.toString()), world.hooks.copy(deviceKey = keys)).use { token ->
            World.PIN.toByteArray().lend(token::setPin)
            token.lock()
            return block(token, keys)
        }
    }

    private fun assertLockedAndAlive(token: SoftToken, keys: BadKeys) {
        keys.bad = null
        assertTrue(token.state() is TokenState.Locked)
        World.PIN.toByteArray().lend(token::unlock)
        assertEquals(TokenState.Ready, token.state())
    }

    @Test
    fun `announced errors of a hook have their own kind`() = withBadKeys { token, keys ->
        for ((thrown, kind) in mapOf(
            { HookException.Transient() } to DeviceKeyProblem.TRANSIENT,
            { HookException.UserCancelled() } to DeviceKeyProblem.CANCELLED,
            { HookException.Unsupported() } to DeviceKeyProblem.UNSUPPORTED,
            { HookException.Faulty() } to DeviceKeyProblem.FAULTY,
        )) {
            keys.bad = { throw thrown() }
            val error = assertThrows<TokenException.DeviceKeyFailed> { World.PIN.toByteArray().lend(token::unlock) }
            assertEquals(kind, error.problem)
        }
        assertLockedAndAlive(token, keys)
    }

    @Test
    fun `what a hook throws unannounced is a faulty key, and says nothing of it`() = withBadKeys { token, keys ->
        for (thrown in listOf(IllegalStateException(CANARY), RuntimeException(CANARY), java.io.IOException(CANARY))) {
            keys.bad = { throw thrown }
            val error = assertThrows<TokenException.DeviceKeyFailed> { World.PIN.toByteArray().lend(token::unlock) }
            assertEquals(DeviceKeyProblem.FAULTY, error.problem)
            assertFalse(error.stackTraceToString().contains(CANARY))
        }
        assertLockedAndAlive(token, keys)
    }

    @Test
    fun `answers of a wrong length are a faulty key`() = withBadKeys { token, keys ->
        for (length in listOf(0, 1, 31, 33, 1_000_000)) {
            keys.bad = { ByteArray(length) }
            val error = assertThrows<TokenException> { World.PIN.toByteArray().lend(token::unlock) }
            assertTrue(error is TokenException.DeviceKeyFailed, "$length: $error")
        }
        assertLockedAndAlive(token, keys)
    }

    @Test
    fun `answers of another key do not open, and do not count as a wrong PIN for ever`() = withBadKeys { token, keys ->
        keys.bad = { ByteArray(32) { 1 } }
        assertThrows<TokenException> { World.PIN.toByteArray().lend(token::unlock) }
        assertTrue(token.state() !is TokenState.Ready)
    }

    @Test
    fun `a hook that calls the token gets a typed error`() = withBadKeys { token, keys ->
        val seen = AtomicReference<Throwable>()
        keys.bad = { input ->
            keys.bad = null
            try {
                World.PIN.toByteArray().lend(token::unlock)
            } catch (error: TokenException) {
                seen.set(error)
            }
            throw HookException.Transient()
        }
        assertThrows<TokenException> { World.PIN.toByteArray().lend(token::unlock) }
        assertTrue(seen.get() is TokenException.StaleInput, "${seen.get()}")
        assertLockedAndAlive(token, keys)
    }

    @Test
    fun `a hook that is slow delays its caller only`() = withBadKeys { token, keys ->
        val (asked, go) = CountDownLatch(1) to CountDownLatch(1)
        keys.bad = { _ ->
            keys.bad = null
            asked.countDown()
            go.await(10, TimeUnit.SECONDS)
            throw HookException.Transient()
        }
        val slow = Executors.newSingleThreadExecutor()
        val call = slow.submit<Throwable?> {
            runCatching { World.PIN.toByteArray().lend(token::unlock) }.exceptionOrNull()
        }
        assertTrue(asked.await(10, TimeUnit.SECONDS))
        assertTrue(token.state() is TokenState.Locked, "another thread is answered meanwhile")
        go.countDown()
        assertTrue(call.get() is TokenException.DeviceKeyFailed)
        slow.shutdown()
        assertLockedAndAlive(token, keys)
    }

    @Test
    fun `a clock and a log that throw harm nothing`() {
        val folder = world.folder.resolve("clock").also { it.toFile().mkdir() }
        val clock = object : Clock {
            override fun now(): UnixTime = throw IllegalStateException(CANARY)
            override fun elapsed(): Elapsed = throw IllegalStateException(CANARY)
        }
        val log = org.softtoken.journeys.LogSinkOf { _, _ -> throw IllegalStateException(CANARY) }
        val hooks = world.hooks.copy(clock = clock, deviceKey = FakeKeys(), log = log)
        val outcome = runCatching {
            SoftToken.open(OpenConfig(folder.toString()), hooks).use { token ->
                runCatching { World.PIN.toByteArray().lend(token::setPin) }.exceptionOrNull()?.let { throw it }
                token.codes(null)
            }
        }
        val error = outcome.exceptionOrNull()
        assertTrue(error == null || error is TokenException, "$error")
        assertFalse(error?.stackTraceToString().orEmpty().contains(CANARY))
    }

    @Test
    fun `a closed handle refuses, and closing twice is fine`() {
        val token = world.token
        world.setPin()
        val activation = token.beginActivation(ActivationSource.Text(World.LINK.secret()), activationOptions())
        activation.close()
        activation.close()
        assertThrows<IllegalStateException> { activation.step() }
        token.close()
        token.close()
        assertThrows<IllegalStateException> { token.state() }
    }

    @Test
    fun `a heap buffer is refused before anything happens`() {
        assertThrows<IllegalArgumentException> { world.token.setPin(ByteBuffer.wrap(World.PIN.toByteArray())) }
        assertEquals(TokenState.Fresh, world.token.state())
    }

    @Test
    fun `a slice hands over its bytes only`() {
        val buffer = directCopyOf("00729400".toByteArray())
        buffer.position(2)
        buffer.limit(6)
        world.token.setPin(buffer.slice())
        assertEquals(2 to 6, buffer.position() to buffer.limit())
        world.token.lock()
        world.unlock()
    }

    @Test
    fun `any bytes at all are a typed error`() {
        world.setPin()
        val random = java.util.Random(7)
        repeat(300) { round ->
            val bytes = ByteArray(random.nextInt(600)).also(random::nextBytes)
            val sources = listOf(
                ActivationSource.File(bytes),
                ActivationSource.Text(String(bytes, Charsets.ISO_8859_1).secret()),
                ActivationSource.Text("otpauth://totp/${String(bytes)}?secret=\u0000\ud800".secret()),
            )
            for (source in sources) {
                try {
                    world.token.beginActivation(source, activationOptions()).close()
                } catch (_: TokenException) {
                    // Any of them.
                }
            }
            val size = (round % 40).toUInt()
            try {
                world.token.scanFrame(size, size, size, directCopyOf(bytes), null, activationOptions())
            } catch (_: TokenException) {
            }
        }
        assertEquals(TokenState.Ready, world.token.state())
    }

    @Test
    fun `eight threads read, lock, unlock and activate at once`() {
        world.setPin()
        world.add()
        val threads = Executors.newFixedThreadPool(8)
        val strange = java.util.concurrent.ConcurrentLinkedQueue<Throwable>()
        val end = System.nanoTime() + TimeUnit.SECONDS.toNanos(4)
        val activation = world.token.beginActivation(ActivationSource.Text(World.COUNTED.secret()), activationOptions())
        repeat(8) { number ->
            threads.execute {
                while (System.nanoTime() < end) {
                    try {
                        when (number) {
                            0 -> world.token.lock().also { Thread.sleep(5) }
                            1, 2 -> world.unlock()
                            3 -> activation.step().let { activation.advance(it.ticket, ActivationInput.Consent(null)) }
                            4 -> world.token.identities()
                            else -> world.token.codes(null)
                        }
                    } catch (_: TokenException) {
                        // Locked, or late: what the others have done.
                    } catch (error: Throwable) {
                        strange.add(error)
                    }
                }
            }
        }
        threads.shutdown()
        assertTrue(threads.awaitTermination(60, TimeUnit.SECONDS), "nobody waits for ever")
        activation.close()
        assertEquals(emptyList<Throwable>(), strange.toList())
        world.token.lock()
        world.unlock()
        assertTrue(world.token.identities().size in 1..2)
    }

    @Test
    fun `a panic inside is Internal, and the vault is locked`() {
        // Only a library with the feature `testing` has this verb.
        val panic = runCatching { SoftToken::class.java.getMethod("panicInside") }.getOrNull()
        assumeTrue(panic != null, "the library has no verb for it")
        world.setPin()
        val error = assertThrows(java.lang.reflect.InvocationTargetException::class.java) { panic!!.invoke(world.token) }
        assertTrue(error.cause is TokenException.Internal, "${error.cause}")
        world.restart()
        assertTrue(world.token.state() is TokenState.Locked)
    }

    @Test
    fun `half a surrogate pair is no exception that nobody announced`() {
        world.setPin()
        for (text in listOf("a\uD800", "\uDC00b")) {
            assertThrows<TokenException.UnknownIdentity> { world.token.find(text) }
            assertThrows<TokenException> { world.token.beginActivation(ActivationSource.Text(text.secret()), activationOptions()) }
        }
    }

    @Test
    fun `a buffer is read from its position to its limit`() {
        val room = ByteBuffer.allocateDirect(8).put("9${World.PIN}9".toByteArray())
        (room as java.nio.Buffer).position(1).limit(1 + World.PIN.length)
        world.token.setPin(room)
        world.token.lock()
        world.unlock()
        assertEquals(TokenState.Ready, world.token.state())
    }

    private companion object {
        const val CANARY = "canary-9f2c"
    }
}
