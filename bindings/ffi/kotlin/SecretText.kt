package org.softtoken

/**
 * A text that must not be printed: a code, a link, a typed secret.
 *
 * Part of the bindings: the generated records hold it wherever the library says `SecretText`, so that no
 * `toString` of a data class, no log line and no exception shows what is inside. [text] is for the screen.
 */
class SecretText(val text: String) {
    override fun equals(other: Any?): Boolean = other is SecretText && other.text == text

    override fun hashCode(): Int = text.hashCode()

    override fun toString(): String = "SecretText"
}
