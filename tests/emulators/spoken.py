"""CloudWatch in CBOR, as newer SDKs speak it, in front of a moto that knows it in JSON alone."""

import datetime
import json
from io import BytesIO

import botocore.session
from botocore.parsers import RpcV2CBORParser
from botocore.serialize import RpcV2CBORSerializer

TARGET = "GraniteServiceVersion20100801"
PREFIX = f"/service/{TARGET}/operation/"


def seconds(moment):
    assert isinstance(moment, datetime.datetime)
    return moment.timestamp()


def text(words):
    """A text in CBOR."""
    body = words.encode()
    size = len(body)
    if size < 24:
        return bytes([0x60 | size]) + body
    return (bytes([0x78, size]) if size < 256 else b"\x79" + size.to_bytes(2, "big")) + body


class Spoken:
    """Puts requests in CBOR into JSON, and their answers back. Everything else passes."""

    def __init__(self, app):
        self.app = app
        self.model = botocore.session.get_session().get_service_model("cloudwatch")

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        if not path.startswith(PREFIX):
            return self.app(environ, start_response)
        operation = path.removeprefix(PREFIX)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        asked = json.dumps(self.read(body), default=seconds).encode()
        environ |= {"PATH_INFO": "/", "RAW_URI": "/", "REQUEST_URI": "/"}
        environ |= {"HTTP_X_AMZ_TARGET": f"{TARGET}.{operation}", "CONTENT_TYPE": "application/x-amz-json-1.0"}
        environ |= {"wsgi.input": BytesIO(asked), "CONTENT_LENGTH": str(len(asked))}
        head = []
        answer = b"".join(self.app(environ, lambda *given: head.append(given)))
        status, headers = head[0][:2]
        try:
            said = json.loads(answer or "{}")
        except ValueError:
            # A page of a proxy, or an operation that moto lacks, is passed as it is.
            start_response(status, headers)
            return [answer]
        answer = self.written(said, operation) if status.startswith("200") else self.refused(said)
        headers = [("Content-Type", "application/cbor"), ("Content-Length", str(len(answer)))]
        headers.append(("smithy-protocol", "rpc-v2-cbor"))
        start_response(status, headers)
        return [answer]

    @staticmethod
    def read(body):
        parser = RpcV2CBORParser()
        return parser.parse_data_item(parser.get_peekable_stream_from_bytes(body)) if body else {}

    def written(self, answer, operation):
        shape, found = self.model.operation_model(operation).output_shape, bytearray()
        if shape is not None:
            RpcV2CBORSerializer()._serialize_data_item(found, answer, shape)
        return bytes(found)

    @staticmethod
    def refused(error):
        code, words = error.get("__type", "InternalFailure"), error.get("message") or error.get("Message") or ""
        return b"\xa2" + text("__type") + text(code) + text("message") + text(words)
