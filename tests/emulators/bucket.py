"""Makes a bucket, lists its objects, takes one away, or puts one only where there is none; prints what came of it."""

import argparse
import json

from cloud import HOME, Cloud


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--endpoint", required=True)
    options.add_argument("--bucket", required=True)
    options.add_argument("--do", required=True, choices=["make", "list", "delete", "put"])
    options.add_argument("--key")
    given = options.parse_args()
    client = Cloud(given.endpoint).client("s3")
    at = {"Bucket": given.bucket}
    if given.do == "make":
        client.create_bucket(**at, CreateBucketConfiguration={"LocationConstraint": HOME})
    elif given.do == "delete":
        client.delete_object(**at, Key=given.key)
    elif given.do == "put":
        try:
            client.put_object(**at, Key=given.key, Body=b"another", IfNoneMatch="*")
        except client.exceptions.ClientError as error:
            print(json.dumps(error.response["Error"]["Code"]))
            return
    print(json.dumps([object["Key"] for object in client.list_objects_v2(**at).get("Contents", [])]))


if __name__ == "__main__":
    main()
