//! Spans on their way to a collector of OpenTelemetry: by OTLP over gRPC, in batches, out of a bounded queue and by a thread of its own. Nobody waits for it:
//! what comes while the queue is full is lost, and so is what a collector does not take that is away. It must not know what spans tell of.
//!
//! The queue, and the headers that a collector may ask for, follow OpenTelemetry's own environment variables (`OTEL_BSP_*`, `OTEL_EXPORTER_OTLP_HEADERS`,
//! `OTEL_RESOURCE_ATTRIBUTES`).

use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_otlp::{WithExportConfig, WithTonicConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SpanData, SpanEvents, SpanExporter, SpanLinks, SpanProcessor};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use weft_core::settings::Settings;
use weft_core::trace::{Distance, FinishedSpan, Role, SpanSink, Tracer, Value};
use weft_core::{Error, ErrorKind, Result};

/// How long a collector may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(2);

/// How long it may take to take a batch, tries included.
const SEND: Duration = Duration::from_secs(5);

/// How long the end of the process may be delayed by what is still in the queue.
const LAST_BATCH: Duration = Duration::from_secs(3);

/// What begins spans, and what sends them.
pub(crate) struct Traces {
    tracer: Tracer,
    processor: Option<Arc<BatchSpanProcessor>>,
}

impl Traces {
    /// As the settings say; nothing is begun without `trace_endpoint`. Needs the runtime, and does not wait for the collector.
    pub(crate) fn open(settings: &Settings, service: &'static str, instance: &str) -> Result<Traces> {
        let Some(url) = settings.trace_endpoint.url() else {
            return Ok(Traces { tracer: Tracer::default(), processor: None });
        };
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_tonic()
            .with_channel(channel(url)?)
            .with_timeout(SEND)
            .build()
            .map_err(|e| refused(&e.to_string()))?;
        let mut processor = BatchSpanProcessor::builder(Watched { exporter, is_away: AtomicBool::new(false) }).build();
        let attributes = [
            KeyValue::new("service.instance.id", instance.to_owned()),
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        ];
        processor.set_resource(&Resource::builder().with_service_name(service).with_attributes(attributes).build());
        let processor = Arc::new(processor);
        let scope = InstrumentationScope::builder("weft").with_version(env!("CARGO_PKG_VERSION")).build();
        let sink = Arc::new(Outbox { processor: processor.clone(), scope });
        let tracer = Tracer::new(sink, settings.trace_sample_ratio, rand::random);
        Ok(Traces { tracer, processor: Some(processor) })
    }

    /// What begins spans.
    pub(crate) fn tracer(&self) -> Tracer {
        self.tracer.clone()
    }

    /// Sends what is still there, and waits for that no longer than it is worth.
    pub(crate) async fn finish(&self) {
        let Some(processor) = self.processor.clone() else { return };
        let sent = tokio::task::spawn_blocking(move || processor.shutdown_with_timeout(LAST_BATCH)).await;
        if !matches!(sent, Ok(Ok(()))) {
            tracing::warn!("the last traces are lost: the collector has not taken them in time");
        }
    }
}

fn channel(url: &str) -> Result<Channel> {
    let endpoint = Endpoint::from_shared(url.to_owned()).map_err(|e| refused(&e.to_string()))?;
    let endpoint = endpoint.connect_timeout(CONNECT).timeout(SEND);
    let endpoint = if url.starts_with("https:") {
        let roots = webpki_roots::TLS_SERVER_ROOTS.iter().cloned();
        endpoint.tls_config(ClientTlsConfig::new().trust_anchors(roots)).map_err(|e| refused(&e.to_string()))?
    } else {
        endpoint
    };
    Ok(endpoint.connect_lazy())
}

fn refused(why: &str) -> Error {
    Error::new(ErrorKind::InvalidParameterValue, "traces cannot be sent to trace_endpoint").with_detail(why.to_owned())
}

/// Puts spans into the queue.
struct Outbox {
    processor: Arc<BatchSpanProcessor>,
    scope: InstrumentationScope,
}

impl SpanSink for Outbox {
    fn take(&self, span: FinishedSpan) {
        self.processor.on_end(data(span, self.scope.clone()));
    }
}

/// The span as OpenTelemetry has it.
fn data(span: FinishedSpan, scope: InstrumentationScope) -> SpanData {
    let id = |id: u64| SpanId::from_bytes(id.to_be_bytes());
    let trace_id = TraceId::from_bytes(span.context.trace_id.to_be_bytes());
    let mut attributes: Vec<_> = span
        .attributes
        .into_iter()
        .map(|(key, value)| match value {
            Value::Text(text) => KeyValue::new(key, text),
            Value::Number(number) => KeyValue::new(key, number),
        })
        .collect();
    let status = match span.failure {
        None => Status::Unset,
        Some(sqlstate) => {
            attributes.push(KeyValue::new("db.response.status_code", sqlstate));
            attributes.push(KeyValue::new("error.type", sqlstate));
            Status::error(format!("SQLSTATE {sqlstate}"))
        }
    };
    SpanData {
        span_context: SpanContext::new(
            trace_id,
            id(span.context.span_id),
            TraceFlags::SAMPLED,
            false,
            TraceState::default(),
        ),
        parent_span_id: span.parent.map_or(SpanId::INVALID, |(parent, _)| id(parent)),
        parent_span_is_remote: matches!(span.parent, Some((_, Distance::Elsewhere))),
        span_kind: match span.role {
            Role::Server => SpanKind::Server,
            Role::Client => SpanKind::Client,
            Role::Internal => SpanKind::Internal,
        },
        name: span.name,
        start_time: span.began_at,
        end_time: span.ended_at,
        attributes,
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status,
        instrumentation_scope: scope,
    }
}

/// Says once that the collector is away, and once that it is back.
#[derive(Debug)]
struct Watched<E> {
    exporter: E,
    is_away: AtomicBool,
}

impl<E: SpanExporter> SpanExporter for Watched<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let sent = self.exporter.export(batch).await;
        let was_away = self.is_away.swap(sent.is_err(), Ordering::Relaxed);
        match &sent {
            Err(error) if !was_away => tracing::warn!(%error, "traces are lost: the collector does not take them"),
            Ok(()) if was_away => tracing::info!("the collector takes traces again"),
            _ => {}
        }
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
