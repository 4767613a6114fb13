//! The typed door: address, serial number and activation code as people write them.
//!
//! Every field is looked at, so one answer names all that needs attention; the texts stay with the
//! caller, so nothing typed is ever lost. Problems come in the order of the fields on the screen.

use super::address::Address;
use super::state::{FieldProblem, TypedFields};
use crate::codec::decimal::{ActivationCode, SerialNumber};
use crate::error::Part;

/// Typed values of an activation of the open profile, all well-formed. No `Debug`, no `Clone`.
pub struct TypedDetails {
    /// The issuer.
    pub address: Address,
    /// The token at that issuer.
    pub serial: SerialNumber,
    /// The secret of the order.
    pub activation_code: ActivationCode,
}

/// Typed values of an Entrust v1 activation, all well-formed; the address is only a label there. No `Debug`, no `Clone`.
pub struct TypedDetailsV1 {
    /// The issuer, when it was typed.
    pub address: Option<Address>,
    /// The token at that issuer, and the salt of its seed.
    pub serial: SerialNumber,
    /// The secret of the activation.
    pub activation_code: ActivationCode,
}

impl TypedFields {
    /// The three values, or what is wrong with each of them.
    pub fn check(&self) -> Result<TypedDetails, Vec<FieldProblem>> {
        match (Address::parse(&self.address), self.serial(), self.code()) {
            (Ok(address), Ok(serial), Ok(activation_code)) => {
                Ok(TypedDetails { address, serial, activation_code })
            }
            (address, serial, code) => Err(problems([address.err(), serial.err(), code.err()])),
        }
    }

    /// The same for Entrust v1, where the address may be left empty.
    pub fn check_v1(&self) -> Result<TypedDetailsV1, Vec<FieldProblem>> {
        let address = match self.address.trim() {
            "" => Ok(None),
            _ => Address::parse(&self.address).map(Some),
        };
        match (address, self.serial(), self.code()) {
            (Ok(address), Ok(serial), Ok(activation_code)) => {
                Ok(TypedDetailsV1 { address, serial, activation_code })
            }
            (address, serial, code) => Err(problems([address.err(), serial.err(), code.err()])),
        }
    }

    fn serial(&self) -> Result<SerialNumber, FieldProblem> {
        SerialNumber::parse(&self.serial_number)
            .map_err(|error| FieldProblem::of_code(Part::SerialNumber, error))
    }

    fn code(&self) -> Result<ActivationCode, FieldProblem> {
        ActivationCode::parse(&self.activation_code)
            .map_err(|error| FieldProblem::of_code(Part::ActivationCode, error))
    }
}

fn problems(found: [Option<FieldProblem>; 3]) -> Vec<FieldProblem> {
    found.into_iter().flatten().collect()
}
