//! What IAM Access Analyzer asks for.

use super::{On, Row, asks};

pub(super) const ROWS: &[Row] = &[
    asks("CreateAnalyzer", On::Analyzer("analyzerName")),
    asks("DeleteAnalyzer", On::Analyzer("analyzerName")),
    asks("ListAnalyzers", On::All),
];
