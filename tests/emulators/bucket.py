"""Makes a bucket, lists its objects, takes one away, reads one, or puts one; prints what came of it.

One is put only where there is none, or where it is still as it was read: the ETag of `--if-match`.
"""

import argparse
import json

from cloud import HOME, Cloud


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--endpoint", required=True)
    options.add_argument("--bucket", required=True)
    options.add_argument("--do", required=True, choices=["make", "list", "delete", "put", "get"])
    options.add_argument("--key")
    options.add_argument("--body", default="another")
    options.add_argument("--if-match")
    given = options.parse_args()
    client = Cloud(given.endpoint).client("s3")
    at = {"Bucket": given.bucket}
    if given.do == "make":
        client.create_bucket(**at, CreateBucketConfiguration={"LocationConstraint": HOME})
    elif given.do == "delete":
        client.delete_object(**at, Key=given.key)
    elif given.do == "get":
        found = client.get_object(**at, Key=given.key)
        print(json.dumps({"body": json.loads(found["Body"].read()), "etag": found["ETag"]}))
        return
    elif given.do == "put":
        only = {"IfMatch": given.if_match} if given.if_match else {"IfNoneMatch": "*"}
        try:
            client.put_object(**at, Key=given.key, Body=given.body.encode(), **only)
        except client.exceptions.ClientError as error:
            print(json.dumps(error.response["Error"]["Code"]))
            return
    print(json.dumps([object["Key"] for object in client.list_objects_v2(**at).get("Contents", [])]))


if __name__ == "__main__":
    main()
