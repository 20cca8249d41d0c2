"""How GuardDuty behaves: detectors and their features, administrators and members."""

import json

from stage import ABROAD, HOME, document, equal, refused

RUNTIME = ["EKS_RUNTIME_MONITORING", "RUNTIME_MONITORING"]


def _detector(client, **wish):
    return client.create_detector(Enable=True, **wish)["DetectorId"]


def _feature(name, on):
    return {"Name": name, "Status": "ENABLED" if on else "DISABLED"}


def _on(client, detector):
    """Every feature of a detector, and whether it is on."""
    features = client.get_detector(DetectorId=detector)["Features"]
    return {feature["Name"]: feature["Status"] == "ENABLED" for feature in features}


def _administrator(stage):
    """The organization's administrator at home: its client, and its detector."""
    account = stage.member("administrator")
    stage.client("guardduty").enable_organization_admin_account(AdminAccountId=account)
    client = stage.inside("guardduty", account)
    return client, client.list_detectors()["DetectorIds"][0]


def _take_in(client, detector, account):
    details = [{"AccountId": account, "Email": "member@example.com"}]
    equal(client.create_members(DetectorId=detector, AccountDetails=details)["UnprocessedAccounts"], [])


def a_region_has_one_detector(stage):
    account = stage.member()
    client = stage.inside("guardduty", account)
    made = _detector(client)
    refused("BadRequestException", client.create_detector, Enable=True)
    equal(client.list_detectors()["DetectorIds"], [made])
    assert _detector(stage.inside("guardduty", account, ABROAD)) != made


def unnamed_features_switch_on(stage):
    client = stage.inside("guardduty", stage.member())
    on = _on(client, _detector(client, Features=[_feature("RDS_LOGIN_EVENTS", False)]))
    off = sorted(name for name, enabled in on.items() if not enabled)
    equal(off, ["EKS_RUNTIME_MONITORING", "RDS_LOGIN_EVENTS", "RUNTIME_MONITORING"])
    assert on["S3_DATA_EVENTS"] and on["LAMBDA_NETWORK_LOGS"]


def both_runtime_monitorings_are_refused(stage):
    client = stage.inside("guardduty", stage.member())
    both = [_feature(name, True) for name in RUNTIME]
    refused("BadRequestException", client.create_detector, Enable=True, Features=both)
    made = _detector(client)
    refused("BadRequestException", client.update_detector, DetectorId=made, Features=both)
    client.update_detector(DetectorId=made, Features=both[1:])
    equal([_on(client, made)[name] for name in RUNTIME], [False, True])
    administrator, detector = _administrator(stage)
    account = stage.member("another")
    _take_in(administrator, detector, account)
    members = {"DetectorId": detector, "AccountIds": [account]}
    refused("BadRequestException", administrator.update_member_detectors, Features=both, **members)
    everyone = [{"Name": name, "AutoEnable": "NEW"} for name in RUNTIME]
    switch = administrator.update_organization_configuration
    wish = {"DetectorId": detector, "AutoEnableOrganizationMembers": "NEW"}
    refused("BadRequestException", switch, Features=everyone, **wish)
    switch(Features=everyone[1:], **wish)


def the_forerunner_stays_on(stage):
    client = stage.inside("guardduty", stage.member())
    made = _detector(client, Features=[_feature("EKS_RUNTIME_MONITORING", True)])
    client.update_detector(DetectorId=made, Features=[_feature("RUNTIME_MONITORING", True)])
    equal([_on(client, made)[name] for name in RUNTIME], [True, True])
    client.update_detector(DetectorId=made, Features=[_feature("EKS_RUNTIME_MONITORING", False)])
    equal([_on(client, made)[name] for name in RUNTIME], [False, True])


def feature_updates_merge(stage):
    client = stage.inside("guardduty", stage.member())
    made = _detector(client, Features=[_feature("RDS_LOGIN_EVENTS", False)])
    before = _on(client, made)
    client.update_detector(DetectorId=made, Features=[_feature("S3_DATA_EVENTS", False)])
    assert before["S3_DATA_EVENTS"]
    equal(_on(client, made), {**before, "S3_DATA_EVENTS": False})


def foundational_sources_are_listed(stage):
    client = stage.inside("guardduty", stage.member())
    made = _detector(client)
    on = _on(client, made)
    assert all(on[name] for name in ["CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS", "S3_DATA_EVENTS"])


def the_administrator_is_regional(stage):
    account = stage.member()
    at_home, abroad = (stage.client("guardduty", region=region) for region in [HOME, ABROAD])
    at_home.enable_organization_admin_account(AdminAccountId=account)
    named = [admin["AdminAccountId"] for admin in at_home.list_organization_admin_accounts()["AdminAccounts"]]
    equal(named, [account])
    equal(abroad.list_organization_admin_accounts()["AdminAccounts"], [])
    abroad.enable_organization_admin_account(AdminAccountId=account)
    equal(len(abroad.list_organization_admin_accounts()["AdminAccounts"]), 1)


def the_management_account_lists_administrators(stage):
    client, _ = _administrator(stage)
    refused("BadRequestException", client.list_organization_admin_accounts)
    equal(len(stage.client("guardduty").list_organization_admin_accounts()["AdminAccounts"]), 1)


def naming_an_administrator_gives_it_a_detector(stage):
    account = stage.member()
    client, abroad = (stage.inside("guardduty", account, region) for region in [HOME, ABROAD])
    equal(client.list_detectors()["DetectorIds"], [])
    trusted = stage.client("organizations").list_aws_service_access_for_organization
    equal(trusted()["EnabledServicePrincipals"], [])
    stage.client("guardduty").enable_organization_admin_account(AdminAccountId=account)
    [made] = client.list_detectors()["DetectorIds"]
    equal(client.get_detector(DetectorId=made)["Status"], "ENABLED")
    services = [one["ServicePrincipal"] for one in trusted()["EnabledServicePrincipals"]]
    equal(services, ["guardduty.amazonaws.com"])
    equal(abroad.list_detectors()["DetectorIds"], [])


def members_cannot_change_their_detector(stage):
    administrator, detector = _administrator(stage)
    account = stage.member()
    client = stage.inside("guardduty", account)
    made = _detector(client)
    client.update_detector(DetectorId=made, FindingPublishingFrequency="ONE_HOUR")
    _take_in(administrator, detector, account)
    wish = {"DetectorId": made, "Features": [_feature("S3_DATA_EVENTS", False)]}
    refused("BadRequestException", client.update_detector, **wish)
    administrator.update_detector(**{**wish, "DetectorId": detector})


def _invited(stage, name="invited"):
    """An administrator that no organization knows of, and an account that it invited: clients, detectors, ids."""
    ids = stage.member(f"{name}-administrator"), stage.member(name)
    administrator, client = (stage.inside("guardduty", account) for account in ids)
    detectors = _detector(administrator), _detector(client)
    details = [{"AccountId": ids[1], "Email": "member@example.com"}]
    made = administrator.create_members(DetectorId=detectors[0], AccountDetails=details)
    equal(made["UnprocessedAccounts"], [])
    asked = administrator.invite_members(DetectorId=detectors[0], AccountIds=[ids[1]])
    equal(asked["UnprocessedAccounts"], [])
    return (administrator, client), detectors, ids


def _accepted(client, detector, administrator):
    [invitation] = client.list_invitations()["Invitations"]
    equal(invitation["AccountId"], administrator)
    client.accept_administrator_invitation(
        DetectorId=detector, AdministratorId=administrator, InvitationId=invitation["InvitationId"]
    )


def an_invitation_binds_whom_it_is_accepted_by(stage):
    (administrator, client), detectors, ids = _invited(stage)
    listed = administrator.list_members(DetectorId=detectors[0], OnlyAssociated="false")["Members"]
    equal([(one["AccountId"], one["RelationshipStatus"]) for one in listed], [(ids[1], "Invited")])
    equal(administrator.list_members(DetectorId=detectors[0])["Members"], [])
    assert not client.get_administrator_account(DetectorId=detectors[1]).get("Administrator")
    client.update_detector(DetectorId=detectors[1], Features=[_feature("S3_DATA_EVENTS", False)])
    _accepted(client, detectors[1], ids[0])
    told = client.get_administrator_account(DetectorId=detectors[1])["Administrator"]
    equal((told["AccountId"], told["RelationshipStatus"]), (ids[0], "Enabled"))
    wish = {"Features": [_feature("S3_DATA_EVENTS", True)]}
    refused("BadRequestException", client.update_detector, DetectorId=detectors[1], **wish)
    members = {"DetectorId": detectors[0], "AccountIds": [ids[1]]}
    equal(administrator.update_member_detectors(**members, **wish)["UnprocessedAccounts"], [])
    assert _on(client, detectors[1])["S3_DATA_EVENTS"]


def malware_scans_are_not_an_inviters_to_switch(stage):
    (administrator, client), detectors, ids = _invited(stage)
    client.update_detector(DetectorId=detectors[1], Features=[_feature("EBS_MALWARE_PROTECTION", False)])
    _accepted(client, detectors[1], ids[0])
    members = {"DetectorId": detectors[0], "AccountIds": [ids[1]]}
    wish = [_feature("EBS_MALWARE_PROTECTION", True)]
    left = administrator.update_member_detectors(Features=wish, **members)["UnprocessedAccounts"]
    equal([one["AccountId"] for one in left], [ids[1]])
    assert not _on(client, detectors[1])["EBS_MALWARE_PROTECTION"]
    delegated, own = _administrator(stage)
    account = stage.member("another")
    _take_in(delegated, own, account)
    left = delegated.update_member_detectors(DetectorId=own, AccountIds=[account], Features=wish)
    equal(left["UnprocessedAccounts"], [])


def the_administrators_frequency_is_its_members_too(stage):
    administrator, detector = _administrator(stage)
    account = stage.member()
    client = stage.inside("guardduty", account)
    made = _detector(client, FindingPublishingFrequency="SIX_HOURS")
    _take_in(administrator, detector, account)
    wish = {"FindingPublishingFrequency": "ONE_HOUR"}
    refused("BadRequestException", client.update_detector, DetectorId=made, **wish)
    administrator.update_detector(DetectorId=detector, **wish)
    equal(client.get_detector(DetectorId=made)["FindingPublishingFrequency"], "ONE_HOUR")
    (inviter, invited), detectors, ids = _invited(stage)
    _accepted(invited, detectors[1], ids[0])
    inviter.update_detector(DetectorId=detectors[0], FindingPublishingFrequency="FIFTEEN_MINUTES")
    equal(invited.get_detector(DetectorId=detectors[1])["FindingPublishingFrequency"], "FIFTEEN_MINUTES")


def who_has_no_administrator_gets_an_empty_answer(stage):
    administrator, detector = _administrator(stage)
    account = stage.member()
    client = stage.inside("guardduty", account)
    made = _detector(client)
    assert not client.get_administrator_account(DetectorId=made).get("Administrator")
    assert not administrator.get_administrator_account(DetectorId=detector).get("Administrator")
    _take_in(administrator, detector, account)
    told = client.get_administrator_account(DetectorId=made)["Administrator"]
    equal(told["RelationshipStatus"], "Enabled")


def strangers_are_unprocessed(stage):
    administrator, detector = _administrator(stage)
    account, stranger = stage.member("member"), stage.member("stranger")
    _take_in(administrator, detector, account)
    wish = {"DetectorId": detector, "AccountIds": [account, stranger]}
    read = administrator.get_member_detectors(**wish)
    equal([member["AccountId"] for member in read["MemberDataSourceConfigurations"]], [account])
    equal([left["AccountId"] for left in read["UnprocessedAccounts"]], [stranger])
    features = [_feature("S3_DATA_EVENTS", True)]
    changed = administrator.update_member_detectors(Features=features, **wish)
    equal([left["AccountId"] for left in changed["UnprocessedAccounts"]], [stranger])
    equal(changed["ResponseMetadata"]["HTTPStatusCode"], 200)
    client = stage.inside("guardduty", account)
    [made] = client.list_detectors()["DetectorIds"]
    assert _on(client, made)["S3_DATA_EVENTS"]


def what_members_are_not_told_stays(stage):
    administrator, detector = _administrator(stage)
    account = stage.member()
    client = stage.inside("guardduty", account)
    made = _detector(client, Features=[_feature("RDS_LOGIN_EVENTS", False)])
    _take_in(administrator, detector, account)
    before = _on(client, made)
    told = [_feature("S3_DATA_EVENTS", False)]
    administrator.update_member_detectors(DetectorId=detector, AccountIds=[account], Features=told)
    assert before["S3_DATA_EVENTS"]
    equal(_on(client, made), {**before, "S3_DATA_EVENTS": False})


def a_policy_holds_against_the_administrator_too(stage):
    administrator, detector = _administrator(stage)
    governed, free = stage.member("governed"), stage.member("free")
    for account in [governed, free]:
        _take_in(administrator, detector, account)
    _policy(stage, governed, {"default": {"s3_data_events": {"@@assign": "ENABLED"}}})
    both = {"DetectorId": detector, "AccountIds": [governed, free]}
    seen = administrator.get_member_detectors(**both)["MemberDataSourceConfigurations"]
    managed = {one["AccountId"]: [f["Name"] for f in one["Features"] if f.get("ManagedBy")] for one in seen}
    equal(managed, {governed: ["S3_DATA_EVENTS"], free: []})
    left = administrator.update_member_detectors(Features=[_feature("S3_DATA_EVENTS", True)], **both)
    equal([one["AccountId"] for one in left["UnprocessedAccounts"]], [governed])


def at_most_fifty_members_a_call(stage):
    administrator, detector = _administrator(stage)
    crowd = [f"{number:012}" for number in range(51)]
    details = [{"AccountId": account, "Email": "one@example.com"} for account in crowd]
    refused("BadRequestException", administrator.create_members, DetectorId=detector, AccountDetails=details)
    for call in [administrator.get_members, administrator.get_member_detectors]:
        refused("BadRequestException", call, DetectorId=detector, AccountIds=crowd)
    told = {"DetectorId": detector, "AccountIds": crowd, "Features": [_feature("S3_DATA_EVENTS", True)]}
    refused("BadRequestException", administrator.update_member_detectors, **told)
    answer = administrator.create_members(DetectorId=detector, AccountDetails=details[1:])
    equal(len(answer["UnprocessedAccounts"]), 50)


def who_takes_in_everyone_lets_nobody_go(stage):
    administrator, detector = _administrator(stage)
    account = stage.member()
    switch = administrator.update_organization_configuration
    switch(DetectorId=detector, AutoEnableOrganizationMembers="ALL")

    def members():
        return [member["AccountId"] for member in administrator.list_members(DetectorId=detector)["Members"]]

    assert account in members()
    wish = {"DetectorId": detector, "AccountIds": [account]}
    refused("BadRequestException", administrator.delete_members, **wish)
    switch(DetectorId=detector, AutoEnableOrganizationMembers="NEW")
    equal(administrator.delete_members(**wish)["UnprocessedAccounts"], [])
    assert account not in members()


def a_first_detector_needs_its_role(stage):
    account = stage.member()
    bare = document({"Action": "guardduty:CreateDetector"})
    narrow = stage.enter(account, Policy=bare)
    refused("AccessDeniedException", stage.client("guardduty", narrow).create_detector, Enable=True)
    both = document({"Action": ["guardduty:CreateDetector", "iam:CreateServiceLinkedRole"]})
    _detector(stage.client("guardduty", stage.enter(account, Policy=both)))
    # The role is there now, and the other region has use for it.
    _detector(stage.client("guardduty", narrow, ABROAD))


def _policy(stage, target, blocks):
    organizations = stage.client("organizations")
    sort = "GUARDDUTY_POLICY"
    organizations.enable_policy_type(RootId=stage.organization_root(), PolicyType=sort)
    made = organizations.create_policy(
        Name="watch", Description="watch", Type=sort, Content=json.dumps({"guardduty": blocks})
    )
    organizations.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=target)


def _managed(client, detector):
    features = client.get_detector(DetectorId=detector)["Features"]
    return sorted(feature["Name"] for feature in features if feature.get("ManagedBy") == "GUARDDUTY_POLICY")


def what_a_policy_names_is_managed_and_read_only(stage):
    account = stage.member()
    client = stage.inside("guardduty", account)
    made = _detector(client)
    equal(_managed(client, made), [])
    _policy(stage, account, {"default": {"s3_data_events": {"@@assign": "ENABLED"}}})
    equal(_managed(client, made), ["S3_DATA_EVENTS"])
    off = [_feature("S3_DATA_EVENTS", False)]
    refused("BadRequestException", client.update_detector, DetectorId=made, Features=off)
    client.update_detector(DetectorId=made, Features=[_feature("RDS_LOGIN_EVENTS", False)])
    on = _on(client, made)
    equal((on["S3_DATA_EVENTS"], on["RDS_LOGIN_EVENTS"]), (True, False))


def a_regions_block_replaces_the_default(stage):
    account = stage.member()
    at_home, abroad = (stage.inside("guardduty", account, region) for region in [HOME, ABROAD])
    made = [_detector(client) for client in [at_home, abroad]]
    blocks = {"default": {"s3_data_events": {"@@assign": "ENABLED"}}, ABROAD: {"foundational": {"@@assign": "ENABLED"}}}
    _policy(stage, account, blocks)
    equal(_managed(at_home, made[0]), ["S3_DATA_EVENTS"])
    equal(_managed(abroad, made[1]), ["CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS"])
    other = stage.inside("guardduty", stage.member("other"))
    equal(_managed(other, _detector(other)), [])
