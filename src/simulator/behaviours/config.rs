//! What one would not guess of AWS Config.

use super::{Behaviour, row};

pub(super) const ROWS: &[Behaviour] = &[
    row(
        "a_region_has_one_recorder_of_the_account",
        "A second recorder is MaxNumberOfConfigurationRecordersExceededException: the name of the first stays",
        "https://docs.aws.amazon.com/config/latest/APIReference/API_PutConfigurationRecorder.html",
    ),
    row(
        "recorders_of_services_are_shown_by_their_principal_alone",
        "Without a name only the account's own recorder is described; one that is linked to a service is by its principal",
        "https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeConfigurationRecorders.html",
    ),
    row(
        "a_recorder_of_a_service_cannot_be_changed",
        "Start, stop, put and delete of a recorder that is linked to a service are UnmodifiableEntityException",
        "https://docs.aws.amazon.com/config/latest/developerguide/stop-start-recorder.html",
    ),
    row(
        "a_channel_needs_a_recorder_and_a_recorder_a_channel_to_start",
        "PutDeliveryChannel is NoAvailableConfigurationRecorderException without one, StartConfigurationRecorder \
         NoAvailableDeliveryChannelException",
        "https://docs.aws.amazon.com/config/latest/APIReference/API_StartConfigurationRecorder.html",
    ),
    row(
        "a_channel_is_taken_only_where_the_bucket_lets_config_in",
        "PutDeliveryChannel is InsufficientDeliveryPolicyException where the bucket does not let AWS Config ask for its \
         ACL, list it and write",
        "https://docs.aws.amazon.com/config/latest/APIReference/API_PutDeliveryChannel.html",
    ),
    row(
        "the_channel_of_a_running_recorder_is_not_deleted",
        "DeleteDeliveryChannel is LastDeliveryChannelDeleteFailedException while the recorder is on",
        "https://docs.aws.amazon.com/config/latest/APIReference/API_DeleteDeliveryChannel.html",
    ),
    row(
        "a_recorder_that_was_started_is_pending",
        "lastStatus of a recorder is PENDING before it has recorded for the first time",
        "https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationRecorderStatus.html",
    ),
    row(
        "a_group_says_all_some_or_all_but_some",
        "A group that records all types lists none, and one that leaves some out lists those alone",
        "https://docs.aws.amazon.com/config/latest/APIReference/API_RecordingGroup.html",
    ),
    row(
        "a_role_has_to_be_there_to_record_by_it",
        "PutConfigurationRecorder is InvalidRoleException where the role is missing",
        "https://docs.aws.amazon.com/config/latest/APIReference/API_PutConfigurationRecorder.html",
    ),
    row(
        "a_recorder_that_is_there_keeps_its_tags",
        "PutConfigurationRecorder with other tags leaves those of a recorder that is there; TagResource changes them, by the \
         ARN that DescribeConfigurationRecorders tells",
        "https://docs.aws.amazon.com/config/latest/APIReference/API_PutConfigurationRecorder.html",
    ),
    row(
        "no_retention_is_the_longest",
        "Where nothing is set, DescribeRetentionConfigurations is empty, and items are kept for 2557 days",
        "https://docs.aws.amazon.com/config/latest/APIReference/API_RetentionConfiguration.html",
    ),
];
