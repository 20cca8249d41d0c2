"""Runs moto, or microburst in front of it, for as long as standard input stays open.

The test process holds the other end of the pipe, so however it ends, this ends with it.
Prints one line of JSON once it listens: the endpoint.

moto answers every AWS call on the endpoint, those of CloudWatch also in CBOR (`spoken.py`). Some addresses are beside AWS:
`/moto-api/reset` empties it, `/trueup/calls` lists (GET) or forgets (DELETE)
the calls received, each with account, region, service and operation, and
`/trueup/pages/N` (POST) has every Nth call answered by a page of a proxy, in turn
before moto hears of it and after; 0: none. `CreateKey` is spared before: whether a
key was made is not known before five minutes have passed, for which an apply waits. `/trueup/older/DAYS` (POST)
makes the users that there are, their access keys, and the objects in buckets older by so many days, and has
recorders that were started record: no time passes in moto.
`/trueup/hold/MOMENT` (POST) keeps the next write from its answer, `before` or `after` moto has heard of it, until
`never` is asked for; `/trueup/held` (GET) says whether one is kept.
`/trueup/suspend/ACCOUNT/KIND/N` (POST) has Organizations suspend an account when it has
sent N more calls, or writes, by KIND: moto goes on to answer such an account, so it is
refused here in AWS's words.
"""

import argparse
import datetime
import json
import logging
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from io import BytesIO

SCOPE = re.compile(r"Credential=([^/]+)/[^/]+/([^/]+)/([^/]+)/aws4_request")
# AWS's own policies that a requirement is about. All thousand of them would make each account slow.
POLICIES = ["AdministratorAccess", "AWSCloudShellFullAccess", "AWSSupportAccess", "ReadOnlyAccess"]
READS = ("Get", "List", "Describe", "Head", "Lookup", "BatchGet", "AssumeRole", "GenerateCredentialReport")


class Recorder:
    """Notes each AWS call on its way to moto."""

    def __init__(self, app):
        self.app = app
        self.calls = []
        self.pages = 0
        self.heard = 0
        self.suspensions = {}
        self.hold, self.held, self.released = None, False, threading.Event()
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        if path == "/trueup/calls":
            with self.lock:
                body = json.dumps(self.calls).encode()
                if environ["REQUEST_METHOD"] == "DELETE":
                    self.calls.clear()
            start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
            return [body]
        if path.startswith("/trueup/hold/"):
            with self.lock:
                self.released.set()
                self.hold, self.held, self.released = path.rsplit("/", 1)[-1], False, threading.Event()
            return _page(start_response, "200 OK")
        if path == "/trueup/held":
            body = json.dumps(self.held).encode()
            start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
            return [body]
        if path.startswith("/trueup/suspend/"):
            account, kind, left = path.split("/")[-3:]
            self.suspensions[account] = [kind, int(left)]
            return _page(start_response, "200 OK")
        if path == "/moto-api/reset":
            self.suspensions.clear()
        if path.startswith("/trueup/pages/"):
            self.pages, self.heard = int(path.rsplit("/", 1)[-1]), 0
            return _page(start_response, "200 OK")
        if path.startswith("/trueup/older/"):
            _grow_older(int(path.rsplit("/", 1)[-1]))
            return _page(start_response, "200 OK")
        scope = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        struck = False
        if scope:
            # A body of unknown length is an object's; the name of its operation is in the path.
            body = b""
            if not environ.get("wsgi.input_terminated"):
                body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
                environ["wsgi.input"] = BytesIO(body)
            call = self._call(environ, body, *scope.groups())
            with self.lock:
                suspended, protocol = self._suspended(call, body), call.pop("protocol")
                if suspended:
                    return _refused(start_response, call["service"], protocol)
                self.heard += 1
                struck = self.pages and self.heard % self.pages == 0
                if struck and self.heard // self.pages % 2 and call["operation"] != "CreateKey":
                    return _page(start_response, "502 Bad Gateway")
                moment, released = self._holds(call)
                if moment != "before":
                    self.calls.append(call)
            if moment == "before":
                return self._held(released, start_response)
            if moment == "after":
                for _ in self.app(environ, lambda *_: None):
                    pass
                return self._held(released, start_response)
        if struck:
            for _ in self.app(environ, lambda *_: None):
                pass
            return _page(start_response, "200 OK")
        return self.app(environ, start_response)

    def _holds(self, call):
        """The moment in which this call is kept from its answer, if it is the one that was waited for."""
        heard = [one for one in self.calls if one["write"]]
        # What was in doubt when a run ended is sent once more by the next: that gets it no further.
        again = heard and call == heard[-1]
        if not call["write"] or again or self.hold not in ("before", "after"):
            return None, None
        moment, self.hold = self.hold, None
        return moment, self.released

    def _held(self, released, start_response):
        self.held = True
        released.wait()
        return _page(start_response, "502 Bad Gateway")

    def _suspended(self, call, body):
        """Whether the call is of an account that is suspended by now, or asks for a session in one."""
        entered = re.search(rb"RoleArn=arn%3Aaws%3Aiam%3A%3A(\d{12})%3A", body)
        if call["operation"] == "AssumeRole" and entered:
            call["protocol"] = "entry"
            return self.suspensions.get(entered.group(1).decode()) == ["done", 0]
        suspension = self.suspensions.get(call["account"])
        if suspension and suspension[0] != "done":
            if suspension[1] == 0 and (suspension[0] == "calls" or call["write"]):
                _suspend(call["account"])
                suspension[:] = ["done", 0]
            elif suspension[0] == "calls" or call["write"]:
                suspension[1] -= 1
        return suspension == ["done", 0]

    @staticmethod
    def _call(environ, body, key, region, service):
        from moto.iam.models import get_account_id_from

        method = environ["REQUEST_METHOD"]
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        action = re.search(rb"(?:^|&)Action=(\w+)", body)
        if target:
            operation = target.rsplit(".", 1)[-1]
        elif action:
            operation = action.group(1).decode()
        else:
            query = urllib.parse.parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
            subject = "?" + "&".join(sorted(query)) if query else ""
            operation = f"{method} {environ['PATH_INFO']}{subject}"
        # Account asks for what it reads by POST.
        asks = method in ("GET", "HEAD") or service == "account" and environ["PATH_INFO"].startswith("/get")
        reads = operation.startswith(READS) if target or action else asks
        return {
            "account": get_account_id_from(key),
            "region": region,
            "service": service,
            "operation": operation,
            "write": not reads,
            "protocol": "json" if target else "query" if action else "rest",
        }


def _grow_older(days):
    from moto.config.models import config_backends
    from moto.iam.models import iam_backends
    from moto.s3.models import s3_backends

    passed = datetime.timedelta(days=days)
    for account in list(config_backends.values()):
        for backend in account.values():
            for recorder in backend.recorders.values():
                if recorder.status.last_status == "PENDING":
                    recorder.status.last_status = "SUCCESS"
    for account in list(iam_backends.values()):
        for backend in account.values():
            for user in backend.users.values():
                for one in [user, *user.access_keys]:
                    one.create_date -= passed
    for account in list(s3_backends.values()):
        for backend in account.values():
            for bucket in backend.buckets.values():
                for one in bucket.keys.values():
                    one.last_modified -= passed


def _suspend(account):
    from moto.organizations.models import organizations_backends

    for partitions in organizations_backends.values():
        for backend in partitions.values():
            for one in backend.accounts:
                if one.id == account:
                    one.close()


# What a session is told that is accepted nowhere any more.
INVALID = "The security token included in the request is invalid."


def _refused(start_response, service, protocol):
    """A refusal as the service words it: each protocol has a code and a form of its own."""
    code, status, kind = "InvalidClientTokenId", "403 Forbidden", "text/xml"
    headers = []
    if protocol == "json" or protocol == "rest" and service != "s3":
        code, kind = "UnrecognizedClientException", "application/json"
        status = "400 Bad Request" if protocol == "json" else status
        headers = [] if protocol == "json" else [("x-amzn-ErrorType", code)]
        body = json.dumps({"__type": code, "message": INVALID})
    elif service == "s3":
        code = "InvalidAccessKeyId"
        body = f"<Error><Code>{code}</Code><Message>{INVALID}</Message></Error>"
    elif service == "ec2":
        status = "401 Unauthorized"
        errors = f"<Errors><Error><Code>AuthFailure</Code><Message>{INVALID}</Message></Error></Errors>"
        body = f"<Response>{errors}<RequestID>suspended</RequestID></Response>"
    else:
        code, words = (code, INVALID) if protocol == "query" else ("AccessDenied", "User is not authorized")
        error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{words}</Message></Error>"
        body = f"<ErrorResponse>{error}<RequestId>suspended</RequestId></ErrorResponse>"
    body = body.encode()
    start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body))), *headers])
    return [body]


def _page(start_response, status):
    body = b"<!DOCTYPE html><html><body>Please log in</body></html>"
    start_response(status, [("Content-Type", "text/html"), ("Content-Length", str(len(body)))])
    return [body]


def know_policies():
    from moto.iam import models

    known = json.loads(models.aws_managed_policies_data)
    models.aws_managed_policies_data = json.dumps({name: known[name] for name in POLICIES})
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"


def moto():
    know_policies()
    from spoken import Spoken
    from werkzeug.serving import make_server
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = Spoken(Recorder(DomainDispatcherApplication(create_backend_app)))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=MotoRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def microburst(upstream, rules):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = os.path.join(os.path.dirname(sys.executable), "microburst")
    command = [program, "--upstream", upstream, "--host", "127.0.0.1", "--port", str(port)]
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    request = urllib.request.Request(f"http://127.0.0.1:{port}/_microburst/rules", rules.encode(), method="PATCH")
    deadline = time.monotonic() + 60
    while True:
        if child.poll() is not None:
            sys.exit("microburst ended before it listened")
        try:
            urllib.request.urlopen(request).read()
            return port, child
        except urllib.error.HTTPError as error:
            child.kill()
            sys.exit(f"microburst refuses the rules: {error.read().decode()}")
        except OSError:
            if time.monotonic() > deadline:
                child.kill()
                sys.exit("microburst does not listen")
            time.sleep(0.05)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--faults", metavar="JSON", help="run microburst with these rules")
    options.add_argument("--upstream", metavar="URL", help="the moto that microburst stands in front of")
    given = options.parse_args()
    child = None
    if given.faults:
        port, child = microburst(given.upstream, given.faults)
    else:
        port = moto()
    print(json.dumps({"endpoint": f"http://127.0.0.1:{port}"}), flush=True)
    sys.stdin.buffer.read()
    if child:
        child.kill()
    os._exit(0)


if __name__ == "__main__":
    main()
