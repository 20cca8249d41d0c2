//! The demo tells what its run showed.
