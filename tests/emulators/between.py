"""TLS in front of an endpoint, with a CA of its own, a proxy before it, and a port where nobody ever answers.

Prints one line of JSON once it listens: the HTTPS endpoint, the file of the CA, the proxy, the file
in which it notes what it is asked for, and the endpoint that never accepts a connection. Ends when
standard input closes.
"""

import argparse
import datetime
import ipaddress
import json
import os
import socket
import ssl
import sys
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def certificate(name, issuer=None, issuer_key=None):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if issuer:
        # The proxy leads here whatever host of AWS is asked for.
        hosts = [x509.DNSName(name) for name in ["*.amazonaws.com", "*.us-east-1.amazonaws.com"]]
        names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), *hosts]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(issuer_key or key, hashes.SHA256()), key


def pem(path, *parts):
    with open(path, "wb") as file:
        for part in parts:
            if isinstance(part, x509.Certificate):
                file.write(part.public_bytes(serialization.Encoding.PEM))
            else:
                plain = serialization.NoEncryption()
                form = serialization.PrivateFormat.PKCS8
                file.write(part.private_bytes(serialization.Encoding.PEM, form, plain))
    return path


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    finally:
        # Whoever still reads learns that there is no more.
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def carry(plain, context, upstream):
    try:
        client = context.wrap_socket(plain, server_side=True)
        server = socket.create_connection(upstream)
    except OSError:
        plain.close()
        return
    threading.Thread(target=pump, args=(client, server), daemon=True).start()
    pump(server, client)


def serve(listener, context, upstream):
    while True:
        plain, _ = listener.accept()
        threading.Thread(target=carry, args=(plain, context, upstream), daemon=True).start()


def tunnel(client, target, noted):
    head = b""
    while b"\r\n\r\n" not in head:
        data = client.recv(1)
        if not data:
            return client.close()
        head += data
    asked = head.split(b"\r\n")[0].decode()
    with open(noted, "a") as file:
        file.write(f"{asked}\n")
    if not asked.startswith("CONNECT "):
        client.sendall(b"HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        return client.close()
    server = socket.create_connection(target)
    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    threading.Thread(target=pump, args=(client, server), daemon=True).start()
    pump(server, client)


def lead(listener, target, noted):
    while True:
        client, _ = listener.accept()
        threading.Thread(target=tunnel, args=(client, target, noted), daemon=True).start()


def silent(held):
    """A port whose queue of connections is full: one more gets no answer at all."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    held.append(listener)
    while True:
        waiting = socket.socket()
        waiting.settimeout(0.3)
        held.append(waiting)
        try:
            waiting.connect(listener.getsockname())
        except TimeoutError:
            return listener.getsockname()[1]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--upstream", required=True, help="host and port in front of which TLS is put")
    options.add_argument("--folder", required=True, help="where the certificates go")
    given = options.parse_args()
    host, port = given.upstream.rsplit(":", 1)
    authority, authority_key = certificate("an authority of our own")
    own, own_key = certificate("127.0.0.1", authority, authority_key)
    other, _ = certificate("another authority")
    ca = pem(os.path.join(given.folder, "ca.pem"), authority)
    foreign = pem(os.path.join(given.folder, "other.pem"), other)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem(os.path.join(given.folder, "own.pem"), own, own_key))
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=serve, args=(listener, context, (host, int(port))), daemon=True).start()
    proxy = socket.create_server(("127.0.0.1", 0))
    noted = os.path.join(given.folder, "asked.txt")
    threading.Thread(target=lead, args=(proxy, listener.getsockname(), noted), daemon=True).start()
    held = []
    said = {
        "endpoint": f"https://127.0.0.1:{listener.getsockname()[1]}",
        "proxy": f"http://127.0.0.1:{proxy.getsockname()[1]}",
        "noted": noted,
        "silent": f"http://127.0.0.1:{silent(held)}",
        "ca": ca,
        "other": foreign,
    }
    print(json.dumps(said), flush=True)
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
