//! EC2's volumes and snapshots, as far as it takes to share a snapshot with everybody.

use super::ec2::dry;
use super::paging;
use crate::fault::Fault;
use crate::front::Call;
use serde::Serialize;
use serde_json::{Value, json};

/// A volume that is attached to nothing.
#[derive(Clone, Debug, Serialize)]
pub struct Volume {
    size: i64,
    zone: String,
    encrypted: bool,
}

/// A snapshot of one.
#[derive(Clone, Debug, Serialize)]
pub struct Snapshot {
    volume: String,
    size: i64,
    started: i64,
    encrypted: bool,
    /// Everybody may make a volume of it.
    public: bool,
}

fn absent(code: &str, kind: &str, id: &str) -> Fault {
    Fault::new(400, code, format!("The {kind} '{id}' does not exist."))
}

/// What is not allowed to be shared.
fn not_permitted(message: &str) -> Fault {
    Fault::new(400, "OperationNotPermitted", message)
}

pub(super) fn create_volume(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let (Some(zone), Some(size)) = (call.text("AvailabilityZone").map(str::to_owned), call.number("Size")) else {
        return Err(Fault::new(400, "MissingParameter", "The request must contain AvailabilityZone and Size"));
    };
    let id = format!("vol-{}", call.world.token(17));
    let by_default = call.here().ec2.encryption;
    let encrypted = by_default || call.flag("Encrypted") == Some(true);
    let shown =
        json!({"VolumeId": id, "Size": size, "AvailabilityZone": zone, "State": "creating", "Encrypted": encrypted});
    call.here().ec2.volumes.insert(id, Volume { size, zone, encrypted });
    Ok(shown)
}

pub(super) fn create_snapshot(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let volume = call.need("VolumeId")?.to_owned();
    let known = call.here().ec2.volumes.get(&volume).cloned();
    let known = known.ok_or_else(|| absent("InvalidVolume.NotFound", "volume", &volume))?;
    let (id, started) = (format!("snap-{}", call.world.token(17)), call.now());
    let made = Snapshot { volume, size: known.size, started, encrypted: known.encrypted, public: false };
    call.here().ec2.shots.insert(id.clone(), made.clone());
    Ok(shown(call.account, &id, &made))
}

fn shown(owner: &str, id: &str, snapshot: &Snapshot) -> Value {
    json!({"SnapshotId": id, "VolumeId": snapshot.volume, "VolumeSize": snapshot.size, "OwnerId": owner,
        "State": "completed", "StartTime": snapshot.started, "Encrypted": snapshot.encrypted})
}

/// Sharing with everybody is all that there is to modify here.
pub(super) fn modify_attribute(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let id = call.need("SnapshotId")?.to_owned();
    let groups = |of: &Value| of.as_array().is_some_and(|all| all.iter().any(|one| one["Group"] == "all"));
    let (permission, named) = (call.input["CreateVolumePermission"].clone(), call.texts("GroupNames"));
    let by_operation = |kind: &str| call.text("OperationType") == Some(kind) && named.iter().any(|name| name == "all");
    let adds = groups(&permission["Add"]) || by_operation("add");
    let removes = groups(&permission["Remove"]) || by_operation("remove");
    let blocked = super::ec2::sharing(call).0 != super::ec2::UNBLOCKED;
    let snapshot = call.here().ec2.shots.get_mut(&id);
    let snapshot = snapshot.ok_or_else(|| absent("InvalidSnapshot.NotFound", "snapshot", &id))?;
    if adds && snapshot.encrypted {
        return Err(not_permitted("Encrypted snapshots cannot be shared with everybody."));
    }
    if adds && blocked {
        return Err(not_permitted("The public sharing of snapshots is blocked in this account and Region."));
    }
    snapshot.public = (snapshot.public || adds) && !removes;
    Ok(json!({}))
}

/// The account's own. Who may use one is what its permissions say, also while all sharing is blocked.
pub(super) fn describe(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let (owners, users, ids) = (call.texts("OwnerIds"), call.texts("RestorableByUserIds"), call.texts("SnapshotIds"));
    let size = call.number("MaxResults").and_then(|size| usize::try_from(size).ok());
    let owner = call.account;
    let own = owners.is_empty() || owners.iter().any(|named| named == "self" || named == owner);
    let everybody = users.iter().any(|user| user == "all");
    let mine = &call.world.account(owner).expect("it called").regions;
    let here = mine.get(call.region).map(|state| state.ec2.shots.clone()).unwrap_or_default();
    let kept = here.iter().filter(|(id, _)| ids.is_empty() || ids.contains(id));
    let kept = kept.filter(|(_, snapshot)| own && (users.is_empty() || (everybody && snapshot.public)));
    let all: Vec<Value> = kept.map(|(id, snapshot)| shown(owner, id, snapshot)).collect();
    let size = size.unwrap_or(all.len().max(1));
    let (page, next) = paging::page(all, size, call.text("NextToken"))
        .ok_or_else(|| Fault::new(400, "InvalidParameterValue", "NextToken is invalid"))?;
    let mut answer = json!({ "Snapshots": page });
    if let Some(next) = next {
        answer["NextToken"] = json!(next);
    }
    Ok(answer)
}
