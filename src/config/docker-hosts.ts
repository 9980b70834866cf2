/** Where a Docker engine listens. */
export type DockerHost =
  | { readonly kind: 'unix'; readonly name: string; readonly path: string }
  | {
      readonly kind: 'tcp';
      readonly name: string;
      readonly host: string;
      /** Null: the usual one, with TLS or without. */
      readonly port: number | null;
    };

const usualSocket = '/var/run/docker.sock';

/** `unix:///path` or `tcp://host:port`, several with commas between them. @returns the hosts, or what is wrong and what to do */
export function parseDockerHosts(list: string): readonly DockerHost[] | { readonly problem: string } {
  const hosts = new Map<string, DockerHost>();
  for (const written of list.split(',')) {
    const name = written.trim();
    if (name === '') continue;
    const host = parseHost(name);
    if ('problem' in host) return host;
    hosts.set(name, host);
  }
  return [...hosts.values()];
}

function parseHost(name: string): DockerHost | { readonly problem: string } {
  if (name.startsWith('unix://')) {
    return { kind: 'unix', name, path: name.slice('unix://'.length) || usualSocket };
  }
  const url = URL.parse(name.includes('//') ? name : `tcp://${name}`);
  if (url?.protocol === 'ssh:') {
    return {
      problem: `${name} is reached by ssh, which Warroom does not speak: give its TLS port (tcp://HOST:2376 with DOCKER_TLS_VERIFY=1), or bring its socket here with: ssh -nNT -L /run/there.sock:/var/run/docker.sock HOST, then unix:///run/there.sock`,
    };
  }
  if (url === null || url.protocol !== 'tcp:' || url.hostname === '' || !['', '/'].includes(url.pathname)) {
    return {
      problem: `${name} is no address of a Docker engine: write unix:///path/to/docker.sock or tcp://HOST:PORT, several with commas between them`,
    };
  }
  return {
    kind: 'tcp',
    name,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? null : Number(url.port),
  };
}
