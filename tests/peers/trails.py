"""Trails, their buckets and log groups, and the metric filters and alarms on them, drawn at random."""

import json

from patterns import PATTERNS
from past import remember
from seed import trail as make
from variants import selector
from variants import trail as wanted_trail

OBJECTS = {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}
ONE_BUCKET = {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::one/"]}
ADVANCED = {
    "advanced management": [("Management events selector", [("eventCategory", ["Management"])])],
    "advanced, other name": [("what is managed", [("eventCategory", ["Management"])])],
    "advanced everything": [
        ("Management events selector", [("eventCategory", ["Management"])]),
        ("objects", [("eventCategory", ["Data"]), ("resources.type", ["AWS::S3::Object"])]),
    ],
    "advanced writes": [
        ("Management events selector", [("eventCategory", ["Management"])]),
        (
            "written objects",
            [("eventCategory", ["Data"]), ("resources.type", ["AWS::S3::Object"]), ("readOnly", ["false"])],
        ),
    ],
}
SELECTORS = {
    "default": [],
    "management": [selector()],
    "management writes": [selector("WriteOnly")],
    "management reads": [selector("ReadOnly")],
    "without management": [selector(management=False, data=[OBJECTS])],
    "objects": [selector(data=[OBJECTS])],
    "written objects": [selector(), selector("WriteOnly", management=False, data=[OBJECTS])],
    "read objects": [selector(), selector("ReadOnly", management=False, data=[OBJECTS])],
    "one bucket": [selector(data=[ONE_BUCKET])],
}
# What leaves management events out.
SHORT = ["management writes", "management reads", "without management"]
INSIGHTS = {
    "none": [],
    "calls": ["ApiCallRateInsight"],
    "errors": ["ApiErrorRateInsight"],
    "both": ["ApiCallRateInsight", "ApiErrorRateInsight"],
}
GRANTS = ["private", "private", "public-read", "authenticated-read"]
SECURE = {
    "without policy": None,
    "TLS": {"Effect": "Deny", "Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    "TLS for putting": {
        "Effect": "Deny",
        "Action": ["s3:PutObject"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    },
    "TLS for one": {
        "Effect": "Deny",
        "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Action": "s3:*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    },
    "allowed": {"Effect": "Allow", "Action": "s3:GetBucketAcl", "Principal": {"Service": "cloudtrail.amazonaws.com"}},
}
# What is wrong with an alarm. Half of them are in line: an account may have no trail that they count on.
ALARMS = [
    *["in line"] * 10,
    "as CIS has it alone",
    "as Security Hub has it alone",
    "last term missing",
    "no filter",
    "no alarm",
    "alarm on another metric",
    "alarm in another namespace",
    "alarm that tells nobody",
    "alarm switched off",
    "in another log group",
]


def bucket(cloud, rng, account, name, home):
    """Gives the bucket of a trail settings of its own."""
    s3, words = cloud.client("s3", account, home), []
    grant = rng.choice(GRANTS)
    if grant != "private":
        s3.put_bucket_acl(Bucket=name, ACL=grant)
    words.append(grant)
    secure = rng.choice(sorted(SECURE))
    if statement := SECURE[secure]:
        whole = {"Principal": "*", "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"], **statement}
        policy = {"Version": "2012-10-17", "Statement": [whole]}
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    words.append(secure)
    if rng.random() < 0.5:
        place = {} if home == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": home}}
        s3.create_bucket(Bucket=f"{name}-access", **place)
        log = {"LoggingEnabled": {"TargetBucket": f"{name}-access", "TargetPrefix": "access/"}}
        s3.put_bucket_acl(Bucket=f"{name}-access", ACL="log-delivery-write")
        s3.put_bucket_logging(Bucket=name, BucketLoggingStatus=log)
        words.append("logged")
    if rng.random() < 0.5:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        words.append("versions")
        if rng.random() < 0.4:
            remember(cloud.endpoint, {"account": account, "mfa_delete": [name]})
            words.append("MFA delete")
    return ", ".join(words)


def advanced(name):
    found = []
    for title, wanted in ADVANCED[name]:
        fields = [{"Field": field, "Equals": values} for field, values in wanted]
        found.append({"Name": title, "FieldSelectors": fields})
    return found


def topic(cloud, account, home):
    sns = cloud.client("sns", account, home)
    arn = sns.create_topic(Name="alarms")["TopicArn"]
    sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="security@example.com")
    return arn


def without_last_term(pattern):
    """The pattern with its last condition, of those joined by `||` or `&&`, taken out."""
    joint = max(pattern.rfind("||"), pattern.rfind("&&"))
    tail = pattern[joint + 2 :]
    return pattern[:joint].rstrip() + ")" * (tail.count(")") - tail.count("(")) + " }"


def filters(name, variant):
    """The patterns that feed the metric: both, where CIS and Security Hub ask for different ones."""
    both = PATTERNS[name]
    if variant == "last term missing":
        return [without_last_term(both["cis"])]
    if variant == "as CIS has it alone":
        return [both["cis"]]
    other = both["security_hub"] or both["cis"]
    return [other] if variant == "as Security Hub has it alone" else sorted({both["cis"], other})


def alarm(cloud, account, home, group, arn, name, variant):
    """The metric filters of one alarm, and the alarm; the variant says what is wrong with them."""
    if variant == "no filter":
        return
    metric = {"metricName": name, "metricNamespace": "CISBenchmark", "metricValue": "1"}
    where = "/elsewhere" if variant == "in another log group" else group
    for number, pattern in enumerate(filters(name, variant)):
        cloud.client("logs", account, home).put_metric_filter(
            logGroupName=where,
            filterName=f"{name}-{number}",
            filterPattern=pattern,
            metricTransformations=[metric],
        )
    if variant == "no alarm":
        return
    cloud.client("cloudwatch", account, home).put_metric_alarm(
        AlarmName=name,
        MetricName=f"other-{name}" if variant == "alarm on another metric" else name,
        Namespace="Other" if variant == "alarm in another namespace" else "CISBenchmark",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        AlarmActions=[] if variant == "alarm that tells nobody" else [arn],
        ActionsEnabled=variant != "alarm switched off",
    )


def alarms(cloud, rng, account, home, group, whole):
    logs = cloud.client("logs", account, home)
    logs.create_log_group(logGroupName="/elsewhere")
    arn, made = topic(cloud, account, home), []
    for name in PATTERNS:
        variant = rng.choice(ALARMS)
        alarm(cloud, account, home, group, arn, name, variant)
        words = f"{variant}, on a trail that records {'everything' if whole else 'a part'}"
        made.append({"kind": f"alarm {name}", "ids": [], "variant": words})
    return made


def delivered(cloud, rng, account, trail, home):
    """Lets a trail deliver to a log group, and something arrive there, or nothing."""
    group = f"/trails/{trail}"
    cloud.client("logs", account, home).create_log_group(logGroupName=group)
    role = f"arn:aws:iam::{account}:role/{trail}-logs"
    arn = f"arn:aws:logs:{home}:{account}:log-group:{group}:*"
    cloud.client("cloudtrail", account, home).update_trail(
        Name=trail, CloudWatchLogsLogGroupArn=arn, CloudWatchLogsRoleArn=role
    )
    days = rng.choice([0, 0, 0, 3, None])
    past = {"name": trail, "region": home, "delivered": days}
    remember(cloud.endpoint, {"account": account, "trails": [past]})
    return group, "nothing arrived" if days is None else f"arrived {days} days ago"


def one(cloud, rng, account, name):
    """One trail: its settings and its bucket's in words, and its log group if it has one."""
    home = rng.choice([cloud.regions[0], cloud.regions[0], cloud.regions[1]])
    chosen = rng.choice(sorted({**SELECTORS, **ADVANCED}))
    wanted = wanted_trail(
        name,
        managed=name == "trueup",
        home=home,
        key=rng.choice([f"alias/{name}", f"alias/{name}", None]),
        multi_region=rng.random() < 0.85,
        validation=rng.random() < 0.7,
        logging=rng.random() < 0.9,
        selectors=SELECTORS.get(chosen, []),
        advanced=advanced(chosen) if chosen in ADVANCED else [],
    )
    insights = rng.choice(sorted(INSIGHTS))
    wanted["insights"] = [{"InsightType": kind} for kind in INSIGHTS[insights]]
    make(cloud, account, wanted)
    words = [f"selectors {chosen}", f"insights {insights}"]
    words += [part if wanted[part] else f"no {part}" for part in ("multi_region", "validation", "logging", "key")]
    group = None
    if rng.random() < 0.9:
        group, arrived = delivered(cloud, rng, account, name, home)
        words.append(arrived)
    whole = wanted["multi_region"] and wanted["logging"] and chosen not in SHORT
    of_bucket = bucket(cloud, rng, account, f"logs-{account}-{name}", home)
    return {"words": ", ".join(words), "home": home, "group": group, "whole": whole, "bucket": of_bucket}


def furnish(cloud, rng, account, blocked):
    """Furnishes an account, whose own block of public access may be complete."""
    made = []
    alone = [["trueup"], ["audit"]]
    names = rng.choice([[], *alone * 4, ["audit", "trueup"]])
    for name in names:
        trail = one(cloud, rng, account, name)
        made.append({"kind": "trail", "ids": [name], "variant": trail["words"]})
        words = f"{trail['bucket']}, {'blocked' if blocked else 'not blocked'} by the account"
        made.append({"kind": "bucket", "ids": [f"logs-{account}-{name}", name], "variant": words})
        if trail["group"] and len(names) == 1:
            made += alarms(cloud, rng, account, trail["home"], trail["group"], trail["whole"])
    if not names:
        made.append({"kind": "trail", "ids": [], "variant": "none"})
    return made
