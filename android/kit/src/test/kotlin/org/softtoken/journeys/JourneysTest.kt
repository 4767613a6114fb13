package org.softtoken.journeys

import java.nio.file.Path
import java.util.concurrent.atomic.AtomicInteger
import kotlin.io.path.Path
import kotlin.io.path.absolute
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.nameWithoutExtension
import kotlin.io.path.readText
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.boolean
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.TestFactory
import org.softtoken.TokenException

/** Plays every journey of the repository; one test a file. The rules are in `tests/journeys/README.md`. */
class JourneysTest {
    @TestFactory
    fun journeys(): List<DynamicTest> {
        val filter = System.getenv("SOFTTOKEN_JOURNEY").orEmpty()
        val files = folder().listDirectoryEntries("*.json").sorted().filter { filter in it.nameWithoutExtension }
        check(files.isNotEmpty()) { "no journey in ${folder()} is called $filter" }
        return files.map { file -> DynamicTest.dynamicTest(file.nameWithoutExtension) { play(file) } }
    }

    private fun play(file: Path) {
        val journey = Json.parseToJsonElement(file.readText()).jsonObject
        try {
            Stage(journey).use { it.play(journey.getValue("steps").jsonArray.map { step -> step.jsonObject }) }
        } catch (wrong: Wrong) {
            throw AssertionError("${file.nameWithoutExtension}: ${journey["journey"]}\n${wrong.message}")
        }
        passed.incrementAndGet()
    }

    companion object {
        private val passed = AtomicInteger()

        @JvmStatic
        @AfterAll
        fun end() {
            println("journeys: kotlin $passed passed")
        }
    }
}

/** One journey being played. */
private class Stage(private val journey: JsonObject) : AutoCloseable {
    private val live = journey.getValue("live").jsonPrimitive.boolean
    private var clock = journey.getValue("clock").jsonPrimitive.long
    private val devices = LinkedHashMap<String, Device>()
    private val variables = HashMap<String, JsonElement>()

    fun play(steps: List<JsonObject>) {
        if (live) {
            val issuers = journey["issuers"] ?: obj("main" to obj())
            variables += Stand.call(obj("do" to "reset", "clock" to clock, "issuers" to issuers)).jsonObject
        }
        for ((at, step) in steps.withIndex()) {
            try {
                play(step)
            } catch (wrong: Wrong) {
                throw Wrong("  step ${at + 1}: $step\n  ${wrong.message}")
            }
        }
    }

    private fun play(step: JsonObject) {
        val (verb, arguments) = verbOf(step)
        val name = step["on"]?.jsonPrimitive?.content ?: "phone"
        val expected = step["error"]?.filled(variables)
        val result = try {
            act(name, verb, arguments.filled(variables).jsonObject).also {
                if (expected != null) throw Wrong("no error, but $it")
            }
        } catch (error: TokenException) {
            val got = view(error)
            if (expected == null) throw Wrong("error $got")
            difference(expected, got, "error")?.let { throw Wrong("$it\n  got $got") }
            got
        }
        step["expect"]?.filled(variables)?.let { wanted ->
            difference(wanted, result, "result")?.let { throw Wrong("$it\n  got $result") }
        }
        step["take"]?.jsonObject?.forEach { (name, path) ->
            variables[name] = result.part(path.jsonPrimitive.content) ?: throw Wrong("nothing at $path in $result")
        }
    }

    private fun act(name: String, verb: String, arguments: JsonObject): JsonElement {
        when (verb) {
            "issuer" -> return Stand.call(arguments)
            "pass" -> {
                val seconds = arguments.getValue("seconds").jsonPrimitive.long
                devices.values.forEach { it.clock.pass(seconds) }
                clock += seconds
                if (live) Stand.call(obj("do" to "pass", "seconds" to seconds))
                return JsonNull
            }
            "differ" -> {
                if (arguments["a"] == arguments["b"]) throw Wrong("both are ${arguments["a"]}")
                return JsonNull
            }
        }
        val device = devices.getOrPut(name) { Device(clock) }
        if (verb != "twice" && verb != "stale") return act(device, verb, Arguments(arguments))
        val (inner, its) = verbOf(arguments)
        if (verb == "stale") {
            device.beStale()
        } else {
            val ticket = device.ticket
            act(device, inner, Arguments(its))
            if (inner in answers) device.repeat(ticket)
        }
        return act(device, inner, Arguments(its))
    }

    private fun verbOf(step: JsonObject): Pair<String, JsonObject> {
        val (verb, arguments) = (step.entries.filter { it.key !in BESIDE }.singleOrNull() ?: throw Wrong("one verb"))
        return verb to arguments.jsonObject
    }

    override fun close() = devices.values.forEach(Device::close)
}

/** Where the journeys are. */
fun folder(): Path = System.getProperty("softtoken.journeys")?.let(::Path) ?: root().resolve("tests/journeys")

/** The repository. */
fun root(): Path = generateSequence(Path("").absolute()) { it.parent }.first { it.resolve("tests/journeys").exists() }

private val BESIDE = setOf("on", "expect", "error", "take", "note")
