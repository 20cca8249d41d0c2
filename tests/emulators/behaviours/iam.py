"""IAM, and how policies are weighed."""

from stage import HOME, equal, refused


def no_password_policy_is_no_such_entity(stage):
    iam = stage.inside("iam", stage.member())
    refused("NoSuchEntity", iam.get_account_password_policy)
