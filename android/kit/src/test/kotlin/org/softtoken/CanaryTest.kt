package org.softtoken

import java.util.IdentityHashMap
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.softtoken.kit.PinPad
import org.softtoken.kit.World

/** Seeds, PINs and codes are in no text that somebody could print or log. */
class CanaryTest {
    private val world = World()
    private val pin = "83051964"

    @AfterEach
    fun end() = world.close()

    @Test
    fun `nothing that the library gives prints a secret`() {
        world.setPin(pin)
        val begun = world.token.beginActivation(ActivationSource.Text(World.LINK.secret()), activationOptions())
        val texts = ArrayList<Any?>()
        begun.use {
            texts.addAll(listOf(it, it.step(), ActivationSource.Text(World.LINK.secret())))
            texts.add(it.advance(it.step().ticket, ActivationInput.Consent(null)))
        }
        val sheet = world.token.codes(null)
        texts.addAll(
            listOf(
                sheet, world.token, world.token.state(), world.token.status(), world.token.identities(),
                world.token.recoveryCode(), world.token.eventLog(), world.log, world.hooks,
            ),
        )
        world.token.lock()
        texts.add(runCatching { "12345678".toByteArray().lend(world.token::unlock) }.exceptionOrNull()?.stackTraceToString())
        texts.add(runCatching { world.token.codes(null) }.exceptionOrNull()?.stackTraceToString())
        val printed = texts.joinToString("\n")
        val codes = sheet.codes.mapNotNull { it.code?.text }
        assertEquals(1, codes.size)
        for (secret in codes + listOf(World.SEED, pin, "12345678")) assertFalse(printed.contains(secret), "a secret")
        assertTrue(printed.contains("SecretText"))
    }

    @Test
    fun `no object that stays alive holds a PIN or a seed`() {
        world.setPin(pin)
        world.add()
        world.token.lock()
        world.unlock(pin)
        val pad = PinPad(12)
        pin.forEach { pad.append(it.digitToInt()) }
        pad.clear()
        val reached = reachable(listOf(world.token, world.hooks, world.core, world.texts, world.log, pad))
        assertTrue(reached.size > 50, "only ${reached.size} objects")
        for (text in reached.filterIsInstance<CharSequence>()) {
            assertFalse(text.contains(pin) || text.contains(World.SEED), "a secret in a text")
        }
        for (bytes in reached.filterIsInstance<ByteArray>()) {
            val text = String(bytes, Charsets.ISO_8859_1)
            assertFalse(text.contains(pin) || text.contains(World.SEED), "a secret in bytes")
        }
        assertTrue("canary-in-a-field" in reachable(listOf(Holder("canary-in-a-field"))), "the search finds fields")
    }

    @Suppress("unused")
    private class Holder(private val text: String)

    /** Everything that can be reached by fields of our own classes, lists, maps and arrays. */
    private fun reachable(from: List<Any>): Set<Any> {
        val seen = IdentityHashMap<Any, Boolean>()
        val left = ArrayDeque(from)
        val texts = HashSet<Any>()
        while (left.isNotEmpty()) {
            val here = left.removeFirst()
            if (seen.put(here, true) != null) continue
            texts.add(if (here is CharSequence) here.toString() else here.takeIf { it is ByteArray } ?: IdentityKey(here))
            when (here) {
                // A path is a list of new paths.
                is java.nio.file.Path -> Unit
                is Iterable<*> -> left.addAll(here.filterNotNull())
                is Map<*, *> -> left.addAll(here.keys.filterNotNull() + here.values.filterNotNull())
                is Array<*> -> left.addAll(here.filterNotNull())
            }
            if (!here.javaClass.name.startsWith("org.softtoken")) continue
            generateSequence<Class<*>>(here.javaClass) { it.superclass }.takeWhile { it.name.startsWith("org.softtoken") }
                .flatMap { it.declaredFields.asSequence() }
                .filter { !java.lang.reflect.Modifier.isStatic(it.modifiers) }
                .forEach { field ->
                    field.isAccessible = true
                    field.get(here)?.let(left::add)
                }
        }
        return texts
    }

    private class IdentityKey(private val of: Any) {
        override fun equals(other: Any?) = other is IdentityKey && other.of === of

        override fun hashCode() = System.identityHashCode(of)
    }
}
