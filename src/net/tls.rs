//! The certificates a server shows, and what the system's authorities or configured ones say of them.

use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_rustls::TlsConnector;

use super::{fault, tcp};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::time::{Span, Time};

/// How long a server may take to connect.
const CONNECT_WITHIN: Span = Span::secs(3);
/// How long it may take in all.
const WITHIN: Span = Span::secs(10);
/// Later than any certificate is valid.
const END_OF_TIME: u64 = 1 << 40;

/// The authorities that are believed.
#[derive(Clone, Debug)]
pub struct Trust(Arc<RootCertStore>);

impl Trust {
    /// Those of a file, PEM.
    ///
    /// # Errors
    /// A [local](Fault::local) fault that names the file.
    pub fn of_file(path: &Path) -> Result<Self, Fault> {
        let shown = path.display();
        let pem = std::fs::read(path)
            .map_err(|error| Fault::local(format!("the file {shown} cannot be read: {error}")))?;
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        let mut roots = RootCertStore::empty();
        match found {
            Ok(found) if !found.is_empty() && found.iter().all(|one| roots.add(one.clone()).is_ok()) => {
                Ok(Self(Arc::new(roots)))
            }
            _ => Err(Fault::local(format!("{shown} holds no certificate in PEM"))),
        }
    }

    /// Those of this machine.
    pub fn of_system() -> Self {
        static SYSTEM: OnceLock<Trust> = OnceLock::new();
        let read = || {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            Self(Arc::new(roots))
        };
        SYSTEM.get_or_init(read).clone()
    }
}

/// Why a chain is not to be believed at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distrust {
    /// One of its certificates has run out by then.
    Expired,
    /// One of them is not valid yet.
    NotYet,
    /// It leads to no authority that is believed.
    UnknownIssuer,
    /// Something else, in words.
    Invalid(&'static str),
}

/// What a server showed.
#[derive(Clone, Debug)]
pub struct Chain(Vec<CertificateDer<'static>>);

impl Chain {
    /// Connects to `host:port`, asks for the certificates of `name` and believes none of them.
    ///
    /// # Errors
    /// A fault that says why none was shown.
    pub async fn shown(address: &str, name: &str) -> Result<Self, Fault> {
        let server = server_name(name)?;
        let seen = Arc::new(Seen::default());
        let config = ClientConfig::builder_with_provider(Arc::clone(&seen.provider))
            .with_safe_default_protocol_versions()
            .map_err(|_| Fault::local("TLS cannot be used on this machine"))?;
        let verifier: Arc<dyn ServerCertVerifier> = Arc::<Seen>::clone(&seen);
        let config = config.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
        let greeting = async {
            let stream = tcp::connect(address, CONNECT_WITHIN).await?;
            let greeted = TlsConnector::from(Arc::new(config)).connect(server, stream).await;
            greeted.map(drop).map_err(|error| fault::of_connecting(&error))
        };
        let late = |_| Fault::new(FaultKind::NoAnswer, format!("no answer within {WITHIN}"));
        let greeted = tokio::time::timeout(WITHIN.std(), greeting).await.map_err(late)?;
        let shown = std::mem::take(&mut *seen.chain.lock().unwrap_or_else(PoisonError::into_inner));
        // Who wants to see a certificate of ours has shown its own before.
        if shown.is_empty() { Err(greeted.err().unwrap_or_else(none)) } else { Ok(Self(shown)) }
    }

    /// Whether it can be believed at this moment.
    pub fn trusted(&self, trust: &Trust, at: Time) -> Result<(), Distrust> {
        let Some((leaf, rest)) = self.0.split_first() else { return Err(Distrust::UnknownIssuer) };
        verdict(leaf, rest, &trust.0, unix(at)).map_err(|error| match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Distrust::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Distrust::NotYet,
            CertificateError::UnknownIssuer => Distrust::UnknownIssuer,
            CertificateError::BadEncoding => Distrust::Invalid("a certificate cannot be decoded"),
            CertificateError::BadSignature => Distrust::Invalid("a signature is wrong"),
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
                Distrust::Invalid("a certificate is not for servers")
            }
            _ => Distrust::Invalid("a certificate breaks the rules of its kind"),
        })
    }

    /// Whether the first certificate is for this name; else the names it is for.
    pub fn is_for(&self, name: &str) -> Result<(), Vec<String>> {
        let leaf = self.0.first().and_then(|leaf| ParsedCertificate::try_from(leaf).ok());
        let (Some(leaf), Ok(server)) = (leaf, server_name(name)) else { return Err(Vec::new()) };
        match verify_server_name(&leaf, &server) {
            Ok(()) => Ok(()),
            Err(rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext {
                presented,
                ..
            })) => Err(presented),
            Err(_) => Err(Vec::new()),
        }
    }

    /// When each of its certificates ends, in the order they were shown; `None` where one cannot be read.
    pub fn ends(&self) -> impl Iterator<Item = Option<Time>> {
        self.0.iter().map(ends)
    }
}

/// When a certificate ends. The verifier looks at that first and says it, so it is asked at the end of time.
fn ends(certificate: &CertificateDer<'_>) -> Option<Time> {
    let end_of_time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(END_OF_TIME));
    match verdict(certificate, &[], &RootCertStore::empty(), end_of_time) {
        Err(CertificateError::ExpiredContext { not_after, .. }) => {
            Time::from_timestamp(i64::try_from(not_after.as_secs()).ok()?, 0)
        }
        _ => None,
    }
}

fn verdict(
    leaf: &CertificateDer<'_>,
    rest: &[CertificateDer<'_>],
    roots: &RootCertStore,
    at: UnixTime,
) -> Result<(), CertificateError> {
    let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms.all;
    let verified = ParsedCertificate::try_from(leaf)
        .and_then(|leaf| verify_server_cert_signed_by_trust_anchor(&leaf, roots, rest, at, algorithms));
    verified.map_err(|error| match error {
        rustls::Error::InvalidCertificate(why) => why,
        _ => CertificateError::BadEncoding,
    })
}

fn unix(at: Time) -> UnixTime {
    let secs = u64::try_from(at.timestamp()).unwrap_or_default();
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(secs))
}

fn none() -> Fault {
    Fault::new(FaultKind::Malformed, "the server shows no certificate")
}

/// The name of a server as TLS says it.
///
/// # Errors
/// A [local](Fault::local) fault that says how to write it.
pub fn server_name(name: &str) -> Result<ServerName<'static>, Fault> {
    let none = |_| Fault::local("host is no name of a server; write it like \"api.example.com\"");
    ServerName::try_from(name.to_owned()).map_err(none)
}

/// Takes note of what is shown. Nothing is sent to whom it lets through, so it may let everybody through.
#[derive(Debug)]
struct Seen {
    provider: Arc<CryptoProvider>,
    chain: Mutex<Vec<CertificateDer<'static>>>,
}

impl Default for Seen {
    fn default() -> Self {
        Self { provider: Arc::new(aws_lc_rs::default_provider()), chain: Mutex::default() }
    }
}

impl ServerCertVerifier for Seen {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let shown = std::iter::once(leaf).chain(rest).map(|one| one.clone().into_owned()).collect();
        *self.chain.lock().unwrap_or_else(PoisonError::into_inner) = shown;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};

    /// An authority and a server's certificate by it, which end in these years.
    fn made(authority_until: i32, server_until: i32) -> (RootCertStore, Chain) {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, format!("until {authority_until}"));
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(authority_until, 1, 1);
        let key = KeyPair::generate().unwrap();
        let own = params.self_signed(&key).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(own.der().clone()).unwrap();
        let issuer = Issuer::new(params, key);
        let names = ["a.example".to_owned(), "b.example".to_owned()];
        let mut server = CertificateParams::new(names).unwrap();
        server.not_before = date_time_ymd(2020, 1, 1);
        server.not_after = date_time_ymd(server_until, 1, 1);
        let signed = server.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
        (roots, Chain(vec![signed.der().clone(), own.der().clone()]))
    }

    fn year(year: i32) -> Time {
        chrono::NaiveDate::from_ymd_opt(year, 1, 1).unwrap().and_time(chrono::NaiveTime::MIN).and_utc()
    }

    #[test]
    fn every_certificate_says_when_it_ends_whoever_signed_it() {
        for (authority, server) in [(2040, 2030), (2030, 2040), (2021, 2021), (2049, 2051)] {
            let (_, chain) = made(authority, server);
            assert_eq!(chain.ends().collect::<Vec<_>>(), [Some(year(server)), Some(year(authority))]);
        }
        let garbage = Chain(vec![CertificateDer::from(vec![0x30, 0x03, 1, 2, 3])]);
        assert_eq!(garbage.ends().collect::<Vec<_>>(), [None]);
    }

    #[test]
    fn a_chain_is_believed_by_its_authority_while_it_lasts() {
        let (roots, chain) = made(2040, 2030);
        let trust = Trust(Arc::new(roots));
        assert_eq!(chain.trusted(&trust, year(2026)), Ok(()));
        assert_eq!(chain.trusted(&trust, year(2031)), Err(Distrust::Expired));
        assert_eq!(chain.trusted(&trust, year(2019)), Err(Distrust::NotYet));
        let (others, _) = made(2041, 2030);
        let others = Trust(Arc::new(others));
        assert_eq!(chain.trusted(&others, year(2026)), Err(Distrust::UnknownIssuer));
        let garbage = Chain(vec![CertificateDer::from(vec![0x30, 0x03, 1, 2, 3])]);
        assert!(matches!(garbage.trusted(&others, year(2026)), Err(Distrust::Invalid(_))));
    }

    #[test]
    fn a_certificate_for_others_names_them() {
        let (_, chain) = made(2040, 2030);
        assert_eq!(chain.is_for("b.example"), Ok(()));
        let names = chain.is_for("c.example").unwrap_err();
        assert!(names.iter().any(|name| name.contains("a.example")), "{names:?}");
        assert!(server_name("not a name").is_err() && server_name("10.0.0.7").is_ok());
    }
}
