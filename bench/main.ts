import os from 'node:os';
import { parseArgs } from 'node:util';
import { approvalAttacks } from './approval-attacks/approval-attacks.ts';
import type { Benchmark } from './benchmark.ts';
import { context } from './context/context.ts';
import { crashExecution } from './crash-execution/crash-execution.ts';
import { evidence } from './evidence/evidence.ts';
import { fanOut } from './fan-out/fan-out.ts';
import { injection } from './injection/injection.ts';
import { intake } from './intake.ts';
import { sandbox } from './sandbox/sandbox.ts';
import { sandboxSoak } from './sandbox/soak.ts';

const benchmarks: readonly Benchmark[] = [
  intake,
  approvalAttacks,
  crashExecution,
  context,
  injection,
  evidence,
  fanOut,
  sandbox,
  sandboxSoak,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    data: { type: 'string' },
    part: { type: 'string' },
  },
});

const [name] = positionals;
const chosen = benchmarks.find((one) => one.name === name);
if (values.list) {
  for (const one of benchmarks) process.stdout.write(`${one.name.padEnd(18)} ${one.about}\n`);
} else if (chosen === undefined) {
  process.stderr.write(
    `There is no benchmark "${name ?? ''}". Use: npm run bench -- NAME --json, or --list for the names.\n`,
  );
  process.exitCode = 2;
} else {
  const results = await chosen.run({
    short: values.short,
    ...(values.data === undefined ? {} : { data: values.data }),
    ...(values.part === undefined ? {} : { part: values.part }),
    say: (line) => process.stderr.write(`${line}\n`),
  });
  const machine = `${os.cpus().length} × ${os.cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.version}, load ${os.loadavg()[0]?.toFixed(1)}`;
  if (values.json) {
    process.stdout.write(
      `${JSON.stringify({ name: chosen.name, at: new Date().toISOString(), machine, results }, null, 2)}\n`,
    );
  } else {
    for (const one of results) {
      const beside =
        one.ratio === undefined ? '' : `  ${one.ratio} × ${one.against} (${one.againstValue} ${one.unit})`;
      process.stdout.write(
        `${one.ok ? '✓' : '✗'} ${one.metric.padEnd(20)} ${one.value} ${one.unit}${beside}\n`,
      );
    }
  }
  process.exitCode = results.every((one) => one.ok) ? 0 : 1;
}
process.exit();
