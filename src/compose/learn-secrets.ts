import type { Environment } from '../config/environment.ts';
import { processVariables } from '../config/read-process.ts';
import type { Catalogue, SecretRef } from '../domain/service.ts';
import { createKnownSecrets, type KnownSecrets } from '../platform/known-secrets.ts';
import { isSecret } from '../platform/mask-secrets.ts';
import type { Secrets } from '../ports/secrets.ts';

/** Names of settings of our own that hold a credential, besides those that say so by the usual words. */
const ownNames = /_(TOKEN|SECRET|KEY|PASSWORD)$/;
const address = /^[a-z][\w+.-]{0,20}:\/\/[^/\s]*@/i;

/** Every credential in the environment of this process, ours or not; of addresses the password in them. */
export function environmentSecrets(env: Environment, variables = processVariables()): KnownSecrets {
  const secrets = createKnownSecrets();
  // Settings may come from a file, variables may be nobody's setting.
  for (const [name, value] of [...Object.entries(variables), ...Object.entries(env)]) {
    if (typeof value !== 'string') continue;
    if (ownNames.test(name) || isSecret(name, value)) {
      secrets.learn(value);
      // A key on one line, as it must be in an `.env`.
      if (value.includes('\\n')) secrets.learn(value.replaceAll('\\n', '\n'));
    } else if (address.test(value)) secrets.learn(value);
  }
  return secrets;
}

/** Reads every credential that the catalogue names, so that it is known before its first use. */
export async function learnCatalogue(catalogue: Catalogue, secrets: Secrets): Promise<void> {
  const refs: SecretRef[] = [
    ...catalogue.clusters.map((cluster) => cluster.token),
    ...catalogue.services.flatMap((service) => [
      ...service.databases.flatMap((one) => (one.readUrl == null ? [one.url] : [one.url, one.readUrl])),
      ...service.caches.map((one) => one.url),
    ]),
  ];
  // One that is missing now is told when it is needed.
  await Promise.allSettled(refs.map((ref) => secrets.read(ref)));
}

/** Hears each read: a credential that was rotated is known from its first use on. */
export function learningSecrets(secrets: KnownSecrets, store: Secrets): Secrets {
  return {
    async read(ref) {
      const value = await store.read(ref);
      secrets.learn(value);
      return value;
    },
  };
}
