//! Everything that crosses, by topic.
//!
//! The types are the core's own. A mirror (`#[uniffi::remote]`) repeats a definition so that both languages
//! get it with its docs; a variant or field that the core has and the mirror has not breaks the build here.
//! What has no form in the other languages (an array, a tuple, a path) crosses as a custom type of [`custom`].

mod activation;
mod backup;
mod codes;
mod consent;
mod contact;
pub mod custom;
mod device;
mod events;
mod http;
mod identity;
mod limits;
mod part;
mod payload;
mod source;
mod token;

pub use custom::*;
pub use events::{Event, EventView};
pub use limits::{Limits, limits};
pub use softtoken_core::activation::contact::Wish;
pub use softtoken_core::activation::driver::{HttpKind, HttpProblem, HttpRequest};
pub use softtoken_core::activation::request::Warning;
pub use softtoken_core::activation::state::{
    ActivationInput, ActivationOptions, ActivationSource, ActivationState, ActivationStep, ConsentSummary,
    Door, EntrySummary, FieldProblem, PasswordOf, RefusedView, Retry, Ticket, TypedFields, TypedKey,
};
pub use softtoken_core::error::{
    DeviceKeyProblem, Feature, FileProblem, Needed, Part, PinProblem, Problem, StopReason, TokenError,
    Unsupported, Untrusted, VerificationKind, VerificationRefusal,
};
pub use softtoken_core::identity::{
    Badge, CodeKind, IdentityId, IdentityState, IdentityView, PinRules, Policy, Stopped,
};
pub use softtoken_core::otp::Algorithm;
pub use softtoken_core::ports::{
    AssuranceLevel, DeviceKeyCaps, DeviceKeyKind, Elapsed, KeyStore, LogEvent, LogLevel,
};
pub use softtoken_core::time::UnixTime;
pub use softtoken_core::token::{
    BackupFile, ClockView, CodeSheet, CodeView, ContactEnd, ContactInput, ContactNews, ContactState,
    ContactStep, DeletionView, LeftOutReason, LeftOutView, NumberedCode, OpenConfig, PolicyView,
    RedeemedView, ResetRequest, ResyncView, StatusView, TokenState,
};
pub use softtoken_core::vault::BiometricAsk;
