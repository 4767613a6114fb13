"""The fixed inputs of tests/vectors/activation_v2.json; activation_v2.py computes the rest."""
import base64, hashlib

# The two public keys of RFC 7748 section 6.1, so that a later handshake can use their private halves.
KEYS = ("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
        "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
LONG_ADDRESS = "a" * 20 + "." + "b" * 20 + "." + "c" * 11 + ".test:12345"


def some(label):
    """Sixteen bytes that look random and are not."""
    return hashlib.sha256(label.encode()).hexdigest()[:32]


def link(label, mode, flags, serial, profile, expiry, address, link_host="go.example.test", key=0):
    return {"label": label, "mode": mode, "flags": flags, "activation_id_hex": some(label + " id"),
            "secret_hex": some(label + " S"), "issuer_key_hex": KEYS[key], "serial": serial,
            "algorithm": profile[0], "digits": profile[1], "period": profile[2], "expiry": expiry,
            "address": address, "link_host": link_host}


def unlock(label, recovery_key, reset_code, address, serial):
    return {"label": label, "recovery_key_hex": recovery_key.hex(), "reset_code": reset_code, "address": address,
            "serial": serial}


def fixed_inputs(link_row, with_check_digit):
    links = [
        link("link, SHA-1, 6 digits", 1, 0, "4824413456", (1, 6, 30), 1893456000, "idp.example.test"),
        link("link, confirmed in the portal, SHA-256", 1, 2, "1002003000", (2, 8, 30), 1893456000,
             "idp.example.test:8443", key=1),
        link("link whose offline flag has no effect", 1, 1, "4824413456", (2, 8, 30), 1, "idp.example.test"),
        link("QR code, online only", 2, 0, "4824413456", (2, 6, 60), 1893456000, "xn--bcher-kva.example"),
        link("QR code, offline allowed", 2, 1, "4824413456", (2, 8, 30), 1893456000, "idp.example.test"),
        link("QR code, both flags, SHA-512, 10 digits", 2, 3, with_check_digit("999999999"), (3, 10, 45),
             1893456000, "[2001:db8::7]:8443", "idp.example.test:8443"),
        link("QR code, all fields at their largest", 2, 3, with_check_digit("999999998"), (3, 10, 65535),
             4294967295, LONG_ADDRESS, key=1),
        link("QR code, all fields at their smallest", 2, 1, "0000000000", (1, 6, 1), 1, "a"),
        link("QR code of a local issuer", 2, 1, "1002003000", (1, 9, 30), 1893456000, "127.0.0.1:8080",
             "localhost:8080"),
    ]
    good = bytes.fromhex(link_row(links[4])["payload_hex"])

    def text(data, before="https://go.example.test/a#2."):
        return before + base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    def changed(at, new):
        return text(good[:at] + bytes.fromhex(new) + good[at + len(new) // 2:])

    plain = text(good)
    refused = {
        "another page": text(good, "https://go.example.test/b#2."),
        "a folder instead of the page": text(good, "https://go.example.test/a/#2."),
        "plain http": text(good, "http://go.example.test/a#2."),
        "a user name before the host": text(good, "https://idp.example.test@go.example.test/a#2."),
        "another host of the app's scheme": text(good, "softtoken://b#2."),
        "no version": text(good, "softtoken://a#"),
        "a query": text(good, "https://go.example.test/a?utm=1#2."),
        "a later version": text(good, "softtoken://a#3."),
        "too long a text": plain + "A" * 2048,
        "padded Base64": text(good + b"a") + "==",
        "standard Base64 alphabet": plain[:60] + "+" + plain[61:],
        "leftover bits": text(good + b"a")[:-1] + "R",
        "an impossible Base64 length": plain + "A",
        "no payload": "softtoken://a#2.",
        "version 3 inside": changed(0, "03"),
        "mode 0": changed(1, "00"),
        "mode 3": changed(1, "03"),
        "flag bit 2": changed(2, "05"),
        "issuer key zero": changed(35, "00" * 32),
        "issuer key one, top bit set": changed(35, "01" + "00" * 30 + "80"),
        "issuer key p": changed(35, "ed" + "ff" * 30 + "7f"),
        "serial number of eleven digits": changed(67, "02540be400"),
        "serial number with two digits swapped": changed(67, f"{4824431456:010x}"),
        "serial number with a wrong digit": changed(67, f"{4824413457:010x}"),
        "algorithm 0": changed(72, "00"),
        "algorithm 4": changed(72, "04"),
        "5 digits": changed(73, "05"),
        "11 digits": changed(73, "0b"),
        "period 0": changed(74, "0000"),
        "expiry 0": changed(76, "00000000"),
        "cut inside the fixed part": text(good[:79]),
        "no address": text(good[:80]),
        "upper case in the address": changed(80, "49"),
        "the default port in the address": text(good + b":443"),
        "a scheme in the address": text(good[:80] + b"https://" + good[80:]),
        "a byte behind the address": text(good + b"\x00"),
        "an address of 65 characters": text(good[:80] + b"a" + LONG_ADDRESS.encode()),
    }
    offline = {row["label"]: {**row, **link_row(row)} for row in links}
    qr = lambda name, form, password, code, time: {
        "label": name, "link": offline[name][form], "password": password,
        "registration_code": with_check_digit(code), "time": time}
    typed = lambda label, address, serial, code, registration_code, time: {
        "label": label, "address": address, "serial": serial, "activation_code": code,
        "registration_code": registration_code, "time": time}
    return {
        "addresses": [{"label": label, "typed": text} for label, text in {
            "as it is stored": "idp.example.test",
            "as it is copied from a browser": " HTTPS://IDP.Example.TEST/ ",
            "the default port is left out": "idp.example.test:443",
            "another port stays": "https://idp.example.test:8443",
            "Unicode becomes A-labels": "Bücher.example:8443",
            "non-transitional": "straße.example",
            "A-labels stay": "xn--bcher-kva.example",
            "IPv4": "192.0.2.7",
            "IPv6 is compressed": "[2001:0DB8:0:0::7]:8443",
            "plain http to this machine": "http://localhost",
            "plain http to this machine by number": "http://127.0.0.1:8080",
            "64 characters": LONG_ADDRESS,
        }.items()],
        "addresses_refused": [{"label": label, "typed": text} for label, text in {
            "nothing": " ",
            "only a scheme": "https://",
            "plain http to elsewhere": "http://idp.example.test",
            "another scheme": "ftp://idp.example.test",
            "a path": "https://idp.example.test/igst",
            "a user name": "me@idp.example.test",
            "an underscore": "idp_1.example.test",
            "an empty label": "idp..example.test",
            "a final dot": "idp.example.test.",
            "a hyphen at the end of a label": "idp-.example.test",
            "port 0": "idp.example.test:0",
            "port 65536": "idp.example.test:65536",
            "a port with a leading zero": "idp.example.test:0443",
            "no port after the colon": "idp.example.test:",
            "a port that is no number": "idp.example.test:https",
            "a number that is no IPv4 address": "192.0.2",
            "IPv4 with a leading zero": "192.0.2.07",
            "broken IPv6": "[2001:db8::7::1]",
            "text behind IPv6": "[2001:db8::7]x",
            "a broken A-label": "xn--a.example",
            "65 characters": "a" + LONG_ADDRESS,
        }.items()],
        "links": links,
        "links_refused": [{"label": label, "text": value} for label, value in refused.items()],
        "offline_typed": [
            typed("grouped codes", "idp.example.test", "48244-13456", "1745-7712-6942-8698", "12211-49352", 1893456000),
            typed("leading zeros everywhere", "idp.example.test", "0000000000", "0000-0000-0000-0018",
                  with_check_digit("000000000"), 59),
            typed("address in another spelling, with port", "HTTPS://IDP.Example.test:8443/", "10020-03000",
                  "9999-9999-9999-9995", with_check_digit("999999999"), 1893456029),
            typed("the same with the other port", "idp.example.test", "10020-03000", "9999-9999-9999-9995",
                  with_check_digit("999999999"), 1893456029),
        ],
        "offline_qr": [
            qr("QR code, offline allowed", "https", "54998317", "122114935", 1893456000),
            qr("QR code, both flags, SHA-512, 10 digits", "app", "00000042", "000000001", 1893456000),
            qr("QR code, all fields at their largest", "app", "99999999", "999999999", 4294967295),
            qr("QR code, all fields at their smallest", "https", "00000000", "000000000", 1),
            qr("QR code of a local issuer", "app", "12345678", "314159265", 1893456000),
        ],
        "unlock_codes": [
            unlock("an even count of hexadecimal digits", bytes(range(32)), with_check_digit("41523367"),
                   "idp.example.test", "4824413456"),
            unlock("an odd count of hexadecimal digits", bytes(range(32)), with_check_digit("99999999"),
                   "idp.example.test", "4824413456"),
            unlock("all digits zero", bytes(range(32)), with_check_digit("00000000"), "idp.example.test",
                   "0000000000"),
            unlock("leading zeros", b"\xff" * 32, with_check_digit("00000042"), "idp.example.test", "1002003000"),
            unlock("another serial number", bytes(range(32)), with_check_digit("41523367"), "idp.example.test",
                   "1002003000"),
            unlock("another address", bytes(range(32)), with_check_digit("41523367"), "idp.example.test:8443",
                   "4824413456"),
            unlock("an internationalised address", b"\x5a" * 32, with_check_digit("12345678"),
                   "xn--bcher-kva.example", "4824413456"),
            unlock("the longest address", b"\x00" * 32, with_check_digit("87654321"), LONG_ADDRESS, "4824413456"),
        ],
        "unlock_codes_refused": [{"label": label, "text": text} for label, text in {
            "nothing": " - ",
            "the check character is missing": "0000-0000-0000",
            "one character too many": "0000-0000-0000-00",
            "a letter that Crockford left out": "0000-U000-0000-0",
            "a sign": "0000-0000-000*-0",
            "a wrong check character": "0000-0000-0000-1",
            "two neighbours swapped": "0000-0000-0021-V",
        }.items()],
    }
