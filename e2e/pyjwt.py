"""A CI job's token, checked with PyJWT as its registry ships it, by a service that knows no secret.

TOKENRY_URL and TOKENRY_TOKEN name a server and its administrator's token. The server should be
a new one: the story makes a project and starts jobs.
"""

import base64
import json
import os

import jwt
import requests

URL = os.environ["TOKENRY_URL"]
AUDIENCE = "gitlab-authz-token"
TIMEOUT = 1800
# A job that nobody finishes ends five minutes after its timeout; the moment itself belongs to it.
GRACE = 301

checks = 0


def equal(got, wanted, claim):
    global checks
    assert got == wanted, f"{claim}: wanted {wanted!r}, got {got!r}"
    checks += 1


def refused(error, claim, call, *args, **kwargs):
    """The call must fail with just this error of PyJWT's."""
    try:
        answer = call(*args, **kwargs)
    except jwt.PyJWTError as failure:
        return equal(type(failure), error, claim)
    raise AssertionError(f"{claim}: not refused, but answered {answer!r}")


def ask(method, path, /, **params):
    answer = requests.request(
        method,
        f"{URL}/api/v4/{path}",
        headers={"PRIVATE-TOKEN": os.environ["TOKENRY_TOKEN"]},
        json=params or None,
        timeout=30,
    )
    assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer.json()


def start(project, **more):
    """A job, and what stands behind its token's prefix."""
    job = ask("POST", f"projects/{project['id']}/jobs", name="unit", ref="main", timeout=TIMEOUT, **more)
    prefix, statement = job["token"].split("eyJ", 1)
    equal(prefix, "glcbt-", "the prefix of job tokens")
    return job, f"eyJ{statement}"


def discovered():
    """The keys, where the discovery document has them."""
    document = requests.get(f"{URL}/.well-known/openid-configuration", timeout=30).json()
    equal(document["jwks_uri"], f"{URL}/oauth/discovery/keys", "where the keys are")
    return jwt.PyJWKClient(document["jwks_uri"])


def checked(keys, token, audience=AUDIENCE, issuer=URL):
    """The claims of a token that somebody presents."""
    key = keys.get_signing_key_from_jwt(token)
    return jwt.decode(
        token,
        key,
        algorithms=["EdDSA"],
        audience=audience,
        issuer=issuer,
        options={"require": ["iss", "sub", "aud", "iat", "nbf", "exp", "jti"], "strict_aud": True},
    )


def encoded(part):
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def what_it_says(keys, project, job, token):
    claims, root = checked(keys, token), ask("GET", "user")
    equal(claims["exp"] - claims["iat"], TIMEOUT + GRACE, "how long it is good")
    equal(claims["nbf"], claims["iat"], "it is good from the start")
    said = {name: claims[name] for name in claims if name not in ("iat", "nbf", "exp", "jti")}
    wanted = {
        "iss": URL,
        "aud": AUDIENCE,
        "sub": f"gid://gitlab/Ci::Build/{job['id']}",
        "version": "0.1.0",
        "job_id": str(job["id"]),
        "project_id": str(project["id"]),
        "project_path": project["path_with_namespace"],
        "user_id": str(root["id"]),
        "user_login": root["username"],
        "ref": "main",
    }
    equal(said, wanted, "the claims, all of them")
    other, another = start(project)
    equal(checked(keys, another)["job_id"], str(other["id"]), "another job's token is its own")
    equal(checked(keys, another)["jti"] != claims["jti"], True, "no two alike")


def what_is_forged(keys, project, job, token):
    head, body, signature = token.split(".")
    claims = checked(keys, token)
    promoted = encoded({**claims, "project_path": "somebody/elses"})
    foreign = start(project)[1].rsplit(".", 1)[1]
    forged = jwt.InvalidSignatureError
    refused(forged, "other claims", checked, keys, f"{head}.{promoted}.{signature}")
    refused(forged, "another job's signature", checked, keys, f"{head}.{body}.{foreign}")
    refused(forged, "no signature", checked, keys, f"{head}.{body}.")

    fields = jwt.get_unverified_header(token)
    unsigned = encoded({**fields, "alg": "none"})
    refused(jwt.InvalidAlgorithmError, "no algorithm", checked, keys, f"{unsigned}.{body}.")
    unknown = encoded({**fields, "kid": "nobody's"})
    refused(jwt.PyJWKClientError, "a key of nobody's", checked, keys, f"{unknown}.{body}.{signature}")
    refused(jwt.InvalidAudienceError, "for somebody else", checked, keys, token, audience="somebody")
    refused(jwt.InvalidIssuerError, "from somewhere else", checked, keys, token, issuer="https://git.example")


def what_nobody_sees_offline(keys, job, token):
    def own():
        return requests.get(f"{URL}/api/v4/job", headers={"JOB-TOKEN": job["token"]}, timeout=30)

    equal(own().json()["id"], job["id"], "tokenry itself takes the whole text")
    ask("POST", f"jobs/{job['id']}/finish", status="success")
    equal(own().status_code, 401, "and refuses it once the job is over")
    equal(checked(keys, token)["job_id"], str(job["id"]), "which a signature doesn't tell")


def main():
    project = ask("POST", "projects", name="checked", path="checked")
    job, token = start(project)
    keys = discovered()
    what_it_says(keys, project, job, token)
    what_is_forged(keys, project, job, token)
    what_nobody_sees_offline(keys, job, token)
    print(f"PyJWT: ok ({checks} checks)")


main()
