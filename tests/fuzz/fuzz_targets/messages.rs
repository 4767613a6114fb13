#![no_main]
softtoken_fuzz::target!("messages");
