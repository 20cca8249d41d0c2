//! What one would not guess of IAM Access Analyzer.

use super::{Behaviour, row, seen};

pub(super) const ROWS: &[Behaviour] = &[
    row(
        "a_region_has_room_for_one_analyzer_of_the_account",
        "A second analyzer of type ACCOUNT is ServiceQuotaExceededException, whatever its name",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-quotas.html",
    ),
    row(
        "an_analyzer_has_a_name_of_its_own_over_all_types",
        "CreateAnalyzer with a name that is taken is ConflictException",
        "https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CreateAnalyzer.html",
    ),
    row(
        "all_types_are_listed_where_none_is_asked_for",
        "ListAnalyzers lists analyzers of every type, with their tags, unless it is told one",
        "https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListAnalyzers.html",
    ),
    seen(
        "an_organization_that_does_not_trust_access_analyzer_gets_none",
        "CreateAnalyzer of type ORGANIZATION is ValidationException before Organizations trusts the service",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-settings.html",
        "https://github.com/nozaq/terraform-aws-secure-baseline/issues/184",
    ),
    seen(
        "who_is_no_delegate_analyses_no_organization",
        "CreateAnalyzer of type ORGANIZATION is refused in an account that is neither the management account nor delegated",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-settings.html",
        "https://github.com/awslabs/landing-zone-accelerator-on-aws/issues/922",
    ),
    row(
        "an_analyzer_of_an_organization_is_not_active_at_once",
        "A new analyzer of an organization is CREATING before it is ACTIVE",
        "https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_AnalyzerSummary.html",
    ),
    row(
        "an_analyzer_without_trust_is_disabled",
        "Analyzers of an organization are DISABLED once their account administers no more, or trust is withdrawn",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-settings.html",
    ),
    row(
        "a_first_analyzer_needs_its_role",
        "CreateAnalyzer needs iam:CreateServiceLinkedRole while the role is missing",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-getting-started.html",
    ),
];
