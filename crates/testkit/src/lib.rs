//! In-process server, signing client and simulated clock for tests
