package org.softtoken.journeys

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/** The journey itself is wrong, or was not fulfilled. */
class Wrong(message: String) : Exception(message)

/** This value with every text `$name` replaced by the variable. */
fun JsonElement.filled(variables: Map<String, JsonElement>): JsonElement = when (this) {
    is JsonPrimitive -> if (isString && content.startsWith("$")) {
        variables[content.drop(1)] ?: throw Wrong("no variable $content")
    } else {
        this
    }
    is JsonArray -> JsonArray(map { it.filled(variables) })
    is JsonObject -> JsonObject(mapValues { it.value.filled(variables) })
}

/** Where and how [got] is not what is expected; null when it is. */
fun difference(expected: JsonElement, got: JsonElement, at: String): String? = when {
    expected is JsonObject && got is JsonObject -> expected.firstNotNullOfOrNull { (name, wanted) ->
        val found = got[name] ?: return "$at.$name: there is no such field"
        difference(wanted, found, "$at.$name")
    }
    expected is JsonArray && got is JsonArray && expected.size == got.size ->
        expected.indices.firstNotNullOfOrNull { difference(expected[it], got[it], "$at.$it") }
    expected.shape() != null && got is JsonPrimitive && got.isString ->
        "$at: expected the shape ${expected.shape()}, got $got".takeUnless { hasShape(got.content, expected.shape()!!) }
    else -> "$at: expected $expected, got $got".takeIf { expected != got }
}

private fun JsonElement.shape(): String? =
    (this as? JsonPrimitive)?.takeIf { it.isString && it.content.startsWith("~") }?.content?.drop(1)

/** `9` stands for a digit, a last `*` for any rest, everything else for itself. */
private fun hasShape(text: String, shape: String): Boolean {
    val closed = shape.removeSuffix("*")
    val enough = if (closed != shape) text.length >= closed.length else text.length == closed.length
    return enough && closed.indices.all { if (closed[it] == '9') text[it] in '0'..'9' else text[it] == closed[it] }
}

/** The part at [path]: names of fields and places in lists between dots; `.` is the whole. */
fun JsonElement.part(path: String): JsonElement? = path.split('.').filter { it.isNotEmpty() }
    .fold(this as JsonElement?) { found, name ->
        when (found) {
            is JsonArray -> name.toIntOrNull()?.let { found.getOrNull(it) }
            is JsonObject -> found[name]
            is JsonPrimitive, null -> null
        }
    }

/** An object of these fields; see [json]. */
fun obj(vararg fields: Pair<String, Any?>): JsonObject = JsonObject(fields.associate { it.first to json(it.second) })

/** Numbers, truth values, texts and closed words (`snake_case`) as JSON. */
fun json(value: Any?): JsonElement = when (value) {
    null -> JsonNull
    is JsonElement -> value
    is Boolean -> JsonPrimitive(value)
    is UByte, is UShort, is UInt, is ULong -> JsonPrimitive(value.toString().toULong().toLong())
    is Number -> JsonPrimitive(value)
    is String -> JsonPrimitive(value)
    is Enum<*> -> JsonPrimitive(value.name.lowercase())
    is org.softtoken.SecretText -> JsonPrimitive(value.text)
    is List<*> -> JsonArray(value.map(::json))
    else -> throw Wrong("no JSON for ${value.javaClass.name}")
}
