//! What is made of the answers of EC2.

use std::sync::Arc;

use super::acls::Acls;
use super::ebs::{DefaultKeyId, EbsEncryption};
use super::groups::{Everybody, Groups};
use super::instances::{InstanceMetadata, MetadataDefaults, SerialConsole, Tokens};
use super::interfaces::Interfaces;
use super::prefix_lists::PrefixList;
use super::sharing::{ImageSharing, PublicSnapshots, Sharing, SnapshotSharing};
use super::vpcs::{FlowLogs, Vpcs};
use super::*;
use crate::observe::kms::named::NamedKey;
use crate::observe::{Class, Homes, Observe, Readable, Reader};
use crate::stub::{Answer as Canned, Asked, Stub, caller, json, xml};
use crate::{Entry, Guard};

/// What is observed where EC2 answers so, and which operations were asked.
pub(super) async fn seen<T: Observe>(
    key: T::Key,
    answer: impl Fn(&Asked) -> Canned + Send + Sync + 'static,
) -> (Result<T, ReadError>, Vec<Asked>) {
    let stub = Stub::new(answer);
    let below = NamedKey::<false>::CALLS.iter().chain(DefaultKeyId::CALLS).chain(PublicSnapshots::CALLS);
    let guard = Arc::new(Guard::new(T::CALLS.iter().chain(below).copied()));
    let session = stub.base().await.enter(&caller(), &caller().account, Entry::Own, &guard);
    let region = "eu-west-1".parse().expect("a region");
    let homes = Arc::new(Homes::live(None, session.home_region().clone(), None));
    let seen = T::observe(&Reader::live(session, &homes).in_region(&region), &key).await;
    (seen, stub.asked())
}

pub(super) fn answered(operation: &str, inside: &str) -> Canned {
    xml(200, &format!("<{operation}Response><requestId>r</requestId>{inside}</{operation}Response>"))
}

async fn one<T: Observe<Key = ()>>(inside: &'static str) -> Result<T, ReadError> {
    seen::<T>((), move |asked| answered(&asked.operation, inside)).await.0
}

#[tokio::test]
async fn a_state_that_is_missing_or_not_known_is_no_answer() {
    let state = |inside: &'static str| async move {
        let seen = seen::<SnapshotSharing>(false, move |asked| answered(&asked.operation, inside)).await.0;
        seen.map(|seen| (seen.state, seen.declared)).map_err(|error| (error.class, error.message))
    };
    assert_eq!(state("<state>unblocked</state>").await, Ok((Sharing::Unblocked, false)));
    let declared = "<state>block-all-sharing</state><managedBy>declarative-policy</managedBy>";
    assert_eq!(state(declared).await, Ok((Sharing::BlockAllSharing, true)));
    assert_eq!(state("").await, Err((Class::Failed, "the answer has no state".to_owned())));
    assert_eq!(state("<state>half</state>").await, Err((Class::Failed, "the state half is not known".to_owned())));
}

#[tokio::test]
async fn images_and_consoles_are_what_they_are_said_to_be() {
    let blocked =
        "<imageBlockPublicAccessState>block-new-sharing</imageBlockPublicAccessState><managedBy>account</managedBy>";
    assert_eq!(one::<ImageSharing>(blocked).await, Ok(ImageSharing { blocked: true, declared: false, policies: None }));
    let open = "<imageBlockPublicAccessState>unblocked</imageBlockPublicAccessState>";
    assert_eq!(one::<ImageSharing>(open).await, Ok(ImageSharing { blocked: false, declared: false, policies: None }));
    let other = "<imageBlockPublicAccessState>block-all</imageBlockPublicAccessState>";
    assert_eq!(one::<ImageSharing>(other).await.expect_err("not known").class, Class::Failed);
    let on = "<serialConsoleAccessEnabled>true</serialConsoleAccessEnabled><managedBy>declarative-policy</managedBy>";
    let declared = one::<SerialConsole>(on).await.map(|seen| (seen.enabled, seen.declared));
    assert_eq!(declared, Ok((true, true)));
    assert_eq!(one::<SerialConsole>("").await.expect_err("missing").class, Class::Failed);
}

#[tokio::test]
async fn a_default_that_is_left_out_is_no_preference() {
    let defaults = |inside: &'static str| async move {
        one::<InstanceMetadata>(inside).await.map(|seen| seen.defaults).map_err(|error| error.message)
    };
    assert_eq!(defaults("<accountLevel/>").await, Ok(MetadataDefaults::default()));
    let none = "<accountLevel><httpTokens>no-preference</httpTokens><httpPutResponseHopLimit>-1</httpPutResponseHopLimit>\
                <httpTokensEnforced>no-preference</httpTokensEnforced></accountLevel>";
    assert_eq!(defaults(none).await, Ok(MetadataDefaults::default()));
    let set = "<accountLevel><httpTokens>required</httpTokens><httpPutResponseHopLimit>2</httpPutResponseHopLimit>\
               <httpTokensEnforced>disabled</httpTokensEnforced></accountLevel>";
    let wanted = MetadataDefaults { http_tokens: Some(Tokens::Required), hop_limit: Some(2), enforced: Some(false) };
    assert_eq!(defaults(set).await, Ok(wanted));
    for (inside, words) in [
        ("", "the answer has no accountLevel"),
        ("<accountLevel><httpTokens>maybe</httpTokens></accountLevel>", "httpTokens maybe is not known"),
        (
            "<accountLevel><httpPutResponseHopLimit>far</httpPutResponseHopLimit></accountLevel>",
            "httpPutResponseHopLimit far is not known",
        ),
        (
            "<accountLevel><httpTokensEnforced>sure</httpTokensEnforced></accountLevel>",
            "httpTokensEnforced sure is not known",
        ),
    ] {
        assert_eq!(defaults(inside).await, Err(words.to_owned()));
    }
}

#[tokio::test]
async fn public_snapshots_are_listed_page_by_page_and_only_where_they_would_be_hit() {
    let answer = |asked: &Asked| match asked.operation.as_str() {
        "DescribeSnapshots" if asked.field("NextToken").is_none() => answered(
            "DescribeSnapshots",
            "<snapshotSet><item><snapshotId>snap-b</snapshotId></item></snapshotSet><nextToken>more</nextToken>",
        ),
        "DescribeSnapshots" => {
            answered("DescribeSnapshots", "<snapshotSet><item><snapshotId>snap-a</snapshotId></item></snapshotSet>")
        }
        other => answered(other, "<state>block-new-sharing</state>"),
    };
    let (sharing, asked) = seen::<SnapshotSharing>(true, answer).await;
    assert_eq!(sharing.expect("an answer").public, ["snap-a", "snap-b"]);
    let list = "Action=DescribeSnapshots&Version=2016-11-15&Owner.1=self&RestorableBy.1=all&MaxResults=1000";
    assert_eq!((asked[1].body.as_str(), asked[2].field("NextToken").as_deref()), (list, Some("more")));
    let (sharing, asked) = seen::<SnapshotSharing>(false, answer).await;
    assert_eq!((sharing.expect("an answer").public.len(), asked.len()), (0, 1));
    let shut = |asked: &Asked| answered(&asked.operation, "<state>block-all-sharing</state>");
    let (sharing, asked) = seen::<SnapshotSharing>(true, shut).await;
    assert_eq!((sharing.expect("an answer").public.len(), asked.len()), (0, 1));
}

#[tokio::test]
async fn who_would_be_hit_has_to_be_known() {
    let denied = "<Response><Errors><Error><Code>UnauthorizedOperation</Code></Error></Errors></Response>";
    let answer = move |asked: &Asked| match asked.operation.as_str() {
        "DescribeSnapshots" => xml(403, denied),
        other => answered(other, "<state>unblocked</state>"),
    };
    let error = seen::<SnapshotSharing>(true, answer).await.0.expect_err("nobody knows");
    assert_eq!(error.action, "ec2:DescribeSnapshots");
    assert!(seen::<SnapshotSharing>(false, answer).await.0.is_ok(), "nobody would be hit");
}

#[tokio::test]
async fn the_key_is_asked_for_only_where_one_is_wanted() {
    let answer = |asked: &Asked| match asked.operation.as_str() {
        "GetEbsEncryptionByDefault" => {
            answered("GetEbsEncryptionByDefault", "<ebsEncryptionByDefault>true</ebsEncryptionByDefault>")
        }
        "GetEbsDefaultKmsKeyId" => answered("GetEbsDefaultKmsKeyId", "<kmsKeyId>alias/aws/ebs</kmsKeyId>"),
        _ => json(400, r#"{"__type": "NotFoundException"}"#),
    };
    let (encryption, asked) = seen::<EbsEncryption>(None, answer).await;
    assert_eq!(encryption, Ok(EbsEncryption { enabled: true, key: None }));
    assert_eq!(asked.len(), 1);
    let (encryption, asked) = seen::<EbsEncryption>(Some("alias/volumes".to_owned()), answer).await;
    let key = encryption.expect("an answer").key.expect("one is wanted");
    assert_eq!((key.now.as_str(), key.wanted), ("alias/aws/ebs", Readable::Read(None)));
    assert_eq!(asked.len(), 3);
}

fn shown(id: &str, owner: &str, inside: &str) -> String {
    format!(
        "<item><groupId>{id}</groupId><groupName>web</groupName><vpcId>vpc-1</vpcId><ownerId>{owner}</ownerId>{inside}</item>"
    )
}

#[tokio::test]
async fn groups_are_listed_page_by_page_without_those_of_others() {
    let own = caller().account.to_string();
    let answer = move |asked: &Asked| {
        let page = match asked.field("NextToken").as_deref() {
            None => "<securityGroupInfo/><nextToken>empty</nextToken>".to_owned(),
            Some("empty") => {
                let groups = shown("sg-b", &own, "") + &shown("sg-c", "111122223333", "");
                format!("<securityGroupInfo>{groups}</securityGroupInfo><nextToken>more</nextToken>")
            }
            Some(_) => format!("<securityGroupInfo>{}</securityGroupInfo>", shown("sg-a", &own, "")),
        };
        answered("DescribeSecurityGroups", &page)
    };
    let (groups, asked) = seen::<Groups>((), answer).await;
    let groups = groups.expect("an answer").0;
    assert_eq!(groups.iter().map(|group| group.id.as_str()).collect::<Vec<_>>(), ["sg-a", "sg-b"]);
    assert_eq!((asked.len(), asked[0].field("MaxResults").as_deref()), (3, Some("1000")));
    let lacking = one::<Groups>("<groups/>").await.expect_err("no list");
    assert_eq!((lacking.class, lacking.message.as_str()), (Class::Failed, "the answer has no securityGroupInfo"));
}

#[tokio::test]
async fn a_permission_is_as_many_rules_as_it_has_sources() {
    let permission = "<ipPermissions><item><ipProtocol>tcp</ipProtocol><fromPort>22</fromPort><toPort>23</toPort>\
        <groups><item><userId>1</userId><groupId>sg-2</groupId></item></groups>\
        <ipRanges><item><cidrIp>10.0.0.0/8</cidrIp><description>office</description></item></ipRanges>\
        <ipv6Ranges><item><cidrIpv6>::/0</cidrIpv6></item></ipv6Ranges>\
        <prefixListIds><item><prefixListId>pl-1</prefixListId></item></prefixListIds></item></ipPermissions>";
    let groups = |inside: String| async move {
        let own = caller().account.to_string();
        let list = format!("<securityGroupInfo>{}</securityGroupInfo>", shown("sg-1", &own, &inside));
        seen::<Groups>((), move |_| answered("DescribeSecurityGroups", &list)).await.0
    };
    let seen = groups(permission.to_owned()).await.expect("an answer").0.remove(0);
    let said: Vec<String> = seen.inbound.iter().map(ToString::to_string).collect();
    let wanted = ["tcp 22-23 for 10.0.0.0/8", "tcp 22-23 for ::/0", "tcp 22-23 for pl-1", "tcp 22-23 for sg-2"];
    assert_eq!((said, seen.outbound.len()), (wanted.map(str::to_owned).to_vec(), 0));
    assert_eq!(seen.inbound[0].description.as_deref(), Some("office"));
    for (bad, words) in [
        (permission.replace("<fromPort>22<", "<fromPort>ssh<"), "the answer has no fromPort that is a number"),
        (permission.replace("<ipProtocol>tcp</ipProtocol>", ""), "the answer has no ipProtocol"),
        (permission.replace("<cidrIp>10.0.0.0/8</cidrIp>", ""), "the answer has no cidrIp"),
    ] {
        assert_eq!(groups(bad).await.expect_err("no sense").message, words);
    }
}

#[tokio::test]
async fn interfaces_are_asked_for_by_so_many_groups_as_a_filter_may_name() {
    let groups: Vec<String> = (0..201).map(|number| format!("sg-{number}")).collect();
    let answer = |asked: &Asked| {
        let first = asked.field("Filter.1.Value.200").is_some();
        let attached = "<attachment><instanceId>i-1</instanceId></attachment>";
        let of = |id: &str, group: &str, more: &str| {
            format!(
                "<item><networkInterfaceId>{id}</networkInterfaceId>{more}<groupSet><item><groupId>{group}</groupId>\
                 </item><item><groupId>sg-0</groupId></item></groupSet></item>"
            )
        };
        let both = of("eni-b", "sg-200", attached);
        let found = if first { of("eni-a", "sg-1", "<description>NAT</description>") + &both } else { both };
        answered("DescribeNetworkInterfaces", &format!("<networkInterfaceSet>{found}</networkInterfaceSet>"))
    };
    let (interfaces, asked) = seen::<Interfaces>(interfaces::Asked { groups }, answer).await;
    let said: Vec<String> = interfaces.expect("an answer").0.iter().map(ToString::to_string).collect();
    assert_eq!((said, asked.len()), (vec!["eni-a (NAT)".to_owned(), "eni-b of i-1".to_owned()], 2));
}

#[tokio::test]
async fn a_list_of_addresses_holds_everybody_where_an_entry_says_so() {
    for (cidrs, ipv4, ipv6) in [(&["10.0.0.0/8"][..], false, false), (&["::/0", "0.0.0.0/0"][..], true, true)] {
        let entries = format!("<item><cidr>{}</cidr></item>", cidrs.join("</cidr></item><item><cidr>"));
        let answer =
            move |_: &Asked| answered("GetManagedPrefixListEntries", &format!("<entrySet>{entries}</entrySet>"));
        let (list, asked) = seen::<PrefixList>("pl-1".to_owned(), answer).await;
        assert_eq!(list.expect("an answer").everybody(), Everybody { ipv4, ipv6 });
        assert_eq!(asked[0].field("PrefixListId").as_deref(), Some("pl-1"));
    }
}

#[tokio::test]
async fn entries_of_an_acl_are_read_in_their_order_and_only_those_for_what_comes_in() {
    let entry = |number: u32, egress: bool, inside: &str| {
        format!(
            "<item><ruleNumber>{number}</ruleNumber><egress>{egress}</egress><protocol>6</protocol>\
             <ruleAction>allow</ruleAction>{inside}</item>"
        )
    };
    let range = "<cidrBlock>0.0.0.0/0</cidrBlock><portRange><from>22</from><to>23</to></portRange>";
    let entries =
        entry(200, false, range) + &entry(50, true, range) + &entry(100, false, "<ipv6CidrBlock>::/0</ipv6CidrBlock>");
    let acls = |entries: String| async move {
        let acl = format!(
            "<networkAclSet><item><networkAclId>acl-1</networkAclId><vpcId>vpc-1</vpcId><ownerId>{}</ownerId>\
             <entrySet>{entries}</entrySet><associationSet><item><subnetId>subnet-1</subnetId></item></associationSet>\
             </item></networkAclSet>",
            caller().account
        );
        seen::<Acls>((), move |_| answered("DescribeNetworkAcls", &acl)).await.0
    };
    let acl = acls(entries.clone()).await.expect("an answer").0.remove(0);
    let read: Vec<_> = acl.inbound.iter().map(|entry| (entry.number, entry.source.as_str(), entry.ports)).collect();
    assert_eq!(read, [(100, "::/0", None), (200, "0.0.0.0/0", Some((22, 23)))]);
    assert_eq!(acl.subnets, ["subnet-1"]);
    for (bad, words) in [
        (entries.replace("allow", "maybe"), "the answer has no ruleAction that is known"),
        (entries.replace("<ruleNumber>200<", "<ruleNumber>high<"), "the answer has no ruleNumber that is a number"),
        (entries.replace("<ipv6CidrBlock>::/0</ipv6CidrBlock>", ""), "the answer has no cidrBlock"),
    ] {
        assert_eq!(acls(bad).await.expect_err("no sense").message, words);
    }
}

#[tokio::test]
async fn a_flow_log_is_read_with_why_it_does_not_deliver_and_whose_it_is() {
    let own = caller().account.to_string();
    let answer = move |asked: &Asked| match asked.operation.as_str() {
        "DescribeVpcs" => {
            let vpc = |id: &str, owner: &str| {
                format!("<item><vpcId>{id}</vpcId><ownerId>{owner}</ownerId><isDefault>true</isDefault></item>")
            };
            let vpcs = vpc("vpc-1", &own) + &vpc("vpc-2", "111122223333");
            answered("DescribeVpcs", &format!("<vpcSet>{vpcs}</vpcSet>"))
        }
        other => answered(
            other,
            "<flowLogSet><item><flowLogId>fl-1</flowLogId><resourceId>vpc-1</resourceId>\
             <flowLogStatus>ACTIVE</flowLogStatus><trafficType>ALL</trafficType>\
             <deliverLogsStatus>FAILED</deliverLogsStatus><deliverLogsErrorMessage>Access error</deliverLogsErrorMessage>\
             <tagSet><item><key>trueup:managed</key><value>here</value></item></tagSet></item></flowLogSet>",
        ),
    };
    let vpcs = seen::<Vpcs>((), answer.clone()).await.0.expect("an answer").0;
    assert_eq!(
        vpcs.iter().map(|vpc| vpc.id.as_str()).collect::<Vec<_>>(),
        ["vpc-1"],
        "the other is shared by its owner"
    );
    let logs = seen::<FlowLogs>((), answer).await.0.expect("an answer").0;
    let log = &logs[0];
    assert_eq!((log.active, log.traffic.as_str()), (true, "ALL"));
    assert_eq!((log.fails.as_deref(), log.address.as_deref()), (Some("Access error"), Some("here")));
}
