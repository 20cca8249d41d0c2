"""Makes a key that signs: its ARN, and its public half in PEM."""

import argparse
import json

from cloud import Cloud
from cryptography.hazmat.primitives import serialization


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--endpoint", required=True)
    options.add_argument("--spec", required=True)
    given = options.parse_args()
    kms = Cloud(given.endpoint).client("kms")
    made = kms.create_key(KeySpec=given.spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    public = serialization.load_der_public_key(kms.get_public_key(KeyId=made["KeyId"])["PublicKey"])
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    print(json.dumps({"arn": made["Arn"], "pem": pem.decode()}))


if __name__ == "__main__":
    main()
