"""Cuts aws.json out of the AWS service models that the Python package botocore ships.

Run by hand when an operation is added:  python3 src/simulator/model/cut.py
What is kept is structure: protocols, URIs, members and where they travel, constraints, error codes.
Prose, patterns and everything that no listed operation reaches is left out.
One operation or shape a line, so that a difference can be read.
"""

import json
import pathlib

from botocore.loaders import Loader

OPERATIONS = {
    "accessanalyzer": "CreateAnalyzer DeleteAnalyzer ListAnalyzers",
    "account": "DeleteAlternateContact DisableRegion EnableRegion GetAlternateContact GetContactInformation "
    "GetRegionOptStatus ListRegions PutAlternateContact PutContactInformation",
    "cloudtrail": "AddTags CreateTrail DeleteTrail DescribeTrails GetEventSelectors GetInsightSelectors GetTrail "
    "GetTrailStatus ListTags ListTrails PutEventSelectors PutInsightSelectors RemoveTags StartLogging StopLogging UpdateTrail",
    "cloudwatch": "DeleteAlarms DescribeAlarms DisableAlarmActions EnableAlarmActions ListTagsForResource PutMetricAlarm "
    "TagResource UntagResource",
    "config": "DeleteConfigurationRecorder DeleteDeliveryChannel DeleteRetentionConfiguration "
    "DescribeConfigurationRecorderStatus DescribeConfigurationRecorders DescribeDeliveryChannelStatus "
    "DescribeDeliveryChannels DescribeRetentionConfigurations ListTagsForResource PutConfigurationRecorder "
    "PutDeliveryChannel PutRetentionConfiguration PutServiceLinkedConfigurationRecorder StartConfigurationRecorder "
    "StopConfigurationRecorder TagResource UntagResource",
    "ec2": "AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress CreateFlowLogs CreateManagedPrefixList "
    "CreateNetworkAcl CreateNetworkAclEntry CreateNetworkInterface CreateSecurityGroup CreateSnapshot "
    "CreateSubnet CreateVolume CreateVpc DeleteFlowLogs DeleteNetworkAclEntry DeleteSecurityGroup "
    "DescribeFlowLogs DescribeInstances DescribeNetworkAcls DescribeNetworkInterfaces DescribeRegions "
    "DescribeSecurityGroups DescribeSnapshots DescribeSubnets DescribeVpcs DisableEbsEncryptionByDefault "
    "DisableImageBlockPublicAccess DisableSerialConsoleAccess DisableSnapshotBlockPublicAccess "
    "EnableEbsEncryptionByDefault EnableImageBlockPublicAccess EnableSerialConsoleAccess "
    "EnableSnapshotBlockPublicAccess GetEbsDefaultKmsKeyId GetEbsEncryptionByDefault "
    "GetImageBlockPublicAccessState GetInstanceMetadataDefaults GetManagedPrefixListEntries "
    "GetSerialConsoleAccessStatus GetSnapshotBlockPublicAccessState ModifyEbsDefaultKmsKeyId "
    "ModifyInstanceMetadataDefaults ModifyInstanceMetadataOptions ModifySnapshotAttribute "
    "ReplaceNetworkAclEntry ResetEbsDefaultKmsKeyId RevokeSecurityGroupEgress RevokeSecurityGroupIngress "
    "RunInstances StartInstances StopInstances TerminateInstances",
    "guardduty": "AcceptAdministratorInvitation CreateDetector CreateMembers DeleteDetector DeleteMembers "
    "DescribeOrganizationConfiguration DisableOrganizationAdminAccount EnableOrganizationAdminAccount "
    "GetAdministratorAccount GetDetector GetMemberDetectors GetMembers InviteMembers ListDetectors ListInvitations "
    "ListMembers ListOrganizationAdminAccounts ListTagsForResource "
    "TagResource UntagResource UpdateDetector UpdateMemberDetectors UpdateOrganizationConfiguration",
    "iam": "AddUserToGroup AttachGroupPolicy AttachRolePolicy AttachUserPolicy CreateAccessKey CreateAccountAlias "
    "CreateGroup CreateLoginProfile CreateOpenIDConnectProvider CreatePolicy CreatePolicyVersion CreateRole "
    "CreateSAMLProvider CreateServiceLinkedRole CreateUser CreateVirtualMFADevice DeactivateMFADevice "
    "DeleteAccessKey DeleteAccountAlias DeleteAccountPasswordPolicy DeleteGroupPolicy DeleteLoginProfile "
    "DeletePolicy DeleteRole DeleteRolePolicy DeleteServerCertificate DeleteUser DeleteUserPolicy "
    "DeleteVirtualMFADevice DetachGroupPolicy DetachRolePolicy DetachUserPolicy "
    "DisableOrganizationsRootCredentialsManagement DisableOrganizationsRootSessions EnableMFADevice "
    "EnableOrganizationsRootCredentialsManagement EnableOrganizationsRootSessions "
    "GenerateCredentialReport GetAccessKeyLastUsed GetAccountAuthorizationDetails GetAccountPasswordPolicy "
    "GetAccountSummary GetCredentialReport GetLoginProfile GetPolicy GetPolicyVersion GetRole GetRolePolicy "
    "GetUser GetUserPolicy ListAccessKeys ListAccountAliases ListAttachedGroupPolicies ListAttachedRolePolicies "
    "ListAttachedUserPolicies ListEntitiesForPolicy ListMFADevices ListOpenIDConnectProviders "
    "ListOrganizationsFeatures ListPolicies "
    "ListPolicyTags ListRolePolicies ListRoles ListSAMLProviders ListServerCertificateTags ListServerCertificates "
    "ListUserPolicies ListUserTags ListUsers ListVirtualMFADevices PutGroupPolicy PutRolePolicy PutUserPolicy "
    "RemoveUserFromGroup SimulatePrincipalPolicy TagPolicy TagServerCertificate TagUser UntagPolicy "
    "UntagServerCertificate UntagUser UpdateAccessKey UpdateAccountPasswordPolicy UpdateAssumeRolePolicy "
    "UploadServerCertificate",
    "kms": "CancelKeyDeletion CreateAlias CreateKey DeleteAlias DescribeKey DisableKey DisableKeyRotation EnableKey "
    "EnableKeyRotation GetKeyPolicy GetKeyRotationStatus GetPublicKey ListAliases ListKeyPolicies ListKeys "
    "ListResourceTags PutKeyPolicy ReplicateKey ScheduleKeyDeletion Sign TagResource UntagResource UpdateAlias Verify",
    "logs": "CreateLogGroup CreateLogStream DeleteLogGroup DeleteMetricFilter DeleteRetentionPolicy DescribeLogGroups "
    "DescribeLogStreams DescribeMetricFilters ListTagsForResource PutLogEvents PutMetricFilter PutRetentionPolicy "
    "TagResource UntagResource",
    "organizations": "AttachPolicy CloseAccount CreateAccount CreateOrganizationalUnit CreatePolicy "
    "DeregisterDelegatedAdministrator DescribeAccount DescribeCreateAccountStatus DescribeEffectivePolicy "
    "DescribeOrganization DescribeOrganizationalUnit DescribePolicy DetachPolicy DisableAWSServiceAccess "
    "EnableAWSServiceAccess EnablePolicyType ListAWSServiceAccessForOrganization ListAccounts ListAccountsForParent "
    "ListChildren ListDelegatedAdministrators ListDelegatedServicesForAccount ListOrganizationalUnitsForParent "
    "ListParents ListPolicies ListPoliciesForTarget ListRoots ListTagsForResource ListTargetsForPolicy MoveAccount "
    "RegisterDelegatedAdministrator RemoveAccountFromOrganization TagResource UntagResource",
    "s3": "CreateBucket DeleteBucket DeleteBucketPolicy DeleteBucketTagging DeleteObject DeletePublicAccessBlock GetBucketAcl GetBucketEncryption "
    "GetBucketLocation GetBucketLogging GetBucketLifecycleConfiguration GetBucketOwnershipControls GetBucketPolicy "
    "GetBucketPolicyStatus GetBucketTagging GetBucketVersioning GetObject GetObjectLockConfiguration GetPublicAccessBlock "
    "HeadBucket HeadObject ListBuckets ListObjectsV2 PutBucketEncryption PutBucketLifecycleConfiguration PutBucketLogging "
    "PutBucketOwnershipControls PutBucketPolicy PutBucketTagging PutBucketVersioning PutObject PutPublicAccessBlock",
    "s3control": "DeletePublicAccessBlock GetPublicAccessBlock PutPublicAccessBlock",
    "securityhub": "CreateConfigurationPolicy DescribeHub DescribeOrganizationConfiguration DisableSecurityHub "
    "EnableOrganizationAdminAccount EnableSecurityHub GetConfigurationPolicyAssociation ListTagsForResource "
    "StartConfigurationPolicyAssociation UpdateOrganizationConfiguration",
    "sns": "ConfirmSubscription CreateTopic DeleteTopic GetTopicAttributes ListSubscriptionsByTopic ListTagsForResource "
    "ListTopics SetTopicAttributes Subscribe TagResource Unsubscribe UntagResource",
    "sts": "AssumeRole AssumeRoot GetCallerIdentity",
}

SHAPE = ("type", "required", "min", "max", "enum", "flattened", "timestampFormat", "payload", "xmlNamespace")
MEMBER = ("shape", "location", "locationName", "queryName", "flattened", "timestampFormat", "xmlAttribute")


def kept(source, names):
    return {name: source[name] for name in names if name in source}


def member(source):
    return kept(source, MEMBER)


def shape(source):
    cut = kept(source, SHAPE)
    if "members" in source:
        cut["members"] = {name: member(value) for name, value in source["members"].items()}
    for inner in ("member", "key", "value"):
        if inner in source:
            cut[inner] = member(source[inner])
    if "error" in source:
        cut["error"] = kept(source["error"], ("code", "httpStatusCode"))
    if "us-gov-west-1" in cut.get("enum", []):
        # Of a location that it does not know S3 says InvalidLocationConstraint: the handler's word, not the model's.
        del cut["enum"]
    return cut


def reached(shapes, roots):
    found, todo = set(), list(roots)
    while todo:
        name = todo.pop()
        if name in found:
            continue
        found.add(name)
        source = shapes[name]
        inner = list(source.get("members", {}).values()) + [source[k] for k in ("member", "key", "value") if k in source]
        todo += [value["shape"] for value in inner]
    return found


def operation(source):
    cut = {"method": source["http"]["method"], "uri": source["http"]["requestUri"]}
    if source["http"].get("responseCode", 200) != 200:
        cut["status"] = source["http"]["responseCode"]
    if "input" in source:
        cut["input"] = source["input"]["shape"]
    if "output" in source:
        cut["output"] = source["output"]["shape"]
        if "resultWrapper" in source["output"]:
            cut["wrapper"] = source["output"]["resultWrapper"]
    if source.get("errors"):
        cut["errors"] = [error["shape"] for error in source["errors"]]
    return cut


def service(name, wanted):
    source = Loader().load_service_model(name, "service-2")
    metadata = source["metadata"]
    operations = {op: operation(source["operations"][op]) for op in sorted(wanted.split())}
    roots = [
        root for op in operations.values() for root in [op.get("input"), op.get("output"), *op.get("errors", [])] if root
    ]
    shapes = {name: shape(source["shapes"][name]) for name in sorted(reached(source["shapes"], roots))}
    head = {
        "protocol": metadata["protocol"],
        "apiVersion": metadata["apiVersion"],
        "serviceId": metadata["serviceId"],
        "signingName": metadata.get("signingName", metadata["endpointPrefix"]),
        "endpointPrefix": metadata["endpointPrefix"],
    }
    for optional in ("targetPrefix", "jsonVersion", "xmlNamespace"):
        if optional in metadata:
            head[optional] = metadata[optional]
    namespaces = {
        "s3": "http://s3.amazonaws.com/doc/2006-03-01/",
        "s3control": "http://awss3control.amazonaws.com/doc/2018-08-20/",
    }
    if name in namespaces:
        head["xmlNamespace"] = namespaces[name]
    return head, operations, shapes


def text(value):
    return json.dumps(value, separators=(",", ":"))


def lines(table):
    return ",\n".join(f"{text(name)}:{text(value)}" for name, value in table.items())


def main():
    services = []
    for name, wanted in sorted(OPERATIONS.items()):
        head, operations, shapes = service(name, wanted)
        # CloudWatch signs as `monitoring`, and requests are told apart by that name, unless another has it as its own.
        known = head["signingName"] if head["signingName"] not in OPERATIONS else name
        services.append(
            f'{text(known)}:{text(head)[:-1]},"operations":{{\n{lines(operations)}\n}},"shapes":{{\n{lines(shapes)}\n}}}}'
        )
    target = pathlib.Path(__file__).with_name("aws.json")
    target.write_text("{\n" + ",\n".join(services) + "\n}\n")


if __name__ == "__main__":
    main()
