package org.softtoken

import java.nio.ByteBuffer
import java.time.Duration
import java.time.Instant

/*
 * What makes the generated surface pleasant in Kotlin. No rules are here: each function turns one type into
 * another, or wipes a copy that the caller would have forgotten.
 *
 * The library borrows PINs, passwords, unlock codes and camera pictures from direct buffers, from position to limit; a heap
 * buffer is refused with an IllegalArgumentException.
 */

/** A direct buffer without content: what `redeemUnlockCode` and `respond` take for "none". */
fun emptyBuffer(): ByteBuffer = ByteBuffer.allocateDirect(0)

/** A direct copy of [length] bytes from [offset]; [wipe] it after use when they are secret. */
fun directCopyOf(bytes: ByteArray, offset: Int = 0, length: Int = bytes.size - offset): ByteBuffer {
    val copy = ByteBuffer.allocateDirect(length)
    copy.duplicate().put(bytes, offset, length)
    return copy
}

/** Overwrites all of a buffer, wherever its position and limit are. */
fun ByteBuffer.wipe() {
    val all = duplicate()
    // By its superclass: Android before API 34 has no such verb of ByteBuffer's own.
    (all as java.nio.Buffer).clear()
    while (all.hasRemaining()) all.put(0)
}

/** Hands over a direct copy of these bytes, which is wiped when [block] ends, also by an exception. */
inline fun <T> ByteArray.lend(block: (ByteBuffer) -> T): T {
    val copy = directCopyOf(this)
    try {
        return block(copy)
    } finally {
        copy.wipe()
    }
}

/**
 * Hands over these characters as UTF-8 in a direct buffer, which is wiped when [block] ends. The characters are
 * the caller's own to wipe: a `CharArray` can be, a `String` cannot.
 */
inline fun <T> CharArray.lend(block: (ByteBuffer) -> T): T {
    val bytes = utf8Of(this)
    try {
        return block(bytes)
    } finally {
        bytes.wipe()
    }
}

/** The characters as UTF-8 in a direct buffer, without a copy anywhere else. */
@PublishedApi
internal fun utf8Of(characters: CharArray): ByteBuffer {
    val room = ByteBuffer.allocateDirect(characters.size * MAX_UTF8_OF_A_CHARACTER)
    Charsets.UTF_8.newEncoder()
        .onMalformedInput(java.nio.charset.CodingErrorAction.REPLACE)
        .encode(java.nio.CharBuffer.wrap(characters), room, true)
    (room as java.nio.Buffer).flip()
    return room
}

/** This text, held so that nothing prints it. */
fun String.secret(): SecretText = SecretText(this)

/** Whole seconds since 1970, as the token counts; before 1970 is 0. */
fun Instant.toUnixTime(): UnixTime = epochSecond.coerceAtLeast(0).toULong()

/** The moment that a `UnixTime` names. */
fun unixInstant(time: UnixTime): Instant = Instant.ofEpochSecond(time.toLong())

/** How long it is from [now] to this time; zero when it has passed. */
fun UnixTime.since(now: UnixTime): Duration = Duration.ofSeconds(if (this > now) (this - now).toLong() else 0)

/** How long a state asks to wait: `retryAfter` of `Waiting`, `Verify` and `Locked`. */
fun secondsAsDuration(seconds: UInt): Duration = Duration.ofSeconds(seconds.toLong())

/** What `Content-Type` a request is sent with; null for a GET, which has no body. */
val HttpKind.contentType: String?
    get() = when (this) {
        HttpKind.CARD -> null
        HttpKind.OPEN, HttpKind.SEALED -> "application/octet-stream"
    }

/** GET or POST. */
val HttpKind.method: String
    get() = if (contentType == null) "GET" else "POST"

/** No wishes: online where the activation can be, the digits that it names. */
fun activationOptions(
    offline: Boolean = false,
    digits: UByte? = null,
    registrationCode: SecretText? = null,
    device: String? = null,
): ActivationOptions = ActivationOptions(offline, digits, registrationCode, device)

private const val MAX_UTF8_OF_A_CHARACTER = 3
