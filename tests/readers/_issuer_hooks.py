"""Hooks of schemathesis: half of the generated ids become ids of users and tokens that are there."""
import os

import schemathesis


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    generated = (path_parameters or {}).get("id")
    # What is deleted is gone for every later call.
    if not isinstance(generated, str) or context.operation.method.upper() == "DELETE":
        return path_parameters
    if sum(generated.encode()) % 2:
        return path_parameters
    kind = "REAL_USERS" if "/users/" in context.operation.path else "REAL_TOKENS"
    # One token is enabled and disabled all the time, the other one can be activated.
    first, second = os.environ[kind].split()
    return {**path_parameters, "id": first if context.operation.path.endswith("/changestate") else second}


@schemathesis.hook
def before_call(context, case, kwargs):
    # Ids are learned from answers too; users and tokens of the test itself stay.
    ours = (os.environ["REAL_USERS"] + " " + os.environ["REAL_TOKENS"]).split()
    if case.method.upper() == "DELETE" and (case.path_parameters or {}).get("id") in ours:
        case.path_parameters["id"] = "f" * 32
