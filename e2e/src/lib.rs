//! End-to-end tests: the real binary, driven by GitLab's clients as their registries ship them.
//! All of it is in `tests/`; `README.md` tells how to run it.
