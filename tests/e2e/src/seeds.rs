//! A seed file (PSKC, RFC 6030) of hardware tokens, as a dealer sends it.

/// Of the HOTP token.
pub const HOTP_SERIAL: &str = "HW-0001";
/// Of the OCRA token.
pub const OCRA_SERIAL: &str = "HW-0002";

/// Two tokens with the published test key of RFC 4226 and RFC 6287.
pub fn pskc() -> String {
    let package = |serial: &str, algorithm: &str, format: &str, suite: &str, counter: &str| {
        format!(
            "<KeyPackage><DeviceInfo><Manufacturer>Example</Manufacturer><SerialNo>{serial}</SerialNo></DeviceInfo>\
             <Key Id=\"{serial}\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:{algorithm}\">\
             <Issuer>Example</Issuer><AlgorithmParameters>{suite}{format}</AlgorithmParameters>\
             <Data><Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>{counter}</Data>\
             </Key></KeyPackage>"
        )
    };
    format!(
        "<?xml version=\"1.0\"?><KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\">{}{}\
         </KeyContainer>",
        package(
            HOTP_SERIAL,
            "hotp",
            "<ResponseFormat Length=\"6\" Encoding=\"DECIMAL\"/>",
            "",
            "<Counter><PlainValue>0</PlainValue></Counter>"
        ),
        package(
            OCRA_SERIAL,
            "ocra",
            "<ChallengeFormat Encoding=\"DECIMAL\" Min=\"8\" Max=\"8\"/><ResponseFormat Length=\"6\" Encoding=\"DECIMAL\"/>",
            "<Suite>OCRA-1:HOTP-SHA1-6:QN08</Suite>",
            ""
        ),
    )
}
