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


}
