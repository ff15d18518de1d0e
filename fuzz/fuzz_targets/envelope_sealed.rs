//! Any bytes as a sealed value: what is taken is written as it was read.

#![no_main]

use keeptrail_envelope::Sealed;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(sealed) = Sealed::from_bytes(bytes) {
        assert_eq!(sealed.to_bytes(), bytes);
        let Ok(text) = serde_json::to_string(&sealed) else { panic!("a sealed value cannot be written") };
        assert!(serde_json::from_str::<Sealed>(&text).is_ok_and(|again| again == sealed));
    }
    serde_json::from_slice::<Sealed>(bytes).ok();
});
