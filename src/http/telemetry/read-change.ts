import { z } from 'zod';
import { changeKinds, type PushedChange } from '../../ports/change-source.ts';
import { boundedText } from './bounded-text.ts';
import { parseTime } from './parse-time.ts';

const name = (most: number) =>
  z
    .string()
    .trim()
    // One line, whatever was sent: it stands in sentences.
    .transform((text) => boundedText(text.replace(/\s+/g, ' '), most));
/** What a flag or a setting was and is may be of any simple type. */
const value = z
  .union([z.string(), z.number(), z.boolean()])
  .transform((one) => boundedText(String(one).trim().replace(/\s+/g, ' '), 500))
  .nullish();

const body = z.object({
  kind: z.enum(changeKinds),
  summary: name(300).pipe(z.string().min(1)),
  service: name(200).nullish(),
  at: z.union([z.string(), z.number()]).nullish(),
  actor: name(200).nullish(),
  before: value,
  after: value,
  url: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .nullish(),
});

/** One pushed change, or why it cannot be taken. @param now its time where it tells none */
export function readChange(
  raw: unknown,
  now: Date,
): { readonly change: PushedChange } | { readonly problem: string } {
  const read = body.safeParse(raw);
  if (!read.success) {
    const [issue] = read.error.issues;
    return { problem: `${issue?.path.join('.') || 'change'}: ${issue?.message ?? 'cannot be read'}` };
  }
  const { at, service, actor, before, after, url, kind, summary } = read.data;
  const undated = at === null || at === undefined;
  const time = undated ? now : parseTime(at);
  if (time === undefined) return { problem: 'at: is no time' };
  return {
    change: {
      at: time,
      // "*" is how people write "all of them".
      service: service === undefined || service === '' || service === '*' ? null : service,
      kind,
      actor: actor || null,
      summary,
      before: before ?? null,
      after: after ?? null,
      url: url ?? null,
      ...(undated ? { undated } : {}),
    },
  };
}
