"""Runs a command once people approved it, from any Python 3, with its standard library alone.

    GATEWRIGHT_URL=https://approvals.example.com/api GATEWRIGHT_KEY=gw_... \
        python3 gated.py data.export '{"table": "customers"}' run-4711/call-1 ./export.sh

The command gets the approved arguments, as people may have edited them, as JSON on its standard input.
"""
import hashlib, json, os, subprocess, sys, threading, urllib.error, urllib.request, uuid


def call(method, path, body=None, timeout=90):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {os.environ['GATEWRIGHT_KEY']}", "Content-Type": "application/json"}
    request = urllib.request.Request(os.environ["GATEWRIGHT_URL"] + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        problem = json.load(error)
        raise SystemExit(f"{problem['code']}: {problem['detail']}")


def digest_of(arguments):
    # RFC 8785 for texts, whole numbers and ASCII keys; leave the digest out of the request for anything else.
    text = json.dumps([arguments], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def gated(action, arguments, key, work):
    asked = {"action": action, "arguments": arguments, "argumentsDigest": digest_of(arguments), "callId": key}
    request = call("POST", "/v1/requests", asked)["request"]
    path = f"/v1/requests/{request['id']}"
    while request["status"] == "pending":
        request = call("GET", f"{path}?wait=60")["request"]
    if request["status"] != "approved":
        reason = (request["resolution"] or request["outcome"] or {}).get("reason", "")
        raise SystemExit(f"{request['status']}: {reason}. Nothing was executed.")
    # New for each process: whoever comes after a crash must not run it again.
    claim = call("POST", f"{path}/claim", {"argumentsDigest": request["argumentsDigest"], "claimId": str(uuid.uuid4())})
    token = {"fencingToken": claim["fencingToken"]}
    ended = threading.Event()
    def beat():
        while not ended.wait(claim["leaseMs"] / 3000):
            try:
                call("POST", f"{path}/heartbeat", token)
            except OSError:
                pass  # The next one may arrive in time.
    threading.Thread(target=beat, daemon=True).start()
    status = work(claim["arguments"])
    ended.set()
    call("POST", f"{path}/outcome", {**token, "status": "failed" if status else "succeeded", "summary": f"exit {status}"})
    return status


if __name__ == "__main__":
    action, arguments, key, *command = sys.argv[1:]
    run = lambda approved: subprocess.run(command, input=json.dumps(approved).encode()).returncode
    sys.exit(gated(action, json.loads(arguments), key, run))
