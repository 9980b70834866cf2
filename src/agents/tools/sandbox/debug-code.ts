import { z } from 'zod';
import { defineTool, nothing } from '../tool.ts';
import { askTool } from './ask-tool.ts';
import type { StacksResult } from './tool-result.ts';
import { argv, handOver, inSandbox, observe, place, sourceFile } from './use-sandbox.ts';

const seconds = z.number().min(1).max(60);

export const debugTool = defineTool({
  name: 'debug',
  changing: true,
  description:
    'Runs a command with breakpoints and shows the stack, local variables and values of your expressions at each hit.',
  input: z.object({
    ...place,
    argv,
    breakpoints: z
      .array(z.object({ file: sourceFile, line: z.number().int().min(1) }))
      .min(1)
      .max(10),
    when: z.string().max(500).optional().describe('Stops only where this expression is true.'),
    evaluate: z.array(z.string().max(500)).max(10).default([]),
    hits: z.number().int().min(1).max(20).default(3),
    seconds: seconds.default(20),
  }),
  async run(context, input, signal) {
    const places = input.breakpoints.map(({ file, line }) => `${file}:${line}`);
    const look = {
      title: `Stopped at ${places.join(', ')}`.slice(0, 120),
      query: `debug ${input.argv.join(' ')}`,
    };
    return inSandbox(context, input, look, signal, async (bench) => {
      const options: [string, string][] = [
        ...places.map((one): [string, string] => ['break', one]),
        ...(input.when === undefined ? [] : [['when', input.when] as [string, string]]),
        ...input.evaluate.map((one): [string, string] => ['eval', one]),
        ['hits', String(input.hits)],
        ['seconds', String(input.seconds)],
      ];
      const before = handOver(bench);
      const answer = await askTool(bench, 'debug', options, input.argv, input.seconds, signal);
      if (!answer.answered) return notAnswered(bench.service.name, look, answer.why);
      const { hits, notes } = answer.result;
      const [first] = hits;
      const summary =
        first === undefined
          ? `It never stopped. ${notes.join(' ')}`
          : `It stopped ${hits.length} times, first in ${first.stack[0]?.function ?? 'a function'} (${first.location.file}:${first.location.line})${sayValues(first.values)}.`;
      const seen = observe(before, { ...look, summary, data: answer.result });
      return { ...seen, empty: hits.length === 0 };
    });
  },
});

export const stacksTool = defineTool({
  name: 'stacks',
  changing: true,
  description:
    'Runs a command and shows after some seconds what every thread and pending await does, who waits for whom, and circles of waits: for hangs and deadlocks.',
  input: z.object({ ...place, argv, after: z.number().min(0.5).max(30).default(3).describe('Seconds.') }),
  async run(context, input, signal) {
    const look = { title: `Stacks after ${input.after} s`, query: `stacks ${input.argv.join(' ')}` };
    return inSandbox(context, input, look, signal, async (bench) => {
      const options = [['after', String(input.after)]] as const;
      const before = handOver(bench);
      // It may run the program twice, and waits for slow starts.
      const answer = await askTool(bench, 'stacks', options, input.argv, 6 * input.after + 10, signal);
      if (!answer.answered) return notAnswered(bench.service.name, look, answer.why);
      const { threads, cycles, notes } = answer.result;
      const seesNothing = threads.length === 0 && cycles.length === 0;
      const summary =
        cycles[0] !== undefined
          ? `Deadlock: ${cycles[0]}`
          : seesNothing
            ? `It saw no thread. ${notes.join(' ')}`.trim()
            : sayWaits(threads);
      const seen = observe(before, {
        ...look,
        summary,
        data: answer.result,
      });
      return { ...seen, empty: seesNothing };
    });
  },
});

export const cpuProfileTool = defineTool({
  name: 'cpu_profile',
  changing: true,
  description:
    'Runs a command under the sampling profiler and shows the functions and source lines that take the time.',
  input: z.object({ ...place, argv, seconds: seconds.default(10) }),
  async run(context, input, signal) {
    const look = { title: 'CPU profile', query: `profile ${input.argv.join(' ')}` };
    return inSandbox(context, input, look, signal, async (bench) => {
      const options = [['seconds', String(input.seconds)]] as const;
      const before = handOver(bench);
      const answer = await askTool(bench, 'cpu', options, input.argv, input.seconds, signal);
      if (!answer.answered) return notAnswered(bench.service.name, look, answer.why);
      const [hot] = answer.result.lines;
      const [busiest] = answer.result.functions;
      const summary =
        hot === undefined
          ? `Nothing took time in ${answer.result.seconds} s.`
          : `${hot.selfPercent} % of the time is spent at ${hot.file}:${hot.line} (${hot.text})${busiest === undefined ? '' : `, ${busiest.selfPercent} % in ${busiest.function}`}.`;
      return { ...observe(before, { ...look, summary, data: answer.result }), empty: hot === undefined };
    });
  },
});

export const heapGrowthTool = defineTool({
  name: 'heap_growth',
  changing: true,
  description:
    'Runs a command that leaks and shows what grew between two looks at its heap: what holds it, which type, and where it was made.',
  input: z.object({ ...place, argv, seconds: seconds.default(8) }),
  async run(context, input, signal) {
    const look = { title: 'Heap growth', query: `heap growth of ${input.argv.join(' ')}` };
    return inSandbox(context, input, look, signal, async (bench) => {
      const options = [['seconds', String(input.seconds)]] as const;
      const before = handOver(bench);
      const answer = await askTool(bench, 'heap', options, input.argv, input.seconds + 20, signal);
      if (!answer.answered) return notAnswered(bench.service.name, look, answer.why);
      const { grew, rssBefore, rssAfter } = answer.result;
      const [most] = grew;
      const where =
        most?.file === undefined ? '' : ` (${most.file}${most.line === undefined ? '' : `:${most.line}`})`;
      const summary =
        most === undefined
          ? 'Nothing grew.'
          : `${most.name}${where} grew by ${sayBytes(most.bytesAfter - most.bytesBefore)}; the process went from ${sayBytes(rssBefore)} to ${sayBytes(rssAfter)}.`;
      return { ...observe(before, { ...look, summary, data: answer.result }), empty: most === undefined };
    });
  },
});

export function notAnswered(service: string, look: { title: string; query: string }, why: string) {
  return nothing('change', service, look.title, `It shows nothing: ${why.replace(/\.$/, '')}.`, look.query);
}

/** Only where every waiter's holder is known can a circle be ruled out. */
function sayWaits(threads: StacksResult['threads']): string {
  const waits = threads.flatMap(({ waitsFor }) => (waitsFor === undefined ? [] : [waitsFor]));
  const known = /\bheld by\b|\bholds? |\bwhich .* took\b|^the end of |^the network /;
  const unknown = waits.filter((words) => !known.test(words)).length;
  const circle =
    unknown > 0
      ? `for whom is unknown of ${unknown}, so a circle of waits is not ruled out`
      : 'no circle of waits';
  return `${threads.length} threads and awaits, ${waits.length} of them wait for something; ${circle}.`;
}

function sayValues(values: Readonly<Record<string, string>>): string {
  const said = Object.entries(values).slice(0, 3);
  return said.length === 0
    ? ''
    : `, where ${said.map(([name, value]) => `${name} is ${value.slice(0, 120)}`).join(', ')}`;
}

function sayBytes(bytes: number): string {
  const mib = bytes / 1024 / 1024;
  return mib >= 1 ? `${mib.toFixed(1)} MiB` : `${Math.round(bytes / 1024)} KiB`;
}
