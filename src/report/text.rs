use std::io::{self, Write};
pub fn plan(
    h: &crate::plan::Header,
    s: &mut crate::engine::Spool,
    _d: bool,
    out: &mut (impl Write + ?Sized),
) -> io::Result<()> {
    crate::report::json::plan(h, s, out)
}
pub fn apply(a: &crate::report::Applied<'_>, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    crate::report::json::apply(a, out)
}
