/** One JSON object a line on stdout; `context` adds the ids of the running trace. */
export function createLog({
  service,
  context = () => ({}),
  write = (line) => process.stdout.write(line),
  now = () => new Date(),
}) {
  const emit =
    (level) =>
    (msg, fields = {}) => {
      const { error, ...rest } = fields;
      const entry = { ts: now().toISOString(), level, service, msg, ...context(), ...rest };
      write(`${JSON.stringify(error === undefined ? entry : { ...entry, ...describeError(error) })}\n`);
    };
  return { debug: emit('debug'), info: emit('info'), warn: emit('warn'), error: emit('error') };
}

export function describeError(error) {
  if (!(error instanceof Error)) return { error: String(error) };
  return {
    error: error.message,
    error_name: error.name,
    ...(error.code === undefined ? {} : { error_code: error.code }),
    stack: error.stack,
  };
}
