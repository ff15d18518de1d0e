//! The one way in: listener, TLS, routing, authenticate, authorise, run, record, encode
