import { createDockerSandboxes } from '../adapters/docker/docker-sandboxes.ts';
import { createKubernetesSandboxes } from '../adapters/kubernetes/sandbox/kubernetes-sandboxes.ts';
import { createSecrets } from '../adapters/secrets/secrets.ts';
import { ConfigInvalid, type Environment } from '../config/environment.ts';
import { processVariables } from '../config/read-process.ts';
import { readSandboxImages } from '../config/sandbox-images.ts';
import type { Catalogue } from '../domain/service.ts';
import type { SandboxProvider } from '../ports/sandbox.ts';

/**
 * Where agents run code: engines of our own, or jobs of a cluster of the catalogue.
 * @throws ConfigInvalid when the cluster is none of the catalogue's
 */
export function composeSandboxes(env: Environment, clusters: Catalogue['clusters']): SandboxProvider {
  return env.SANDBOX_PROVIDER === 'kubernetes' ? onCluster(env, clusters) : onEngines(env);
}

function onEngines(env: Environment): SandboxProvider {
  const { postgres, redis, ...languages } = readSandboxImages(undefined, { node: env.SANDBOX_IMAGE });
  return createDockerSandboxes({
    images: { ...languages, postgres },
    sideCarImages: { postgres, redis },
    ...(env.DOCKER_HOST === null ? {} : { hosts: env.DOCKER_HOST }),
    ...(env.DOCKER_TLS_VERIFY === null ? {} : { tls: { certPath: env.DOCKER_CERT_PATH } }),
    ...(env.SANDBOX_RUNTIME === null ? {} : { runtime: env.SANDBOX_RUNTIME }),
    watch: { 'the work folder': env.DATA_DIR },
  });
}

function onCluster(env: Environment, clusters: Catalogue['clusters']): SandboxProvider {
  const cluster = clusters.find(({ name }) => name === env.SANDBOX_CLUSTER);
  if (cluster === undefined) {
    throw new ConfigInvalid(
      `SANDBOX_CLUSTER is ${env.SANDBOX_CLUSTER ?? 'empty'}, and the catalogue has no such cluster.`,
      `Add it to clusters in ${env.CATALOGUE_FILE}, or set SANDBOX_PROVIDER=docker.`,
    );
  }
  const image = (kind: string): string => `${env.SANDBOX_IMAGE_PREFIX}${kind}:current`;
  const sideCarImages = { postgres: image('postgres'), redis: image('redis') };
  return createKubernetesSandboxes({
    cluster,
    secrets: createSecrets(processVariables()),
    namespace: env.SANDBOX_NAMESPACE,
    images: {
      node: env.SANDBOX_IMAGE ?? image('node'),
      python: image('python'),
      go: image('go'),
      java: image('java'),
      postgres: sideCarImages.postgres,
    },
    sideCarImages,
    ...(env.SANDBOX_RUNTIME === null ? {} : { runtimeClass: env.SANDBOX_RUNTIME }),
  });
}
