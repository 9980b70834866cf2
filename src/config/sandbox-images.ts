import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigInvalid } from './environment.ts';

const imageKinds = ['node', 'python', 'go', 'java', 'postgres', 'redis'] as const;
export type SandboxImageKind = (typeof imageKinds)[number];

/** What set-up wrote down when it built the images; unknown kinds are of a later version. */
const recordSchema = z.object({
  version: z.literal(1),
  images: z.record(
    z.string(),
    z.object({
      name: z.string().min(1),
      /** Digest of the image's content. */
      id: z.string().regex(/^sha256:[0-9a-f]{64}$/),
      /** What it was built from: a registry's image, `host`, or the setting that named another. */
      base: z.string(),
      builtAt: z.iso.datetime({ offset: true }),
    }),
  ),
});

/** Where set-up writes it, relative to the project. */
export const imageRecordFile = '.warroom/images.json';

/**
 * The images that sandboxes are made of, by language or kind of side-car: by the digest of their content where set-up has
 * recorded it, so that nobody can put another image in their place; else by name.
 * @param chosen images that somebody has named (`SANDBOX_IMAGE` for node): these win
 * @throws ConfigInvalid when there is a record that cannot be read
 */
export function readSandboxImages(
  file: string = imageRecordFile,
  chosen: Readonly<Partial<Record<SandboxImageKind, string | null>>> = {},
): Readonly<Record<SandboxImageKind, string>> {
  const recorded = readRecord(file);
  const imageOf = (kind: SandboxImageKind): string =>
    chosen[kind] ?? recorded[kind]?.id ?? `warroom/sandbox-${kind}:current`;
  return {
    node: imageOf('node'),
    python: imageOf('python'),
    go: imageOf('go'),
    java: imageOf('java'),
    postgres: imageOf('postgres'),
    redis: imageOf('redis'),
  };
}

function readRecord(file: string): z.infer<typeof recordSchema>['images'] {
  if (!existsSync(file)) return {};
  try {
    return recordSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).images;
  } catch (cause) {
    throw new ConfigInvalid(
      `${file} is not a record of sandbox images.`,
      'Run: npm run images   It writes the record anew.',
      { cause },
    );
  }
}
