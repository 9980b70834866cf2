import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGit } from '../../src/adapters/git/git.ts';
import type { Sources } from '../../src/agents/investigator.ts';
import { openSandboxDesk, type SandboxDesk } from '../../src/agents/sandbox-desk.ts';
import { tools } from '../../src/agents/tools/registry.ts';
import type { ToolContext } from '../../src/agents/tools/tool.ts';
import type { Observation } from '../../src/domain/evidence.ts';
import type { Service } from '../../src/domain/service.ts';
import { silentLog } from '../../src/platform/log.ts';
import type { ReplicaSeeds } from '../../src/ports/replica-seeds.ts';
import type { SandboxProvider } from '../../src/ports/sandbox.ts';
import type { SourceControl } from '../../src/ports/source-control.ts';
import { createRepository, type InventedCommit } from '../unit/agents/invented-repository.ts';
import { aService } from './builders.ts';

export interface AgentSandbox {
  readonly shas: readonly string[];
  readonly desk: SandboxDesk;
  readonly service: Service;
  readonly source: SourceControl;
  /** Runs a tool as an agent would. */
  use(tool: string, input: object): Promise<Observation>;
  close(): Promise<void>;
}

export interface AgentSandboxOptions {
  readonly service?: Partial<Service>;
  readonly seeds?: ReplicaSeeds;
  readonly tell?: (lack: string) => Promise<void>;
}

/** An agent of one service with a real repository and the given sandboxes. */
export function openAgentSandbox(
  sandbox: SandboxProvider,
  commits: readonly InventedCommit[],
  testCommand: readonly string[],
  { service: change = {}, seeds, tell }: AgentSandboxOptions = {},
): AgentSandbox {
  const folder = mkdtempSync(join(tmpdir(), 'warroom-agent-'));
  const shas = createRepository(join(folder, 'shop'), commits, Date.parse('2026-03-04T10:00:00Z'));
  const service = aService({
    name: 'shop',
    testCommand,
    repository: { url: `file://${join(folder, 'shop')}`, slug: 'acme/shop', branch: 'main' },
    ...change,
  });
  const git = createGit({
    cacheDir: join(folder, 'mirrors'),
    credentials: async () => null,
    log: silentLog,
  });
  const source: SourceControl = { ...git, checkout: async (_, at) => checkOut(join(folder, 'shop'), at) };
  const means = { source, sandbox, ...(seeds === undefined ? {} : { seeds }) };
  const desk = openSandboxDesk('inc-1', means, tell);
  // Tools of the sandbox ask for the assignment's service and the sources named here, and for nothing else.
  const context = {
    assignment: { service, catalogue: { services: [service], clusters: [] }, incident: { id: 'inc-1' } },
    desk: { sources: means as unknown as Sources },
    sandboxes: desk,
  } as unknown as ToolContext;
  return {
    shas,
    desk,
    service,
    source,
    async use(name, input) {
      const tool = tools.find((one) => one.name === name);
      if (tool === undefined) throw new Error(`no tool ${name}`);
      const [seen] = await tool.run(context, input, AbortSignal.timeout(120_000));
      if (seen === undefined) throw new Error(`${name} saw nothing`);
      return seen;
    },
    async close() {
      await desk.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Its files alone, as a checkout of the mirror gives them. */
function checkOut(repository: string, at: string): { path: string; remove(): Promise<void> } {
  const path = mkdtempSync(join(tmpdir(), 'warroom-tree-'));
  const archive = execFileSync('git', ['-C', repository, 'archive', at], { maxBuffer: 64 * 1024 * 1024 });
  execFileSync('tar', ['-x', '-C', path], { input: archive });
  return { path, remove: async () => rmSync(path, { recursive: true, force: true }) };
}
