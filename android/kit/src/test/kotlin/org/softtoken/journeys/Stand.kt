package org.softtoken.journeys

import java.net.HttpURLConnection
import java.net.URI
import kotlin.io.path.Path
import kotlin.io.path.exists
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement

/** The program that plays the issuers; one serves the whole run, and ends when this process does. */
object Stand {
    private val process: Process by lazy {
        val program = System.getProperty("softtoken.stand") ?: root().resolve("target/debug/softtoken-stand").toString()
        check(Path(program).exists()) { "live journeys need -Dsofttoken.stand=PATH of softtoken-stand" }
        // Its standard input stays open until then.
        ProcessBuilder(program).redirectError(ProcessBuilder.Redirect.INHERIT).start()
    }
    private val address: String by lazy {
        process.inputStream.bufferedReader().readLine()?.removePrefix("stand ") ?: throw Wrong("the stand ended")
    }

    /** One control call; what the stand refuses is a mistake of the journey. */
    fun call(call: JsonElement): JsonElement {
        val connection = URI("$address/control").toURL().openConnection() as HttpURLConnection
        connection.requestMethod = "POST"
        connection.doOutput = true
        connection.setRequestProperty("Content-Type", "application/json")
        connection.outputStream.use { it.write(call.toString().toByteArray()) }
        val status = connection.responseCode
        val stream = if (status == OK) connection.inputStream else connection.errorStream
        val answer = stream?.use { it.readBytes().decodeToString() }.orEmpty()
        if (status != OK) throw Wrong("the stand: $answer")
        return Json.parseToJsonElement(answer)
    }

    private const val OK = 200
}
