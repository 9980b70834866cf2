import { z } from 'zod';
import { defineTool } from '../tool.ts';
import { argv, handOver, inSandbox, observe, place, readable, sayEnd, wholeOutput } from './use-sandbox.ts';

const shownChars = 10_000;

export const runCommandTool = defineTool({
  name: 'run_command',
  changing: true,
  description:
    'Runs any command in your isolated workspace (no network but the servers that the catalogue puts beside it on 127.0.0.1, no credentials, nothing outlives it): reproduce a fault, run a script, look at files. For a shell give ["/bin/sh", "-c", "…"].',
  input: z.object({ ...place, argv, seconds: z.number().int().min(1).max(120).default(30) }),
  async run(context, input, signal) {
    const query = input.argv.join(' ');
    const title = `Command ${query.slice(0, 80)}`;
    return inSandbox(context, input, { title, query }, signal, async (bench) => {
      const limits = { timeoutMs: input.seconds * 1000, outputBytes: 256_000 };
      const before = handOver(bench);
      const result = await bench.sandbox.run(input.argv, limits, signal);
      const seen = observe(before, {
        title,
        query,
        summary: `It ${sayEnd(result)}.`,
        data: {
          exitCode: result.exitCode,
          reason: result.reason,
          output: readable(result.output, shownChars),
        },
      });
      return {
        ...seen,
        empty: result.output.trim() === '' && result.exitCode === 0,
        ...wholeOutput(result.output, shownChars),
      };
    });
  },
});
