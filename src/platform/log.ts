import { pino } from 'pino';
import { type KnownSecrets, noSecrets } from './known-secrets.ts';

/** Fixed message, variable fields; secrets are removed by name and by value before anything is written. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Log;
}

const secretFields = ['token', 'password', 'secret', 'apiKey', 'authorization', 'cookie'];

/** JSON lines on standard error, so that standard output stays free for answers to commands. */
export function createLog(level: string, secrets: KnownSecrets = noSecrets): Log {
  const out = pino.destination({ fd: 2, sync: true });
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: secretFields.flatMap((name) => [name, `*.${name}`, `*.headers.${name}`]),
        censor: '[redacted]',
      },
    },
    { write: (line: string) => void out.write(secrets.mask(line)) },
  ) as Log;
}

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};
