"""Starts the reference issuer as a program, with settings of a test's own, and speaks its REST interface."""
import json, os, pathlib, subprocess, time, urllib.error, urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]


def binary():
    """The program `softtoken-issuer`, built if need be."""
    made = subprocess.run([os.environ.get("CARGO", "cargo"), "build", "-q", "-p", "softtoken-issuer",
                           "--message-format=json"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    artifacts = (json.loads(line) for line in made.stdout.splitlines() if line.startswith("{"))
    return next(found["executable"] for found in artifacts
                if found.get("executable") and found["target"]["name"] == "softtoken-issuer")


class Issuer:
    """A running issuer in `folder`; use it in a `with`."""

    def __init__(self, folder, mail="", arguments=(), port=None):
        """Without `port` it listens on one that nobody knows before, and devices cannot reach its address."""
        self.folder, self.program = pathlib.Path(folder), binary()
        self.settings = self.folder / "issuer.toml"
        self.run("init", "--address", f"127.0.0.1:{port or 1}", "--listen", f"127.0.0.1:{port or 0}")
        self.key = self.run("api-key", "create", "test").strip()
        text = self.settings.read_text().replace("[mail]\n", f"[mail]\n{mail}\n")
        self.settings.write_text(text)
        self.arguments = arguments

    def command(self, *arguments):
        return [self.program, "--settings", str(self.settings), *arguments]

    def run(self, *arguments, check=True):
        """What a command printed."""
        return subprocess.run(self.command(*arguments), check=check, capture_output=True, text=True, timeout=60).stdout

    def __enter__(self):
        self.process = subprocess.Popen(self.command("serve", *self.arguments), stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("serving "), line
        self.url = "http://" + line.rsplit(" ", 1)[1].strip()
        return self

    def __exit__(self, failed, *_):
        self.process.terminate()
        try:
            ended = self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        assert failed or ended == 0, "the issuer did not end well"

    def ask(self, method, path, body=None):
        """Status and JSON of an answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method)
        request.add_header("Authorization", f"Bearer {self.key}")
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        return status, json.loads(text) if text else None

    def user_with_token(self, name):
        """The ids of a new user and of its new token."""
        status, user = self.ask("POST", "/api/web/v1/users", {"userId": name, "email": f"{name}@example.com"})
        assert status == 200, user
        status, token = self.ask("POST", f"/api/web/v1/users/{user['id']}/tokens/SOFT_TOKEN")
        assert status == 200, token
        return user["id"], token["id"]


def wait_for(what, seconds=20):
    """The first true answer of `what`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain")
