//! `trueup approve`: sign a plan with a key of KMS, for `apply --require-approval`.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstream::StripStream;

use super::asked_file::AskedFile;
use super::output::Output;
use super::scene::Moment;
use super::{apply, gate, given_plan};
use crate::approval::{Approval, FORMAT, PublicKey, Statement, Word};
use crate::aws::{APPROVING, Base, Caller, Options, Signing};
use crate::cli::{self, Format};
use crate::failure::Failure;
use crate::observe::ReadError;
use crate::plan::PlanFile;
use crate::report;

pub(super) async fn run(typed: &cli::Approve, output: &Output) -> Result<ExitCode, Failure> {
    let moment = Moment::now();
    let file = given_plan::read(&typed.plan).await?.file;
    gate::check_digest(typed.expect_digest.as_deref(), &typed.plan, &file)?;
    if !typed.auto_approve && !io::stdin().is_terminal() {
        return Err(Failure::usage("there is nobody to ask: without a terminal approve takes --auto-approve"));
    }
    let out = typed.out.clone().unwrap_or_else(|| default_path(&typed.plan));
    let kept = AskedFile::open(&out)?;
    let (base, caller) = reach(typed, &moment).await?;
    let signing = Signing::new(&base, &caller, APPROVING);
    let key = key_of(&signing, typed).await?;
    let statement = statement(typed, &file, &caller, &moment)?;
    let summary = summary(&file)?;
    if typed.auto_approve {
        output.say(&summary);
    } else if !asked(&summary, &statement, output).await? {
        return Err(Failure::failed("not approved: nothing was signed"));
    }
    let signed = signing.sign(&typed.kms_key, key.algorithm(), statement.bytes()).await;
    let approval = Approval::new(statement, key.algorithm(), &signed.map_err(|error| unsigned(&error))?);
    kept.write(|file| file.write_all(approval.text().as_bytes()))?;
    output.result(|result| match output.format {
        Format::Text | Format::Markdown => {
            let Statement { plan, approved_by, expires, .. } = &approval.statement;
            let path = out.display();
            writeln!(result, "Approved {plan} as {approved_by} until {expires}: {path}")
        }
        Format::Json => write!(result, "{}", approval.text()),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Where an approval is kept unless something else is said: beside its plan.
pub(super) fn default_path(plan: &Path) -> PathBuf {
    let mut name = plan.as_os_str().to_owned();
    name.push(".approval");
    PathBuf::from(name)
}

/// Everything happens in the region of the key, so no other region has to be known.
async fn reach(typed: &cli::Approve, moment: &Moment) -> Result<(Base, Caller), Failure> {
    let options = Options {
        profile: typed.profile.clone(),
        region: Some(typed.kms_key.region().clone()),
        endpoint_url: typed.endpoint_url.clone(),
        run_id: moment.run.clone(),
        global_cap: 1,
        ..Options::default()
    };
    let base = Base::load(options).await?;
    let caller = base.caller().await?;
    Ok((base, caller))
}

async fn key_of(signing: &Signing, typed: &cli::Approve) -> Result<PublicKey, Failure> {
    let key = &typed.kms_key;
    let public = signing.public_key(key).await.map_err(|error| {
        Failure::failed(format!("could not read the public key: {error}"))
            .hint("the key policy has to allow kms:GetPublicKey and kms:Sign to those who approve")
    })?;
    public.as_deref().and_then(PublicKey::from_der).ok_or_else(|| {
        Failure::usage(format!("{key} is not a key that approves"))
            .hint("make one with the usage SIGN_VERIFY and the spec ECC_NIST_P256, or one of RSA")
    })
}

fn statement(typed: &cli::Approve, file: &PlanFile, caller: &Caller, moment: &Moment) -> Result<Statement, Failure> {
    let organization = file.organization().ok_or_else(|| {
        Failure::usage("the plan does not say of which organization it is, and an approval has to")
            .hint("set `organization:` in the baseline and plan again")
    })?;
    let too_long = |_| Failure::usage("--expires is too far away");
    let expires = moment.now.checked_add(typed.expires).map_err(too_long)?;
    // Whole seconds read better, and nobody needs the rest.
    let expires = jiff::Timestamp::from_second(expires.as_second()).map_err(too_long)?;
    let word = |text: &str| Word::try_from(text.to_owned()).map_err(Failure::failed);
    Ok(Statement {
        format: word(FORMAT)?,
        plan: word(&file.digest)?,
        organization: word(organization)?,
        key: typed.kms_key.clone(),
        approved_by: word(&caller.arn)?,
        expires,
    })
}

/// What is signed, as `show` would show it. The approval alone is the result, so this is talk.
fn summary(file: &PlanFile) -> Result<String, Failure> {
    let mut text = vec![];
    report::text::plan(&file.header, file, false, &mut StripStream::new(&mut text))
        .map_err(|error| Failure::failed(format!("could not show the plan: {error}")))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

async fn asked(summary: &str, statement: &Statement, output: &Output) -> Result<bool, Failure> {
    output.must_say(summary);
    let Statement { plan, key, approved_by, expires, .. } = statement;
    apply::approved(
        output,
        &format!(
            "\nDo you approve this plan?\n  {approved_by} will sign {plan}\n  with {key},\n  for whoever may apply it \
             until {expires}. Only `yes` is accepted.\n"
        ),
    )
    .await
}

fn unsigned(error: &ReadError) -> Failure {
    Failure::failed(format!("could not sign: {error}")).hint("who may approve is who the key policy allows kms:Sign")
}
