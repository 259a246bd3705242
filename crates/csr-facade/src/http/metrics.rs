//! Metrics for Prometheus: counts and latencies by operation, status and algorithm.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use axum::http::StatusCode;
use csr_model::PrivateKeyAlgo;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::operation::Operation;
use crate::service::{GenerationLoad, LaneLoad};

/// The media type of the output of [`Metrics::encode`].
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// In seconds: from a read of the store to an RSA-4096 key in a long queue.
const BUCKETS: [f64; 14] =
    [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    operation: &'static str,
    status: u16,
    algorithm: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Timed {
    operation: &'static str,
    algorithm: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Lane {
    kind: &'static str,
}

pub(super) struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<Answered, Counter>,
    seconds: Family<Timed, Histogram>,
    auth_failures: Counter,
    keys_generating: Family<Lane, Gauge>,
    keys_waiting: Family<Lane, Gauge>,
}

impl Metrics {
    pub(super) fn new() -> Self {
        let requests = Family::default();
        let seconds = Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        let auth_failures = Counter::default();
        let (keys_generating, keys_waiting) = (Family::default(), Family::default());
        let mut registry = Registry::with_prefix("csr");
        registry.register(
            "http_requests",
            "Answers by operation, status and key algorithm; requests outside the API have the operation none",
            requests.clone(),
        );
        registry.register(
            "http_request_duration_seconds",
            "Time from the request's head to its answer, by operation and key algorithm",
            seconds.clone(),
        );
        registry.register("auth_failures", "Requests without a known caller", auth_failures.clone());
        registry.register("keys_generating", "Keys that are being generated", keys_generating.clone());
        registry.register(
            "keys_waiting",
            "Other accepted creations, whose key is waiting to be generated or being stored",
            keys_waiting.clone(),
        );
        let registry = Mutex::new(registry);
        Self { registry, requests, seconds, auth_failures, keys_generating, keys_waiting }
    }

    /// Counts an answer.
    pub(super) fn answered(
        &self,
        operation: Option<Operation>,
        algorithm: Option<PrivateKeyAlgo>,
        status: StatusCode,
        took: Duration,
    ) {
        let operation = operation.map_or("none", Operation::name);
        let algorithm = algorithm.map_or("none", PrivateKeyAlgo::as_str);
        self.requests.get_or_create(&Answered { operation, status: status.as_u16(), algorithm }).inc();
        self.seconds.get_or_create(&Timed { operation, algorithm }).observe(took.as_secs_f64());
        if status == StatusCode::UNAUTHORIZED {
            self.auth_failures.inc();
        }
    }

    /// All metrics, in the OpenMetrics text format.
    pub(super) fn encode(&self, load: GenerationLoad) -> Result<String, core::fmt::Error> {
        let GenerationLoad { rsa, curve, .. } = load;
        for (kind, LaneLoad { generating, waiting, .. }) in [("rsa", rsa), ("curve", curve)] {
            let set = |family: &Family<Lane, Gauge>, count: usize| {
                family.get_or_create(&Lane { kind }).set(i64::try_from(count).unwrap_or(i64::MAX));
            };
            set(&self.keys_generating, generating);
            set(&self.keys_waiting, waiting);
        }
        let mut out = String::new();
        text::encode(&mut out, &self.registry.lock().unwrap_or_else(PoisonError::into_inner))?;
        Ok(out)
    }
}
