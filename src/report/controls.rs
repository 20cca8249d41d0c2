use crate::control::AnyControl;
use std::io::{self, Write};
pub fn list_text(_l: &[&dyn AnyControl], _out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    Ok(())
}
pub fn list_json(_l: &[&dyn AnyControl], _out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    Ok(())
}
pub fn page_text(_l: &dyn AnyControl, _out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    Ok(())
}
pub fn page_json(_l: &dyn AnyControl, _out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    Ok(())
}
