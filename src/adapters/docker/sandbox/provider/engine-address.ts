import { readFileSync } from 'node:fs';
import path from 'node:path';
import Docker from 'dockerode';
import type { DockerHost } from '../../../../config/docker-hosts.ts';
import { WarroomError } from '../../../../platform/errors.ts';

class EngineCertificatesUnreadable extends WarroomError {
  readonly code = 'engine_certificates_unreadable';
}

export interface EngineTls {
  /** With `ca.pem`, `cert.pem` and `key.pem`, as the Docker CLI has them. */
  readonly certPath: string;
}

export interface EngineAddress {
  /** As it was written; for people, and to tell engines apart. */
  readonly name: string;
  /** Its files may be this machine's files. */
  readonly isLocal: boolean;
  connect(): Docker;
}

/** The engine that the environment names, or the usual one, as every Docker client finds it. */
export const usualEngine: EngineAddress = {
  name: 'its usual socket',
  isLocal: true,
  connect: () => new Docker(),
};

/** The server must show a certificate of that authority; without `tls` tcp is plain, for networks of one's own. */
export function addressOf(host: DockerHost, tls: EngineTls | null): EngineAddress {
  const { name } = host;
  // What is not named here the client would take from the environment of the process.
  if (host.kind === 'unix') {
    const options = { socketPath: host.path, host: undefined, port: undefined, protocol: 'http' } as const;
    return { name, isLocal: true, connect: () => new Docker(options) };
  }
  const options = {
    socketPath: undefined,
    host: host.host,
    port: host.port ?? (tls === null ? 2375 : 2376),
    ...(tls === null
      ? { protocol: 'http' as const, ca: undefined, cert: undefined, key: undefined }
      : { protocol: 'https' as const, ...readCertificates(tls) }),
  };
  return { name, isLocal: false, connect: () => new Docker(options) };
}

function readCertificates({ certPath }: EngineTls): { ca: Buffer; cert: Buffer; key: Buffer } {
  try {
    const read = (file: string): Buffer => readFileSync(path.join(certPath, file));
    return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
  } catch (error) {
    throw new EngineCertificatesUnreadable(
      `The certificates for Docker cannot be read from ${certPath}.`,
      'DOCKER_CERT_PATH names a folder with ca.pem, cert.pem and key.pem.',
      { cause: error },
    );
  }
}
