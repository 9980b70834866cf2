import protobuf from 'protobufjs';

/** As much of opentelemetry-proto v1 as spans and log records need; unknown fields are skipped by the decoder. */
const proto = `
syntax = "proto3";
package otlp;
message ExportTraceServiceRequest { repeated ResourceSpans resourceSpans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scopeSpans = 2; }
message Resource { repeated KeyValue attributes = 1; }
message ScopeSpans { repeated Span spans = 2; }
message Span {
  bytes traceId = 1;
  bytes spanId = 2;
  bytes parentSpanId = 4;
  string name = 5;
  int32 kind = 6;
  fixed64 startTimeUnixNano = 7;
  fixed64 endTimeUnixNano = 8;
  repeated KeyValue attributes = 9;
  repeated Event events = 11;
  Status status = 15;
}
message Event { string name = 2; repeated KeyValue attributes = 3; }
message Status { string message = 2; int32 code = 3; }
message ExportLogsServiceRequest { repeated ResourceLogs resourceLogs = 1; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scopeLogs = 2; }
message ScopeLogs { repeated LogRecord logRecords = 2; }
message LogRecord {
  fixed64 timeUnixNano = 1;
  int32 severityNumber = 2;
  string severityText = 3;
  AnyValue body = 5;
  repeated KeyValue attributes = 6;
  bytes traceId = 9;
  bytes spanId = 10;
  fixed64 observedTimeUnixNano = 11;
}
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue {
  oneof value {
    string stringValue = 1;
    bool boolValue = 2;
    int64 intValue = 3;
    double doubleValue = 4;
    ArrayValue arrayValue = 5;
    KeyValueList kvlistValue = 6;
    bytes bytesValue = 7;
  }
}
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
message ExportResponse { PartialSuccess partialSuccess = 1; }
message PartialSuccess { int64 rejected = 1; string errorMessage = 2; }
message RpcStatus { int32 code = 1; string message = 2; }
`;

/** What an exporter can send. */
export type OtlpSignal = 'spans' | 'logs';

const { root } = protobuf.parse(proto, { keepCase: true });
const requests = {
  spans: root.lookupType('otlp.ExportTraceServiceRequest'),
  logs: root.lookupType('otlp.ExportLogsServiceRequest'),
} satisfies Record<OtlpSignal, protobuf.Type>;
const response = root.lookupType('otlp.ExportResponse');
const status = root.lookupType('otlp.RpcStatus');

/** Plain objects of the same shape as OTLP's JSON, with ids as bytes. @throws on bytes that are no such message */
export function decodeExportRequest(signal: OtlpSignal, bytes: Uint8Array): unknown {
  const request = requests[signal];
  return request.toObject(request.decode(bytes), { longs: String, bytes: Array, arrays: true });
}

/** The answer has the same bytes for every signal. */
export function encodeExportResponse(rejected: number, errorMessage: string): Uint8Array {
  const partialSuccess = rejected === 0 ? {} : { partialSuccess: { rejected, errorMessage } };
  return response.encode(response.fromObject(partialSuccess)).finish();
}

export function encodeRpcStatus(code: number, message: string): Uint8Array {
  return status.encode(status.fromObject({ code, message })).finish();
}
