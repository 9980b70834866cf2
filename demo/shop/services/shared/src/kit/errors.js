/** An answer that is not 2xx, said on purpose. */
export class HttpError extends Error {
  constructor(status, code, message, details = {}, options = {}) {
    super(message, options);
    this.name = 'HttpError';
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** A call to another service that gave no usable answer. */
export class UpstreamError extends Error {
  constructor(upstream, code, message, options = {}) {
    super(message, options);
    this.name = 'UpstreamError';
    this.upstream = upstream;
    this.code = code;
  }
}
