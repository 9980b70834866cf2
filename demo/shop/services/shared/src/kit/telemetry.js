import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import prom from 'prom-client';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Metrics and traces of one service. Endpoint and headers come from the OTEL_EXPORTER_OTLP_* variables. */
export function createTelemetry({ service, version }) {
  prom.collectDefaultMetrics();
  const requests = new prom.Counter({
    name: 'http_requests_total',
    help: 'Requests answered',
    labelNames: ['service', 'route', 'method', 'status'],
  });
  const durations = new prom.Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from request to answer',
    labelNames: ['service', 'route', 'method', 'status'],
    buckets: SECONDS,
  });
  const inFlight = new prom.Gauge({
    name: 'http_requests_in_flight',
    help: 'Requests being worked on',
    labelNames: ['service'],
  });

  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.version': version }),
    spanProcessors: process.env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT
      ? [new BatchSpanProcessor(new OTLPTraceExporter(), { scheduledDelayMillis: 500, maxQueueSize: 4096 })]
      : [],
  });
  provider.register();
  const tracer = trace.getTracer(service);

  async function observeRequest({ method, route, headers }, handle) {
    const startedAt = process.hrtime.bigint();
    const parent = propagation.extract(context.active(), headers);
    const span = tracer.startSpan(
      `${method} ${route}`,
      { kind: SpanKind.SERVER, attributes: { 'http.request.method': method, 'http.route': route } },
      parent,
    );
    inFlight.inc({ service });
    const status = await context.with(trace.setSpan(parent, span), () =>
      handle({
        fail(error, code) {
          if (code < 500) return;
          span.recordException(error);
          span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
        },
      }),
    );
    inFlight.dec({ service });
    span.setAttribute('http.response.status_code', status);
    span.end();
    const labels = { service, route, method, status };
    requests.inc(labels);
    durations.observe(labels, Number(process.hrtime.bigint() - startedAt) / 1e9);
  }

  async function instrumentCall({ upstream, method, url }, run) {
    const { host, pathname } = new URL(url);
    const span = tracer.startSpan(`${method} ${upstream}`, {
      kind: SpanKind.CLIENT,
      attributes: {
        'http.request.method': method,
        'server.address': host,
        'url.path': pathname,
        'peer.service': upstream,
      },
    });
    const headers = {};
    propagation.inject(trace.setSpan(context.active(), span), headers);
    try {
      const answer = await run(headers);
      span.setAttribute('http.response.status_code', answer.status);
      if (answer.status >= 400) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: answer.body?.code ?? `HTTP ${answer.status}` });
      }
      return answer;
    } catch (error) {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      throw error;
    } finally {
      span.end();
    }
  }

  return {
    observeRequest,
    instrumentCall,
    traceContext() {
      const active = trace.getActiveSpan()?.spanContext();
      return active ? { trace_id: active.traceId, span_id: active.spanId } : {};
    },
    metrics: async () => ({ contentType: prom.register.contentType, text: await prom.register.metrics() }),
    shutdown: () => provider.shutdown().catch(() => {}),
  };
}
