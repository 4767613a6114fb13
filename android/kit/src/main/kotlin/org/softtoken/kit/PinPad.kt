package org.softtoken.kit

import java.nio.ByteBuffer
import org.softtoken.wipe

/**
 * The bytes of an own key pad. They are in one direct buffer that the library borrows, and nowhere else: a text
 * field would keep copies that nobody can wipe. Belongs to the thread of the screen.
 */
class PinPad(most: Int) {
    private val bytes = ByteBuffer.allocateDirect(most)

    /** How many digits there are: all that a screen shows. */
    var length = 0
        private set

    /** One more digit, 0 to 9. False when it is full. */
    fun append(digit: Int): Boolean {
        require(digit in 0..9) { "a digit" }
        if (length == bytes.capacity()) return false
        bytes.put(length++, ('0'.code + digit).toByte())
        return true
    }

    /** Takes the last digit back. */
    fun deleteLast() {
        if (length > 0) bytes.put(--length, 0)
    }

    /** Wipes all. */
    fun clear() {
        bytes.wipe()
        length = 0
    }

    /** What was typed, as the library borrows it; true until the next change. */
    internal fun lent(): ByteBuffer {
        val lent = bytes.duplicate()
        (lent as java.nio.Buffer).limit(length)
        return lent
    }

    /** True when both hold the same digits. */
    internal fun isSameAs(other: PinPad): Boolean =
        length == other.length && (0 until length).all { bytes.get(it) == other.bytes.get(it) }

    /** Takes the other's digits over; the other is wiped. */
    internal fun takeFrom(other: PinPad) {
        clear()
        for (place in 0 until other.length) bytes.put(place, other.bytes.get(place))
        length = other.length
        other.clear()
    }

    override fun toString(): String = "PinPad"
}
