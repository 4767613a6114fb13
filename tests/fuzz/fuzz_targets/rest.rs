#![no_main]
softtoken_fuzz::target!(&softtoken_fuzz_issuer::REST);
