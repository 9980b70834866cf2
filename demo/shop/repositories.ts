import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { DemoError } from './demo-error.ts';
import { runGit } from './git.ts';
import { inventoryServiceHistory } from './history/inventory-service.ts';
import { orderServiceHistory } from './history/order-service.ts';
import { paymentServiceHistory } from './history/payment-service.ts';
import type { PlannedCommit } from './history/planned-commit.ts';
import { userServiceHistory } from './history/user-service.ts';
import { people } from './people.ts';

export const SHOP_SERVICES = [
  'order-service',
  'user-service',
  'payment-service',
  'inventory-service',
] as const;
export type ShopServiceName = (typeof SHOP_SERVICES)[number];

export interface ShopRepository {
  service: ShopServiceName;
  /** Bare repository with one branch, main. */
  path: string;
  head: string;
}

const histories: Record<ShopServiceName, readonly PlannedCommit[]> = {
  'order-service': orderServiceHistory,
  'user-service': userServiceHistory,
  'payment-service': paymentServiceHistory,
  'inventory-service': inventoryServiceHistory,
};

/** What the service's repository holds at its head: the service's own files and the kit that all four share. */
export type Tree = ReadonlyMap<string, string>;

/** Builds a bare repository for each service in `dir`, with its past counted back from `now`. Replaces what is there. */
export async function createShopRepositories(dir: string, now = new Date()): Promise<ShopRepository[]> {
  await mkdir(dir, { recursive: true });
  return await Promise.all(
    SHOP_SERVICES.map(async (service) => {
      const path = join(dir, `${service}.git`);
      await rm(path, { recursive: true, force: true });
      await runGit(['init', '--quiet', '--bare', '--initial-branch', 'main', path]);
      const stream = writeImportStream(planTrees(histories[service], await readServiceTree(service)), now);
      await runGit(['fast-import', '--quiet'], { cwd: path, input: stream });
      const head = (await runGit(['rev-parse', 'refs/heads/main'], { cwd: path })).trim();
      return { service, path, head };
    }),
  );
}

export async function readServiceTree(service: ShopServiceName): Promise<Tree> {
  const services = join(import.meta.dirname, 'services');
  const tree = new Map<string, string>();
  for (const root of [join(services, 'shared'), join(services, service)]) {
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      tree.set(relative(root, file).replaceAll('\\', '/'), await readFile(file, 'utf8'));
    }
  }
  return tree;
}

export interface DatedTree {
  commit: PlannedCommit;
  tree: Tree;
}

/** Walks the plan backwards from the final tree: edits are taken back, and files leave with the commit that added them. */
export function planTrees(history: readonly PlannedCommit[], finalTree: Tree): DatedTree[] {
  let tree: Tree = finalTree;
  const dated: DatedTree[] = [];
  for (const commit of history.toReversed()) {
    dated.unshift({ commit, tree });
    const earlier = new Map(tree);
    for (const edit of (commit.edits ?? []).toReversed()) {
      const text = earlier.get(edit.path);
      if (text?.split(edit.after).length !== 2) {
        throw planError(commit, `${edit.path} does not hold its later text exactly once: ${edit.after}`);
      }
      earlier.set(
        edit.path,
        text.replace(edit.after, () => edit.before),
      );
    }
    for (const added of commit.adds ?? []) {
      const gone = [...earlier.keys()].filter((path) =>
        added.endsWith('/') ? path.startsWith(added) : path === added,
      );
      if (gone.length === 0) throw planError(commit, `nothing is called ${added}`);
      for (const path of gone) earlier.delete(path);
    }
    tree = earlier;
  }
  const never = [...tree.keys()];
  if (never.length > 0 && history[0]) throw planError(history[0], `no commit adds ${never.join(', ')}`);
  return dated;
}

function planError(commit: PlannedCommit, problem: string): DemoError {
  return new DemoError(
    'bad_history',
    `history commit "${commit.message.split('\n')[0]}": ${problem}`,
    'Bring demo/shop/history in line with demo/shop/services.',
  );
}

function writeImportStream(trees: readonly DatedTree[], now: Date): string {
  const parts: string[] = [];
  let previous: Tree = new Map();
  for (const { commit, tree } of trees) {
    const { name, email } = people[commit.author];
    const when = `${Math.floor((now.getTime() - commit.hoursAgo * 3_600_000) / 1000)} +0000`;
    parts.push('commit refs/heads/main\n');
    parts.push(`author ${name} <${email}> ${when}\ncommitter ${name} <${email}> ${when}\n`);
    parts.push(dataBlock(`${commit.message}\n`));
    for (const [path, text] of tree) {
      if (previous.get(path) !== text) parts.push(`M 100644 inline ${path}\n`, dataBlock(text));
    }
    for (const path of previous.keys()) if (!tree.has(path)) parts.push(`D ${path}\n`);
    previous = tree;
  }
  return parts.join('');
}

const dataBlock = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
