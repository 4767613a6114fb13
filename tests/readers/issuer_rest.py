#!/usr/bin/env python3
"""The reference issuer's REST interface against its OpenAPI document, by schemathesis (PyPI).

Every operation is called with generated requests, good and bad, with a seed that never changes; no answer may
be a 5xx, differ from the document, take what the document forbids or refuse what it allows.
"""
import os, pathlib, subprocess, sys, tempfile

sys.dont_write_bytecode = True

from _issuer import Issuer

SEED, EXAMPLES = "20260101", "40"
# A well-formed value may still be the wrong code, or of a token in another state, which the document says.
CONFIGURATION = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "401", "403", "404", "409", "410", "429"]
"""


def main():
    with tempfile.TemporaryDirectory() as folder, Issuer(folder) as issuer:
        ids = [issuer.user_with_token(name) for name in ("anna", "ben")]
        users, tokens = zip(*ids)
        configuration = pathlib.Path(folder) / "schemathesis.toml"
        configuration.write_text(CONFIGURATION)
        command = [str(pathlib.Path(sys.executable).parent / "schemathesis"), "--config-file", str(configuration),
                   "run", f"{issuer.url}/api/openapi.json", "--url", issuer.url,
                   "--header", f"Authorization: {issuer.key}", "--seed", SEED, "--max-examples", EXAMPLES,
                   "--phases", "examples,coverage,fuzzing", "--checks", "all", "--suppress-health-check", "all",
                   "--continue-on-failure", "--request-timeout", "15", "--no-color", "--warnings", "off"]
        environment = {**os.environ, "SCHEMATHESIS_HOOKS": "_issuer_hooks", "PYTHONPATH": str(pathlib.Path(__file__).parent),
                       "PYTHONDONTWRITEBYTECODE": "1", "REAL_USERS": " ".join(users), "REAL_TOKENS": " ".join(tokens)}
        ran = subprocess.run(command, env=environment, cwd=folder)
        lines = [line for token in tokens for line in issuer.ask(
            "GET", f"/api/web/v1/reports/auditevents?tokenId={token}&limit=1000")[1]["results"]]
    # Tokens that are there were reached, not only refusals.
    missing = {"order.made", "token.disabled", "token.enabled"} - {line["event"] for line in lines}
    print(f"not reached: {missing}, but {sorted({line['event'] for line in lines})}" if missing else f"{len(lines)} decisions")
    well = ran.returncode == 0 and not missing
    print(f"{int(well)} passed, {int(not well)} failed")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
