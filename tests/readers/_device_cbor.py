"""The maps of core/PROTOCOL.md, section 7.3: CBOR (RFC 8949) of definite length, unsigned numbers as keys."""

from _device_values import Refused, require

UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE = range(8)


def head(major: int, value: int) -> bytes:
    """A head in its shortest form."""
    if value < 24:
        return bytes([major << 5 | value])
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 1 << 8 * size:
            return bytes([major << 5 | code]) + value.to_bytes(size, "big")
    raise ValueError("more than 64 bits")


def write_value(value) -> bytes:
    if isinstance(value, bool):
        return head(SIMPLE, 21 if value else 20)
    if isinstance(value, int):
        return head(UNSIGNED, value)
    if isinstance(value, bytes):
        return head(BYTES, len(value)) + value
    text = value.encode()
    return head(TEXT, len(text)) + text


def write_map(fields: dict) -> bytes:
    """The map of `fields` behind key 0, its version; keys in the order given."""
    fields = {0: 1, **fields}
    return head(MAP, len(fields)) + b"".join(head(UNSIGNED, key) + write_value(value) for key, value in fields.items())


def read_head(data: bytes, at: int) -> tuple[int, int | None, int]:
    """Major type, value (None: of indefinite length, or the break that ends it) and the place behind them."""
    require(at < len(data), "map: ends early")
    major, info = data[at] >> 5, data[at] & 31
    if info < 24:
        return major, info, at + 1
    if info == 31:
        require(major in (BYTES, TEXT, ARRAY, MAP, SIMPLE), "map: indefinite length")
        return major, None, at + 1
    require(info < 28, "map: reserved")
    end = at + 1 + (1 << info - 24)
    require(end <= len(data), "map: ends early")
    return major, int.from_bytes(data[at + 1 : end], "big"), end


def read_value(data: bytes, at: int) -> tuple[object, int]:
    """One value of the types that the tables have, and the place behind it; anything else comes back as None."""
    start = data[at : at + 1]
    major, value, end = read_head(data, at)
    if major == UNSIGNED:
        return value, end
    if major in (BYTES, TEXT) and value is not None:
        piece = data[end : end + value]
        require(len(piece) == value, "map: ends early")
        return (piece if major == BYTES else as_text(piece)), end + value
    if start in (b"\xf4", b"\xf5"):
        return start == b"\xf5", end
    return None, skip(data, at)


def skip(data: bytes, at: int) -> int:
    """The place behind a value of any kind. `waiting`: how many more each open one has; None: until a break."""
    waiting = [1]
    while waiting:
        major, value, at = read_head(data, at)
        if major == SIMPLE and value is None:
            require(waiting.pop() is None, "map: break")
        else:
            if major in (BYTES, TEXT) and value is not None:
                at += value
                require(at <= len(data), "map: ends early")
            if waiting[-1] is not None:
                waiting[-1] -= 1
            if value is None:
                waiting.append(None)
            elif major in (ARRAY, MAP, TAG):
                waiting.append({ARRAY: value, MAP: 2 * value, TAG: 1}[major])
        while waiting and waiting[-1] == 0:
            waiting.pop()
    return at


def as_text(piece: bytes) -> str:
    try:
        return piece.decode()
    except UnicodeDecodeError:
        raise Refused("map: text is not UTF-8") from None


def read_map(data: bytes, table: dict[int, type], optional: dict[int, type] | None = None) -> dict:
    """The fields of `table`, which must be there, and of `optional`; unknown keys are skipped."""
    known = {0: int, **table, **(optional or {})}
    major, count, at = read_head(data, 0)
    require(major == MAP and count is not None, "map: not a map of definite length")
    fields = {}
    for _ in range(count):
        key_major, key, at = read_head(data, at)
        require(key_major == UNSIGNED, "map: a key is no unsigned number")
        if key not in known:
            at = skip(data, at)
        else:
            value, at = read_value(data, at)
            require(key not in fields, f"map: key {key} twice")
            require(type(value) is known[key], f"map: key {key} has another type")
            fields[key] = value
    require(at == len(data), "map: bytes behind it")
    require(fields.get(0) == 1, "map: version")
    require(all(key in fields for key in table), "map: a key is missing")
    return fields
