package org.softtoken.kit

import java.util.Locale
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.extension
import kotlin.io.path.readText
import kotlin.io.path.walk
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.softtoken.*
import org.softtoken.journeys.root
import org.softtoken.journeys.view

class TextsTest {
    private val rows = Json.parseToJsonElement(root().resolve("tests/journeys/texts/errors.json").readText()).jsonArray

    @Test
    fun `every row of the shared table is said in both languages`() {
        for (row in rows.map { it.jsonObject }) {
            val error = error(row.getValue("error").jsonObject)
            assertEquals(null, org.softtoken.journeys.difference(row.getValue("error"), view(error), "error"))
            for (language in Texts.languages) {
                val said = Texts.load(Locale.forLanguageTag(language)).of(error)
                assertEquals(row.getValue(language).jsonPrimitive.content, said, "${row["error"]}")
            }
        }
        println("texts: kotlin ${rows.size} rows in ${Texts.languages.size} languages")
    }

    @Test
    fun `the table has every error`() {
        val kinds = rows.map { it.jsonObject.getValue("error").jsonObject.getValue("kind").jsonPrimitive.content }.toSet()
        assertEquals(TokenException::class.java.declaredClasses.map { it.simpleName }.toSet() - "ErrorHandler", kinds)
    }

    @Test
    fun `both languages have the same keys, and the same placeholders in each`() {
        val (english, german) = Texts.languages.map(::lines)
        assertEquals(english.keys, german.keys)
        for ((key, text) in english) assertEquals(holes(text), holes(german.getValue(key)), key)
        for (key in english.keys.filter { it.endsWith(".one") && it.replace(".one", ".other") in english }) {
            assertTrue(english.getValue(key.replace(".one", ".other")).contains("{count}"), key)
        }
    }

    @OptIn(ExperimentalPathApi::class)
    @Test
    fun `each key that the code names is there`() {
        val known = lines("en").keys
        val sources = root().resolve("android/kit/src/main").walk().filter { it.extension == "kt" }
        val whole = Regex("text\\(\\s*\"([a-z_.]+)\"")
        val forms = Regex("plural\\(\"([a-z_.]+)\"")
        val literals = Regex("\"((?:error|codes|lock|activation)\\.[a-z_.]+)\"")
        var seen = 0
        for (source in sources.map { it.readText() }) {
            val plurals = forms.findAll(source).map { it.groupValues[1] }.toList() + LEFT
            (whole.findAll(source) + literals.findAll(source)).map { it.groupValues[1] }.forEach { key ->
                seen++
                val prefix = key.endsWith('.') && known.any { it.startsWith(key) }
                assertTrue(key in known || prefix || (key in plurals && "$key.other" in known), key)
            }
        }
        assertTrue(seen > 40, "only $seen keys")
        val words = Part.entries.map { "part." to it } + Problem.entries.map { "problem." to it } +
            Needed.entries.map { "error.input_needed." to it }
        for ((prefix, word) in words) assertTrue(prefix + word.name.lowercase() in known, "$prefix$word")
    }

    @Test
    fun `plurals and placeholders are filled in`() {
        val german = Texts.load(Locale.GERMANY)
        assertEquals("Falsche PIN. Ein Versuch bleibt.", german.of(TokenException.WrongPin(1u)))
        assertEquals("Falsche PIN. 4 Versuche bleiben.", german.of(TokenException.WrongPin(4u)))
        val texts = Texts(mapOf("a" to "{x} and {y}", "b.one" to "one", "b.other" to "{count}"))
        assertEquals("{y} and 2", texts.text("a", "x" to "{y}", "y" to 2))
        assertEquals("{x} and {y}", texts.text("a"))
        assertEquals("one", texts.plural("b", 1))
        assertEquals("0", texts.plural("b", 0))
        assertEquals("missing.key", texts.text("missing.key"))
    }

    @Test
    fun `a language that is not there is English`() {
        assertEquals(lines("en").getValue("app.ok"), Texts.load(Locale.JAPAN).text("app.ok"))
    }

    private fun lines(language: String): Map<String, String> = root()
        .resolve("android/kit/src/main/resources/org/softtoken/kit/texts_$language.properties").readText().lines()
        .filter { it.isNotBlank() && !it.startsWith("#") }.associate { it.substringBefore('=') to it.substringAfter('=') }

    private fun holes(text: String) = Regex("\\{([a-z_]+)\\}").findAll(text).map { it.groupValues[1] }.toSet() - "count"

    private companion object {
        /** Plurals with a form for none. */
        val LEFT = listOf("error.wrong_pin", "error.wrong_unlock_code")
    }
}

/** The error that a row of the table names. */
private fun error(row: JsonObject): TokenException {
    fun text(name: String) = row.getValue(name).jsonPrimitive.content
    fun number(name: String) = (row[name] as? JsonPrimitive)?.takeUnless { it is JsonNull }?.content?.toUInt()
    fun <T : Enum<T>> word(name: String, values: List<T>) = values.first { it.name.lowercase() == text(name) }
    return when (text("kind")) {
        "ActivationPending" -> TokenException.ActivationPending(text("id"))
        "DeviceKeyFailed" -> TokenException.DeviceKeyFailed(word("problem", DeviceKeyProblem.entries))
        "InputNeeded" -> TokenException.InputNeeded(word("what", Needed.entries))
        "NameTaken" -> TokenException.NameTaken(text("suggestion"))
        "NotUnderstood" -> TokenException.NotUnderstood(
            word("part", Part.entries), word("problem", Problem.entries), number("position"),
        )
        "NotYet" -> TokenException.NotYet(word("feature", Feature.entries))
        "PinRefused" -> TokenException.PinRefused(
            when (text("problem")) {
                "too_short" -> PinProblem.TooShort(number("min")!!.toUByte())
                "too_long" -> PinProblem.TooLong(number("max")!!.toUByte())
                "not_digits" -> PinProblem.NotDigits
                "repeated" -> PinProblem.Repeated
                "run" -> PinProblem.Run
                "date" -> PinProblem.Date
                "pattern" -> PinProblem.Pattern
                "common" -> PinProblem.Common
                else -> PinProblem.Mismatch
            },
        )
        "ServerRefused" -> TokenException.ServerRefused(number("status")!!.toUShort())
        "Stopped" -> TokenException.Stopped(word("why", StopReason.entries), number("since")!!.toULong())
        "Unsupported" -> TokenException.Unsupported(word("what", UnsupportedKind.entries))
        "Untrusted" -> TokenException.Untrusted(word("what", UntrustedKind.entries))
        "VaultFile" -> TokenException.VaultFile(word("problem", FileProblem.entries))
        "VaultTooNew" -> TokenException.VaultTooNew(number("found")!!, number("known")!!)
        "VerificationOpen" -> TokenException.VerificationOpen(word("verification", VerificationKind.entries))
        "VerificationRefused" -> TokenException.VerificationRefused(
            word("verification", VerificationKind.entries), word("reason", VerificationRefusal.entries),
        )
        "WrongPassword" -> TokenException.WrongPassword(number("tries_left"))
        "WrongPin" -> TokenException.WrongPin(number("attempts_left")!!)
        "WrongUnlockCode" -> TokenException.WrongUnlockCode(number("tries_left")!!)
        else -> TokenException::class.java.declaredClasses.first { it.simpleName == text("kind") }
            .getDeclaredConstructor().newInstance() as TokenException
    }
}
