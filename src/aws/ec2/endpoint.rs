//! Where EC2 is asked: at an endpoint of the user's, or at that of the region.

use aws_types::SdkConfig;

use super::SERVICE;
use crate::config;
use crate::target::{Partition, Region};

/// What host names end in, by partition: as a rule, and for dual stack.
const SUFFIXES: [(&str, &str, &str); 8] = [
    ("aws", "amazonaws.com", "api.aws"),
    ("aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    ("aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu"),
    ("aws-iso", "c2s.ic.gov", "api.aws.ic.gov"),
    ("aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud"),
    ("aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    ("aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    ("aws-us-gov", "amazonaws.com", "api.aws"),
];

/// The URL of EC2 for a region.
pub(crate) fn url(config: &SdkConfig, region: &Region, partition: &Partition) -> String {
    config::endpoint(config, SERVICE).unwrap_or_else(|| {
        let fips = config.use_fips() == Some(true);
        of_region(region, partition, fips, config.use_dual_stack() == Some(true))
    })
}

fn of_region(region: &Region, partition: &Partition, fips: bool, dual_stack: bool) -> String {
    let known = SUFFIXES.iter().find(|(name, ..)| *name == partition.as_str()).unwrap_or(&SUFFIXES[0]);
    let suffix = if dual_stack { known.2 } else { known.1 };
    // In GovCloud the ordinary endpoints are those with validated cryptography.
    let ordinary = partition.as_str() == "aws-us-gov" && !dual_stack;
    let host = if fips && !ordinary { "ec2-fips" } else { "ec2" };
    format!("https://{host}.{region}.{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_asked_where_the_sdk_would_ask_it() {
        for (region, partition, fips, dual_stack, wanted) in [
            ("eu-west-1", "aws", false, false, "https://ec2.eu-west-1.amazonaws.com"),
            ("us-west-2", "aws", false, true, "https://ec2.us-west-2.api.aws"),
            ("us-west-2", "aws", true, false, "https://ec2-fips.us-west-2.amazonaws.com"),
            ("us-east-1", "aws", true, true, "https://ec2-fips.us-east-1.api.aws"),
            ("cn-north-1", "aws-cn", false, false, "https://ec2.cn-north-1.amazonaws.com.cn"),
            ("cn-north-1", "aws-cn", true, true, "https://ec2-fips.cn-north-1.api.amazonwebservices.com.cn"),
            ("us-gov-east-1", "aws-us-gov", true, false, "https://ec2.us-gov-east-1.amazonaws.com"),
            ("us-gov-east-1", "aws-us-gov", false, true, "https://ec2.us-gov-east-1.api.aws"),
            ("us-gov-east-1", "aws-us-gov", true, true, "https://ec2-fips.us-gov-east-1.api.aws"),
            ("us-iso-east-1", "aws-iso", true, false, "https://ec2-fips.us-iso-east-1.c2s.ic.gov"),
            ("us-isob-east-1", "aws-iso-b", false, false, "https://ec2.us-isob-east-1.sc2s.sgov.gov"),
        ] {
            let partition = Partition::of_arn(&format!("arn:{partition}:iam::111122223333:root")).expect("an ARN");
            let region = region.parse().expect("a region");
            assert_eq!(of_region(&region, &partition, fips, dual_stack), wanted);
        }
    }
}
