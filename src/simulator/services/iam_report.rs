//! The credential report: a table of the passwords, keys and MFA devices of everybody, as old as four hours.

use super::iam_access::AccessKey;
use crate::fault::Fault;
use crate::front::Call;
use aws_smithy_types::base64;
use serde::Serialize;
use serde_json::{Value, json};

/// A report.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The table.
    pub text: String,
    /// When it was generated.
    pub generated: i64,
    /// Whether it is still being generated: the next look finds it done.
    pub in_progress: bool,
}

/// How long a report is the answer to whoever asks for one.
const LASTS: i64 = 4 * 3600;

const COLUMNS: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
                       password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,\
                       access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,\
                       access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,\
                       access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,\
                       cert_2_active,cert_2_last_rotated";

pub(super) fn generate(call: &mut Call<'_>) -> Result<Value, Fault> {
    let now = call.now();
    match &mut call.mine().iam.report {
        Some(report) if report.in_progress => {
            report.in_progress = false;
            Ok(json!({"State": "INPROGRESS"}))
        }
        Some(report) if now - report.generated < LASTS => Ok(json!({"State": "COMPLETE"})),
        _ => {
            let text = table(call);
            call.mine().iam.report = Some(Report { text, generated: now, in_progress: true });
            Ok(json!({"State": "STARTED", "Description": "No report exists. Starting a new report generation task"}))
        }
    }
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Value, Fault> {
    let now = call.now();
    match &mut call.mine().iam.report {
        None => {
            Err(Fault::new(410, "ReportNotPresent", "No report exists. Please call GenerateCredentialReport first"))
        }
        Some(report) if report.in_progress => {
            report.in_progress = false;
            Err(Fault::new(404, "ReportInProgress", "Report generation is in progress"))
        }
        Some(report) if now - report.generated >= LASTS => {
            let message = "The most recent report has expired. Please call GenerateCredentialReport to generate one";
            Err(Fault::new(410, "ReportExpired", message))
        }
        Some(report) => Ok(json!({
            "Content": base64::encode(&report.text), "ReportFormat": "text/csv", "GeneratedTime": report.generated,
        })),
    }
}

fn table(call: &mut Call<'_>) -> String {
    let (partition, account, joined) = (call.world.partition.clone(), call.account.to_owned(), call.mine().joined);
    let iam = &call.mine().iam;
    let mut rows = vec![COLUMNS.to_owned()];
    let root = &iam.root;
    let yes = |is: bool| if is { "true" } else { "false" }.to_owned();
    let mut first = vec!["<root_account>".to_owned(), format!("arn:{partition}:iam::{account}:root"), time(joined)];
    first.push(yes(root.password).to_uppercase());
    first.push(root.password_last_used.map_or_else(|| "no_information".to_owned(), time));
    first.extend(["not_supported", "not_supported"].map(str::to_owned));
    first.push(yes(!root.mfa.is_empty()));
    first.extend(keys(&root.keys));
    rows.push(first.join(","));
    for (name, user) in &iam.users {
        let mut row = vec![field(name), field(&user.arn(&partition, &account, name)), time(user.created)];
        match &user.login {
            Some(login) => {
                row.push(yes(true));
                row.push(login.last_used.map_or_else(|| "no_information".to_owned(), time));
                row.push(time(login.changed.unwrap_or(login.created)));
                row.push("N/A".to_owned());
            }
            None => row.extend(["false", "N/A", "N/A", "N/A"].map(str::to_owned)),
        }
        row.push(yes(!user.mfa.is_empty()));
        row.extend(keys(&user.keys));
        rows.push(row.join(","));
    }
    rows.join("\n")
}

/// Two access keys and two certificates.
fn keys(keys: &[AccessKey]) -> Vec<String> {
    let mut cells = vec![];
    for number in 0..2 {
        let Some(key) = keys.get(number) else {
            cells.extend(["false", "N/A", "N/A", "N/A", "N/A"].map(str::to_owned));
            continue;
        };
        cells.extend([key.active.to_string(), time(key.changed.unwrap_or(key.created))]);
        match &key.last_used {
            Some(last) => cells.extend([time(last.at), last.region.clone(), last.service.clone()]),
            None => cells.extend(["N/A", "N/A", "N/A"].map(str::to_owned)),
        }
    }
    cells.extend(["false", "N/A", "false", "N/A"].map(str::to_owned));
    cells
}

fn time(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

/// A name may hold a comma.
fn field(text: &str) -> String {
    if text.contains(',') { format!("\"{text}\"") } else { text.to_owned() }
}
