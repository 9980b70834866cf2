import { describe, expect, it } from 'vitest';
import { createToolDesk } from '../../../../src/agents/claude/tool-desk.ts';
import type { Assignment, Notebook, Sources } from '../../../../src/agents/investigator.ts';
import type { Evidence } from '../../../../src/domain/evidence.ts';
import type { CommandResult, Sandbox } from '../../../../src/ports/sandbox.ts';
import { aService } from '../../../support/builders.ts';

function aDesk(outputs: string[]) {
  const rows = new Map<string, Evidence>();
  const notebook = {
    step: async () => undefined,
    keep: async (key: string, seen: Evidence) => {
      const row = rows.get(key) ?? { ...seen, number: rows.size + 1 };
      rows.set(key, row);
      return row;
    },
  } as unknown as Notebook;
  let open = 0;
  const sandbox = {
    run: async (): Promise<CommandResult> => ({
      exitCode: 0,
      reason: 'exit',
      output: outputs.shift() ?? '',
      durationMs: 10,
    }),
    close: async () => {
      open -= 1;
    },
  } as unknown as Sandbox;
  const sources = {
    source: {
      fetch: async () => ({ head: 'a'.repeat(40) }),
      checkout: async () => ({ path: '/nowhere', remove: async () => undefined }),
    },
    sandbox: {
      unavailable: async () => null,
      open: async () => {
        open += 1;
        return sandbox;
      },
    },
  } as unknown as Sources;
  const service = aService({ name: 'shop' });
  const assignment = {
    service,
    catalogue: { services: [service], clusters: [] },
    incident: { id: 'inc-1' },
  } as unknown as Assignment;
  const desk = createToolDesk(assignment, sources, notebook, AbortSignal.timeout(10_000));
  const ask = async (argv: string[]) => {
    const call = { type: 'tool-call', id: 'x', name: 'run_command', input: { argv } } as const;
    return JSON.stringify(await desk.answer(call, 'tool:1.1'));
  };
  return { desk, ask, rows, isOpen: () => open };
}

describe('a model at its tools', () => {
  it('gets a new row when the same command says something else, and the old one when it does not', async () => {
    const { ask, rows } = aDesk(['before', 'after', 'after']);

    const said = [await ask(['cat', 'a']), await ask(['cat', 'a']), await ask(['cat', 'a'])];

    expect(said[0]).toContain('before');
    expect(said[1]).toContain('after');
    expect(said[2]).toBe(said[1]);
    expect(rows.size).toBe(2);
  });

  it('leaves no sandbox open when it is done', async () => {
    const { desk, ask, isOpen } = aDesk(['one']);
    await ask(['ls']);
    expect(isOpen()).toBe(1);

    await desk.close();

    expect(isOpen()).toBe(0);
  });
});
