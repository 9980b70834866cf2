import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { onCallGroup } from './people.ts';

/** What each service of the shop calls; the shop's own CONTEXT.md files say the same. */
const dependsOn: Readonly<Record<string, readonly string[]>> = {
  'order-service': ['user-service', 'inventory-service', 'payment-service'],
};

const descriptions: Readonly<Record<string, string>> = {
  'order-service': 'Takes orders: checks the session, reserves stock, charges the card.',
  'user-service': 'Accounts, sign-in and session tokens.',
  'payment-service': 'Charges and refunds cards through the payment gateway.',
  'inventory-service': 'Stock levels, availability and reservations.',
};

export interface CataloguedDatabase {
  readonly name: string;
  readonly url: { readonly file: string };
  readonly logs: Readonly<Record<string, string>>;
}

/** Writes the shop's `warroom.yaml`, as a team would write its own. */
export async function writeCatalogue(
  file: string,
  services: readonly string[],
  cloneUrl: (service: string) => string,
  owner: string,
  dashboardUrl: (service: string) => string,
  databasesOf: (service: string) => readonly CataloguedDatabase[],
  policy: object = {},
): Promise<void> {
  const catalogue = {
    services: services.map((name) => ({
      name,
      description: descriptions[name] ?? '',
      repository: { url: cloneUrl(name), slug: `${owner}/${name}`, branch: 'main' },
      owners: [`@${onCallGroup.handle}`],
      approvers: [`@${onCallGroup.handle}`],
      language: 'node',
      testCommand: ['npm', 'test'],
      metrics: { service: name },
      logs: { service: name },
      dependsOn: dependsOn[name] ?? [],
      docs: ['CONTEXT.md'],
      dashboards: [dashboardUrl(name)],
      databases: databasesOf(name),
    })),
    // The shop's hour is ten seconds: a fix that has not helped after a minute and a half will not.
    policy: { verificationTimeoutSeconds: 90, verificationIntervalSeconds: 1, ...policy },
  };
  await writeFile(file, stringify(catalogue));
}
