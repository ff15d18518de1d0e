//! Envelope encryption: data keys, wrapping, associated data, key providers
