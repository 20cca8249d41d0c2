//! What people read: the text of runs.
