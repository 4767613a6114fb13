"""Hooks of schemathesis: half of the generated ids become ids of users and tokens that are there."""
import os

import schemathesis


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    generated = (path_parameters or {}).get("id")
    # What is deleted is gone for every later call.
    if not isinstance(generated, str) or context.operation.method.upper() == "DELETE":
        return path_parameters
    kind = "REAL_USERS" if "/users/" in context.operation.path else "REAL_TOKENS"
    choice = sum(generated.encode()) % 4
    real = os.environ[kind].split()
    return {**path_parameters, "id": real[choice]} if choice < len(real) else path_parameters
