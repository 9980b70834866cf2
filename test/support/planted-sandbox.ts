import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ImageKind, imageName } from '../../setup/sandbox-image.mjs';
import { createDockerSandboxes } from '../../src/adapters/docker/docker-sandboxes.ts';
import {
  readToolResult,
  type ToolVerb,
  type toolResults,
} from '../../src/agents/tools/sandbox/tool-result.ts';
import type { CommandResult } from '../../src/ports/sandbox.ts';

export interface PlantedSandbox {
  run(...argv: readonly string[]): Promise<CommandResult>;
  /** Runs `warroom-tool` in the folder of one planted bug and reads its answer as an agent would. */
  tool<Verb extends ToolVerb>(
    bug: string,
    verb: Verb,
    ...words: readonly string[]
  ): Promise<ReturnType<(typeof toolResults)[Verb]['parse']>>;
  close(): Promise<void>;
}

/** A real sandbox with the planted bugs of a language in it. */
export async function openPlantedSandbox(language: ImageKind): Promise<PlantedSandbox> {
  const workspace = mkdtempSync(join(tmpdir(), 'warroom-planted-'));
  cpSync(fileURLToPath(new URL(`../fixtures/planted/${language}/`, import.meta.url)), workspace, {
    recursive: true,
  });
  const sandboxes = createDockerSandboxes({ images: { [language]: imageName(language) } });
  const spec = { incidentId: 'i1', service: 'planted', language, workspace };
  const sandbox = await sandboxes.open(spec, AbortSignal.timeout(60_000));
  const limits = { timeoutMs: 50_000, outputBytes: 1024 * 1024 };
  const run = (...argv: readonly string[]) => sandbox.run(argv, limits, AbortSignal.timeout(60_000));
  return {
    run,
    async tool(bug, verb, ...words) {
      const script = 'cd "$0" && exec warroom-tool "$@"';
      const { output, reason } = await run('/bin/sh', '-c', script, bug, verb, ...words);
      const answer = readToolResult(verb, output);
      if (!answer.answered) throw new Error(`${answer.why} (${reason}): ${output.slice(-2_000)}`);
      return answer.result as ReturnType<(typeof toolResults)[typeof verb]['parse']>;
    },
    async close() {
      await sandbox.close();
      await sandboxes.close();
      rmSync(workspace, { recursive: true, force: true });
    },
  };
}
