import { inertText } from '../../domain/inert-text.ts';
import type { PlannedRemedy } from '../../domain/plan.ts';
import type { Runbook, Service } from '../../domain/service.ts';
import { WarroomError } from '../../platform/errors.ts';
import type { Preview } from '../../ports/remedy.ts';
import type { Tools } from '../tools.ts';
import { buildArgv } from './build-argv.ts';
import {
  type Command,
  containerOf,
  digestOf,
  findRunbook,
  paramsSchema,
  readParams,
  readPins,
  unknownRunbook,
} from './schema.ts';

/** Exactly what would be run, and where. Reads only. */
export async function previewRunbook(
  { workloads }: Tools,
  service: Service,
  params: unknown,
  signal: AbortSignal,
): Promise<Preview> {
  signal.throwIfAborted();
  const parsed = paramsSchema.safeParse(params);
  if (!parsed.success) return impossible('the plan does not name a runbook and its arguments.');
  const runbook = findRunbook(service, parsed.data.runbook);
  if (runbook === undefined) return impossible(unknownRunbook(service));
  const built = buildArgv(runbook, parsed.data.arguments);
  if ('reason' in built) return impossible(`${runbook.name} cannot be run: ${built.reason}`);
  const container = containerOf(runbook);
  if (container !== null) {
    const away = await whyAway({ workloads }, container, signal);
    if (away !== null) return impossible(away);
  }
  const { inverse } = built;
  return {
    possible: true,
    facts: {
      base: runbook.risk,
      reasons: [`runs the operators' runbook ${runbook.name}, which they call ${runbook.risk} risk`],
      reversible: inverse === null ? 'none' : 'exact',
    },
    planned: {
      kind: 'run-runbook',
      service: service.name,
      params: { runbook: runbook.name, arguments: parsed.data.arguments },
      pins: { definition: digestOf(runbook) },
      preview: {
        summary: `Run the runbook ${runbook.name} of ${service.name} ${placeOf(runbook)}.`,
        diff: shown(built.argv, container),
        measured: null,
        notes: [
          ...(runbook.description === '' ? [] : [inertText(runbook.description)]),
          'It is run as this list of arguments, without a shell; no word of it is split or expanded.',
          container === null
            ? `It gets no environment but PATH, and is stopped with all it started after ${runbook.timeoutSeconds} s.`
            : `It has ${runbook.timeoutSeconds} s; Docker cannot stop a command inside a container after that.`,
          'It is run once at most: should its outcome be lost, a person must look.',
        ],
        undo:
          inverse === null
            ? 'It cannot be undone: the catalogue gives no inverse.'
            : `Run its inverse: ${JSON.stringify(inverse)}`,
      },
    },
  };
}

/** The command as it was approved, or why it may not run any more. */
export function approvedCommand(service: Service, planned: PlannedRemedy): CommandOrReason {
  const params = readParams(planned.params);
  const { definition } = readPins(planned.pins);
  const runbook = findRunbook(service, params.runbook);
  if (runbook === undefined) return { reason: unknownRunbook(service) };
  if (digestOf(runbook) !== definition) {
    return { reason: `the runbook ${runbook.name} has changed in the catalogue since the plan was made.` };
  }
  const built = buildArgv(runbook, params.arguments);
  if ('reason' in built) return built;
  const container = containerOf(runbook);
  if (shown(built.argv, container).normalize('NFC') !== planned.preview.diff.normalize('NFC')) {
    return { reason: 'the command is no longer the one that was shown.' };
  }
  const timeoutMs = runbook.timeoutSeconds * 1000;
  return {
    command: { argv: [...built.argv], container, timeoutMs },
    inverse: built.inverse === null ? null : { argv: [...built.inverse], container, timeoutMs },
  };
}

type CommandOrReason =
  | { readonly command: Command; readonly inverse: Command | null }
  | { readonly reason: string };

/** Why nothing can be run in the container now; null when it can. */
export async function whyAway(
  { workloads }: Pick<Tools, 'workloads'>,
  container: string,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const { replicas } = await workloads.state({ name: container, docker: { container } }, signal);
    return replicas.ready === 0 ? `container ${container} does not run now.` : null;
  } catch (error) {
    if (error instanceof WarroomError && !error.retryable) return `${error.message} ${error.hint}`;
    throw error;
  }
}

function shown(argv: readonly string[], container: string | null): string {
  const where = container === null ? 'beside Warroom' : `inside container ${container}`;
  return `# ${where}\n${JSON.stringify(argv)}`;
}

function placeOf(runbook: Runbook): string {
  const container = containerOf(runbook);
  return container === null ? 'beside Warroom' : `inside container ${container}`;
}

function impossible(reason: string): Preview {
  return { possible: false, reason };
}
