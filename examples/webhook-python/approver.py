"""A receiver of Gatewright's webhooks, by docs/webhook.md, with nothing but Python's standard library.

GATEWRIGHT_WEBHOOK_SECRET verifies what the gate sends, APPROVALS_KEY signs what is sent back (whsec_..., each its own).
POST /gatewright  takes messages            GET /  lists what people are asked
POST /prepare     {delivery, decision, note?}: the statement, and the nonce to ask the identity provider for
POST /decide      {delivery, statement, identity}: sends the decision with that person's ID token; the gate's answer
Who may call the last three is yours to check: put them behind the sign-in of your own pages.
"""
import base64, hashlib, hmac, json, os, time, urllib.error, urllib.request, uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = base64.b64decode(os.environ["GATEWRIGHT_WEBHOOK_SECRET"].removeprefix("whsec_"))
OUR_KEY = base64.b64decode(os.environ["APPROVALS_KEY"].removeprefix("whsec_"))
shown, seen = {}, set()  # by delivery; keep both in a database, so that a restart forgets nothing


def sign(key, id, timestamp, body):
    mac = hmac.new(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(mac.digest()).decode()


def receive(headers, body):
    id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
    good = sign(KEY, id, timestamp, body)
    if not any(hmac.compare_digest(one, good) for one in headers["webhook-signature"].split(" ")):
        raise ValueError("not signed by the gate")
    if abs(time.time() - int(timestamp)) > 300:
        raise ValueError("too old, or of the future")
    message = json.loads(body)
    data = message["data"]
    before = shown.get(data["deliveryId"])
    if before is None:
        wanted = message["type"] != "approval.updated"
    else:
        wanted = before["review"]["progress"]["version"] <= data["review"]["progress"]["version"]
    if id not in seen and wanted:
        shown[data["deliveryId"]] = data  # here: show people data["review"], all of it, with your markup escaped
    seen.add(id)


def prepare(delivery, decision, note=None):
    offer = shown[delivery]["decision"]
    if offer is None or decision not in offer["offers"]:
        raise ValueError("this cannot be decided here: see review.link")
    said = {"token": offer["token"], "decision": decision} | ({"note": note} if note else {})
    statement = json.dumps(said)
    nonce = base64.urlsafe_b64encode(hashlib.sha256(statement.encode()).digest()).decode().rstrip("=")
    return {"statement": statement, "nonce": nonce}


def decide(delivery, statement, identity):
    body = json.dumps({"version": 1, "statement": statement, "identity": identity}).encode()
    id, timestamp = uuid.uuid4().hex, str(int(time.time()))
    headers = {"content-type": "application/json", "webhook-id": id, "webhook-timestamp": timestamp,
               "webhook-signature": sign(OUR_KEY, id, timestamp, body)}
    request = urllib.request.Request(shown[delivery]["decision"]["url"], body, headers)
    try:
        return json.load(urllib.request.urlopen(request, timeout=10))
    except urllib.error.HTTPError as error:
        return json.load(error)  # its "message" is for the person who decided


class Handler(BaseHTTPRequestHandler):
    def answer(self, status, value):
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())

    def do_GET(self):
        self.answer(200, list(shown.values()))

    def do_POST(self):
        try:
            body = self.rfile.read(min(int(self.headers["content-length"]), 4_000_000))
            if self.path == "/gatewright":
                return self.answer(200, receive(self.headers, body))
            work = {"/prepare": prepare, "/decide": decide}[self.path]
            self.answer(200, work(**json.loads(body)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self.answer(400, {"problem": str(error)})


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "0"))), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
