//! What KMS asks for.

use super::{On, Row, asks};

pub(super) const ROWS: &[Row] = &[
    asks("CancelKeyDeletion", On::Key("KeyId")),
    asks("CreateAlias", On::Alias("AliasName")),
    asks("CreateKey", On::All),
    asks("DeleteAlias", On::Alias("AliasName")),
    asks("DescribeKey", On::Key("KeyId")),
    asks("DisableKey", On::Key("KeyId")),
    asks("DisableKeyRotation", On::Key("KeyId")),
    asks("EnableKey", On::Key("KeyId")),
    asks("EnableKeyRotation", On::Key("KeyId")),
    asks("GetKeyPolicy", On::Key("KeyId")),
    asks("GetKeyRotationStatus", On::Key("KeyId")),
    asks("GetPublicKey", On::Key("KeyId")),
    asks("ListAliases", On::All),
    asks("ListKeyPolicies", On::Key("KeyId")),
    asks("ListKeys", On::All),
    asks("ListResourceTags", On::Key("KeyId")),
    asks("PutKeyPolicy", On::Key("KeyId")),
    asks("ReplicateKey", On::Key("KeyId")),
    asks("ScheduleKeyDeletion", On::Key("KeyId")),
    asks("Sign", On::Key("KeyId")),
    asks("TagResource", On::Key("KeyId")),
    asks("UntagResource", On::Key("KeyId")),
    asks("UpdateAlias", On::Alias("AliasName")),
    asks("Verify", On::Key("KeyId")),
];
