use crate::target::AccountId;
use std::io::{self, Write};
pub struct Reachable {
    pub id: AccountId,
    pub name: Option<String>,
    pub ou_path: Option<String>,
    pub state: String,
    pub reached: Option<String>,
}
pub fn text(_l: &[Reachable], _out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    Ok(())
}
pub fn json(_l: &[Reachable], _out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    Ok(())
}
