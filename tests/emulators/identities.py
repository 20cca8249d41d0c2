"""Makes users of all sorts in one account, or shows what is left of them."""

import json

from cloud import one_account, or_none

EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def make(iam):
    for name in ["ada", "bob", "carl"]:
        iam.create_user(UserName=name)
    for name in ["bob", "carl"]:
        iam.create_login_profile(UserName=name, Password="Correct-horse-7")
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="carl")["VirtualMFADevice"]["SerialNumber"]
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
    iam.enable_mfa_device(UserName="carl", SerialNumber=serial, **codes)
    for _ in range(2):
        iam.create_access_key(UserName="ada")
    iam.put_user_policy(UserName="ada", PolicyName="all", PolicyDocument=json.dumps(EVERYTHING))


def seen(cloud, account):
    iam, contacts = cloud.client("iam", account), cloud.client("account", account)
    names = [user["UserName"] for user in iam.list_users()["Users"]]
    contact = or_none(
        contacts.get_alternate_contact, "ResourceNotFoundException", AlternateContactType="SECURITY"
    )
    return {
        "alias": iam.list_account_aliases()["AccountAliases"],
        "contact": contact and contact["AlternateContact"],
        "policies": iam.list_user_policies(UserName="ada")["PolicyNames"],
        "passwords": [name for name in names if or_none(iam.get_login_profile, "NoSuchEntity", UserName=name)],
    }


def main():
    cloud, account, making = one_account()
    if making:
        make(cloud.client("iam", account))
    print(json.dumps(seen(cloud, account)))


if __name__ == "__main__":
    main()
