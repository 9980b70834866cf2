import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

/** What reaches the demo's bot from outside: how to call Claude, and which Docker runs the sandboxes. */
export interface DemoSettings {
  readonly anthropic: Readonly<Record<string, string>>;
  readonly docker: Readonly<Record<string, string>>;
}

const ANTHROPIC = ['ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL', 'CLAUDE_MODEL'];
const DOCKER = ['DOCKER_HOST', 'SANDBOX_RUNTIME'];

/**
 * Takes the few settings that mean the same in the demo. Everything else in `.env` is about a real Slack, GitHub or
 * database, none of which the demo may touch.
 */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  dotEnvFile: string,
): DemoSettings {
  const fromFile = parseEnv(readIfThere(dotEnvFile));
  const pick = (names: readonly string[], ...places: Readonly<Record<string, string | undefined>>[]) =>
    Object.fromEntries(
      names.flatMap((name) => {
        const value = places.map((place) => place[name]?.trim()).find(Boolean);
        return value === undefined ? [] : [[name, value]];
      }),
    );
  return {
    anthropic: pick(ANTHROPIC, environment, fromFile),
    // Set-up looks for Docker where the environment says, so that is where its image is.
    docker: pick([...DOCKER, 'SANDBOX_IMAGE'], environment),
  };
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
