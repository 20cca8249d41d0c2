//! The plan that was named: a file, or what comes by a pipe such as `<(…)`.

use std::path::Path;

use crate::failure::Failure;
use crate::plan::{PlanFile, PlanText, Refused};

/// A plan, and the text that it was read from.
pub(super) struct Given {
    pub(super) file: PlanFile,
    pub(super) text: PlanText,
}

/// Reads it, and refuses what is no plan.
pub(super) async fn read(path: &Path) -> Result<Given, Failure> {
    let (tell, told) = tokio::sync::oneshot::channel();
    let from = path.to_owned();
    // A thread of its own, which nobody waits for: whoever writes into a pipe may take long, or never come, and an
    // interrupt has to end the run also then.
    std::thread::spawn(move || {
        // Where nobody is left to be told, the run has been interrupted.
        let _ = tell.send(PlanText::read(&from));
    });
    let read = told.await.map_err(|_| Failure::failed(format!("could not read {}", path.display())))?;
    let text = read.map_err(|why| refused(&why))?;
    let file = text.plan().map_err(|why| refused(&why))?;
    Ok(Given { file, text })
}

/// What was named is no plan, or none that may be applied; where that does not say what to do, where plans come from.
fn refused(why: &Refused) -> Failure {
    let failure = Failure::usage(why);
    match why {
        Refused::Unreadable { .. } | Refused::NotAFile { .. } | Refused::TooLarge { .. } | Refused::NotAPlan { .. } => {
            failure.hint("make one with `trueup plan --out FILE`, and give it as it is")
        }
        Refused::Changed { .. } => failure.hint("make the plan again, and give it as it is"),
        Refused::Format { .. } | Refused::Unsound { .. } | Refused::TooOld { .. } => failure,
    }
}
