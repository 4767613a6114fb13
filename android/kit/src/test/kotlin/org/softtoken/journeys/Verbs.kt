package org.softtoken.journeys

import java.util.Base64
import kotlin.io.path.div
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.softtoken.*
import org.softtoken.kit.HttpReply
import org.softtoken.kit.HttpTransport
import org.softtoken.kit.HttpTrouble

/** Arguments of a step, variables filled in. */
class Arguments(private val of: JsonObject) {
    private fun primitive(name: String) = (of[name] as? JsonPrimitive)?.takeUnless { it is JsonNull }

    operator fun contains(name: String) = name in of

    fun maybe(name: String): String? = primitive(name)?.content

    fun text(name: String): String = maybe(name) ?: throw Wrong("$name must be a text")

    fun number(name: String): Long? = primitive(name)?.let { it.content.toLongOrNull() ?: throw Wrong("$name: $it") }

    fun needed(name: String): Long = number(name) ?: throw Wrong("$name must be a number")

    fun isTrue(name: String) = maybe(name) == "true"

    fun bytes(name: String): ByteArray = Base64.getDecoder().decode(text(name))

    fun inner(name: String): Arguments? = (of[name] as? JsonObject)?.let(::Arguments)

    val id: String get() = text("id")
    val at: UnixTime? get() = number("at")?.toULong()

    fun typed() = TypedFields(
        maybe("address").orEmpty(), maybe("serial_number").orEmpty(), maybe("activation_code").orEmpty().secret(),
    )
}

/** Does what [verb] says, to [device]; the result as JSON. */
fun act(device: Device, verb: String, a: Arguments): JsonElement = when (verb) {
    "open" -> when {
        a.isTrue("second") -> nothing(device.openedAt(device.folder).close())
        a.isTrue("not_a_folder") -> {
            val file = device.folder / "a file"
            file.writeText("no folder")
            nothing(device.openedAt(file).close())
        }
        else -> opened(device)
    }
    "close" -> nothing(device.end())
    "kill" -> opened(device)
    "patch" -> nothing(patch(device, a))
    "jump" -> nothing(device.clock.jump(a.needed("seconds")))
    "reboot" -> nothing(device.clock.reboot())
    "lose_keys" -> nothing(device.keys.keys.clear())
    "device_key_fails" -> nothing(device.keys.failOnce(failure(a.text("error"))))
    "begin" -> begun(device, a)
    "resume" -> device.talkTo(device.token.resumeActivation(a.id))
    "contact" -> device.talkTo(device.token.beginContact(a.id, Wish.valueOf(a.text("wish").uppercase()), null))
    "deletion" -> device.talkTo(device.token.beginDeletion(a.id, null))
    "http" -> http(device, a)
    "step" -> device.step()
    "password" -> device.password(a.text("password"))
    "retry" -> device.retry()
    "consent" -> device.answer(ActivationInput.Consent(a.maybe("name")))
    "details" -> device.answer(ActivationInput.Details(a.typed()))
    in inputs -> device.answer(inputs.getValue(verb))
    else -> onToken(device, verb, a)
}

private fun onToken(device: Device, verb: String, a: Arguments): JsonElement {
    val token = device.token
    return when (verb) {
        "set_pin" -> nothing(a.lent("pin", token::setPin))
        "unlock" -> nothing(a.lent("pin", token::unlock))
        "change_pin" -> nothing(a.lent("old") { old -> a.lent("new") { token.changePin(old, it) } })
        "lock" -> nothing(token.lock())
        "forget_pin" -> nothing(token.forgetPin())
        "auto_lock" -> {
            a.number("seconds")?.let { token.setAutoLockAfter(it.toUInt()) }
            obj("seconds" to token.autoLockAfter())
        }
        "state" -> view(token.state())
        "status" -> view(token.status())
        "identities" -> json(token.identities().map(::view))
        "find" -> view(token.find(a.text("name")))
        "codes" -> view(token.codes(a.at))
        "next_code" -> view(token.nextCode(a.id))
        "respond" -> a.lent("otp_pin") { view(token.respond(a.id, a.text("challenge"), it, a.at)) }
        "resync" -> view(token.resyncCodes(a.id))
        "rename" -> view(token.rename(a.id, a.text("name")))
        "reorder" -> view(token.reorder(a.id, a.needed("position").toUInt()))
        "remove" -> nothing(token.remove(a.id))
        "deletions" -> json(token.pendingDeletions().map(::view))
        "policy" -> json(token.policyView(a.maybe("id")).map(::view))
        "clock_view" -> view(token.diagnoseClock())
        "events" -> json(token.eventLog().map(::view))
        "unlock_requests" -> json(token.unlockRequests().map(::view))
        "redeem" -> a.lent("code") { code ->
            val redeemed = a.lent("new_pin") { token.redeemUnlockCode(code, it) }
            obj("lost" to redeemed.lost, "untold" to redeemed.untold)
        }
        "takes_recovery_code" -> json(token.takesRecoveryCode())
        "recovery_code" -> obj("code" to token.recoveryCode())
        "acknowledge_recovery_code" -> nothing(token.acknowledgeRecoveryCode())
        "backup" -> {
            val file = a.lent("password", token::exportBackup)
            val leftOut = file.leftOut.map { obj("id" to it.id, "name" to it.name, "reason" to it.reason) }
            val bytes = Base64.getEncoder().encodeToString(file.bytes)
            obj("bytes" to bytes, "left_out" to leftOut, "identities" to file.identities)
        }
        "enable_biometrics" -> {
            val ask = token.beginBiometrics()
            nothing(device.keys.eval(ask.alias, ask.input).lend(token::enableBiometrics))
        }
        "unlock_with_biometric" -> {
            val ask = token.biometricRequest()
            val right = device.keys.eval(ask.alias, ask.input)
            val answer = if (a.isTrue("wrong")) ByteArray(32) { 7 } else right
            nothing(answer.lend(token::unlockWithBiometric))
        }
        "disable_biometrics" -> nothing(token.disableBiometrics())
        else -> throw Wrong("no verb $verb")
    }
}

private fun begun(device: Device, a: Arguments): JsonElement {
    val options = activationOptions(
        a.isTrue("offline"), a.number("digits")?.toUByte(), a.maybe("registration_code")?.secret(), a.maybe("device"),
    )
    a.inner("picture")?.let { return scanned(device, it, a.isTrue("still") || it.isTrue("still"), a, options) }
    val source = when {
        "text" in a -> ActivationSource.Text(a.text("text").secret())
        "file_text" in a -> ActivationSource.File(a.text("file_text").toByteArray())
        "file" in a -> ActivationSource.File(a.bytes("file"))
        "typed" in a -> ActivationSource.Typed(a.inner("typed")!!.typed())
        "typed_v1" in a -> ActivationSource.TypedV1(a.inner("typed_v1")!!.typed())
        "key" in a -> ActivationSource.Key(key(a.inner("key")!!))
        "mobile_pass" in a ->
            a.inner("mobile_pass")!!.let { ActivationSource.MobilePass(it.text("code").secret(), it.maybe("policy").orEmpty()) }
        else -> throw Wrong("no source")
    }
    return device.talkTo(device.token.beginActivation(source, options))
}

private fun scanned(device: Device, at: Arguments, still: Boolean, a: Arguments, options: ActivationOptions): JsonElement {
    val pick = a.number("pick")?.toUInt()
    val (width, height, stride) = listOf("width", "height", "stride").map { at.needed(it).toUInt() }
    val luma = directCopyOf(at.bytes("luma"))
    val token = device.token
    val seen = if (still) {
        token.scanPicture(width, height, stride, luma, pick, options)
    } else {
        token.scanFrame(width, height, stride, luma, pick, options)
    }
    return when (seen) {
        ScanResult.Nothing -> obj("scan" to "Nothing")
        is ScanResult.Several -> obj("scan" to "Several", "count" to seen.count)
        is ScanResult.Started -> device.talkTo(seen.activation)
    }
}

private fun key(a: Arguments) = TypedKey(
    a.text("key").secret(), a.maybe("issuer").orEmpty(), a.maybe("account").orEmpty(), a.number("digits")?.toUByte(),
    a.number("period")?.toUInt(), a.maybe("algorithm"), a.number("counter")?.toULong(),
)

private fun http(device: Device, a: Arguments): JsonElement {
    if (a.isTrue("again")) return device.replyAgain()
    a.number("status")?.let { return device.replied(HttpReply(it.toUShort(), a.maybe("body").orEmpty().toByteArray())) }
    a.maybe("problem")?.let { return device.replied(HttpTrouble(HttpProblem.valueOf(it.uppercase()))) }
    val waiting = { device.request() ?: throw Wrong("no request waits") }
    if (a.isTrue("unheard")) {
        runBlocking { transport.send(waiting()) }
        return device.step()
    }
    do {
        val result = device.replied(runBlocking { transport.send(waiting()) })
        if (a.isTrue("once") || device.request() == null) return result
    } while (true)
}

private fun patch(device: Device, a: Arguments) {
    val file = device.folder / "vault.db"
    val (offset, new) = a.needed("offset").toInt() to a.bytes("bytes")
    val bytes = file.readBytes()
    if (offset + new.size > bytes.size) throw Wrong("behind the end of the file")
    new.copyInto(bytes, offset)
    file.writeBytes(bytes)
}

private fun opened(device: Device): JsonElement {
    device.open()
    return view(device.token.state())
}

private fun failure(word: String) = when (word) {
    "transient" -> HookException.Transient()
    "user_cancelled" -> HookException.UserCancelled()
    "unsupported" -> HookException.Unsupported()
    else -> throw Wrong("no failure $word")
}

/** The text called [name], or nothing, as UTF-8. */
private inline fun <T> Arguments.lent(name: String, block: (java.nio.ByteBuffer) -> T): T =
    maybe(name).orEmpty().toByteArray().lend(block)

private fun nothing(@Suppress("UNUSED_PARAMETER") done: Unit): JsonElement = JsonNull

private val transport = HttpTransport(java.time.Duration.ofSeconds(60))

/** Answers to a state that have no payload. */
private val inputs = mapOf(
    "decline" to ActivationInput.Decline,
    "pin_ready" to ActivationInput.PinReady,
    "continue_offline" to ActivationInput.ContinueOffline,
    "confirmed" to ActivationInput.Confirmed,
    "cancel" to ActivationInput.Cancel,
    "poll" to ActivationInput.Poll,
    "browser_returned" to ActivationInput.BrowserReturned,
    "browser_dismissed" to ActivationInput.BrowserDismissed,
)

/** Verbs that carry the ticket of a state. */
val answers = inputs.keys + setOf("password", "retry", "consent", "details")
