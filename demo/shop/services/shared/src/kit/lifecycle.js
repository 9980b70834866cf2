const DRAIN_MS = 4_000;

/**
 * Listens, says "ready" to the supervisor, reloads configuration on SIGHUP and drains on SIGTERM.
 * The port is shared (SO_REUSEPORT), so the next release can listen before this one leaves.
 */
export function runService({ server, config, log, telemetry, port, host = '127.0.0.1', onStop = () => {} }) {
  let stopping = false;

  async function stop() {
    if (stopping) return;
    stopping = true;
    const deadline = setTimeout(() => process.exit(0), DRAIN_MS);
    // Idle keep-alive connections are closed at once; busy ones end with their answer.
    await new Promise((resolve) => server.close(resolve));
    onStop();
    await telemetry.shutdown();
    clearTimeout(deadline);
    log.info('service stopped');
    process.exit(0);
  }

  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('disconnect', () => process.exit(0));
  process.on('SIGHUP', () => {
    try {
      config.reload();
      log.info('configuration reloaded');
    } catch (error) {
      log.error('configuration not reloaded, keeping the last good one', { error });
    }
  });
  process.on('uncaughtException', (error) => {
    log.error('uncaught exception, leaving', { error });
    process.exit(1);
  });

  // A response sent while draining tells its client not to reuse the connection.
  server.prependListener('request', (_request, response) => {
    if (stopping) response.setHeader('connection', 'close');
  });
  server.keepAliveTimeout = 20_000;
  server.listen({ port, host, reusePort: true }, () => {
    log.info('service started', { port });
    process.send?.('ready');
  });
}
