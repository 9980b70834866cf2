import { z } from 'zod';

/**
 * What `warroom-tool VERB` of every sandbox image prints: one line of JSON after this mark, and exactly one such line. Each
 * option is two words, `--name value`. The output of the program under test goes elsewhere (`output` below), but it runs as
 * the tool's own user and can reach the tool's output, its memory and its life. Nothing here is trusted: what tells of a
 * forger is dropped, and what is left is soft evidence.
 */
export const resultMark = '@@warroom-result ';

/** Values come as text, shortened by the tool. */
const text = z.string().max(4_000);
/** Relative to the workspace where the file lies in it, else absolute or the runtime's own name for it. */
const file = z.string().max(500);
const line = z.int().min(0);
/** Innermost first. */
const frame = z.object({ function: z.string().max(300), file, line });
const stack = z.array(frame).max(60);

const common = {
  /** How the program under test ended; both null: it still ran, and was ended by the tool. */
  exit: z.object({ code: z.int().nullable(), signal: z.string().max(20).nullable() }),
  /** The end of what it printed. */
  output: z.string().max(8_000),
  /** Sentences: what could not be done, and why. */
  notes: z.array(z.string().max(600)).max(20),
};

/** `debug --break FILE:LINE… [--when EXPR] [--eval EXPR…] [--hits N] [--seconds N] -- argv…` */
export const debugResult = z.object({
  hits: z
    .array(
      z.object({
        location: z.object({ file, line }),
        /** `main`, or the name of the thread or worker. */
        thread: z.string().max(200),
        stack,
        locals: z.record(z.string().max(200), text),
        /** By expression; an expression that throws has `throws: message`. */
        values: z.record(z.string().max(2_000), text),
      }),
    )
    .max(50),
  ...common,
});

/** `stacks --after SECONDS -- argv…` */
export const stacksResult = z.object({
  threads: z
    .array(
      z.object({
        name: z.string().max(200),
        /** `running`, `waiting`, `idle`, or what the runtime calls it. */
        state: z.string().max(200),
        /** What it waits for, in words: `lock "accounts", held by transfer B`. */
        waitsFor: z.string().max(600).optional(),
        stack,
      }),
    )
    .max(200),
  /** Each a circle of waits in one sentence. */
  cycles: z.array(z.string().max(2_000)).max(20),
  ...common,
});

/** `cpu [--seconds N] -- argv…` */
export const cpuResult = z.object({
  /** That were sampled. */
  seconds: z.number().min(0),
  /** Highest own share first. */
  functions: z
    .array(
      z.object({
        function: z.string().max(300),
        file,
        line,
        selfPercent: z.number().min(0).max(100),
        totalPercent: z.number().min(0).max(100),
      }),
    )
    .max(50),
  lines: z.array(z.object({ file, line, selfPercent: z.number().min(0).max(100), text })).max(50),
  ...common,
});

/** `heap [--seconds N] -- argv…`: what grew between two looks, the biggest growth first. */
export const heapResult = z.object({
  grew: z
    .array(
      z.object({
        /** What holds or is: a constructor or type, a site of allocation, or a path from a root. */
        kind: z.enum(['type', 'site', 'retainer']),
        name: z.string().max(600),
        file: file.optional(),
        line: line.optional(),
        countBefore: z.number().min(0),
        countAfter: z.number().min(0),
        bytesBefore: z.number().min(0),
        bytesAfter: z.number().min(0),
      }),
    )
    .max(60),
  rssBefore: z.number().min(0),
  rssAfter: z.number().min(0),
  ...common,
});

/**
 * `bench --runs N [--warmup N] [--seconds N] --variant NAME=FOLDER … -- argv…`: the same command in each folder, in turn, in an order that
 * changes from round to round; wall-clock seconds of each run that ended with 0.
 */
export const benchResult = z.object({
  variants: z
    .array(
      z.object({
        name: z.string().max(100),
        seconds: z.array(z.number().min(0)).max(1_000),
        failed: z.int().min(0),
      }),
    )
    .max(4),
  output: common.output,
  notes: common.notes,
});

/**
 * `cover --file FILE … [--seconds N] -- argv…`: runs tests and answers with their coverage of these files alone, in the runtime's own
 * format: V8's JSON (`{"result":[…]}`, urls as `file:///work/…`), coverage.py's JSON, a Go cover profile, lcov or Cobertura.
 */
export const coverResult = z.object({
  reports: z
    .array(
      z.object({
        format: z.enum(['v8', 'coverage.py', 'go', 'lcov', 'cobertura']),
        text: z.string().max(400_000),
      }),
    )
    .max(50),
  ...common,
});

export const toolResults = {
  debug: debugResult,
  stacks: stacksResult,
  cpu: cpuResult,
  heap: heapResult,
  bench: benchResult,
  cover: coverResult,
} as const;

export type ToolVerb = keyof typeof toolResults;
export type DebugResult = z.infer<typeof debugResult>;
export type StacksResult = z.infer<typeof stacksResult>;
export type CpuResult = z.infer<typeof cpuResult>;
export type HeapResult = z.infer<typeof heapResult>;
export type CoverResult = z.infer<typeof coverResult>;

export type ToolAnswer<Verb extends ToolVerb> =
  | { readonly answered: true; readonly result: z.infer<(typeof toolResults)[Verb]> }
  /** A clause: why there is nothing to read. */
  | { readonly answered: false; readonly why: string };

/** Reads the one marked line of what a `warroom-tool` printed; of two, one is forged, and nothing says which. */
export function readToolResult<Verb extends ToolVerb>(verb: Verb, output: string): ToolAnswer<Verb> {
  const [line, second] = output.split('\n').filter((one) => one.trimStart().startsWith(resultMark.trim()));
  if (line === undefined) return { answered: false, why: 'the tool printed no result' };
  if (second !== undefined)
    return { answered: false, why: 'more than one result was printed, so one of them is forged' };
  const json = line.trimStart().slice(resultMark.length);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { answered: false, why: 'the tool’s result was cut' };
  }
  const parsed = toolResults[verb].safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return {
      answered: false,
      why: `the tool’s result is not as agreed (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''})`,
    };
  }
  return { answered: true, result: parsed.data as z.infer<(typeof toolResults)[Verb]> };
}
