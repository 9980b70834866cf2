import { isSecret, maskValue } from '../../platform/mask-secrets.ts';
import type { Settings } from './read-settings.ts';

const valueMaxChars = 80;
const linesMax = 40;

export interface SettingsChange {
  readonly changed: number;
  /** Names that are set now and will not be. */
  readonly removed: readonly string[];
  readonly secrets: number;
  /** `limits.max: 10 → 100`, one a setting. */
  readonly lines: readonly string[];
}

/** Setting by setting, now and after. */
export function compareSettings(now: Settings, after: Settings): SettingsChange {
  const names = [...new Set([...now.keys(), ...after.keys()])].filter(
    (name) => now.get(name) !== after.get(name),
  );
  const show = (settings: Settings, name: string): string => {
    const value = settings.get(name);
    return value === undefined ? 'not set' : cut(maskValue(name, value));
  };
  const lines = names.map((name) => `${cut(name) || 'the whole'}: ${show(now, name)} → ${show(after, name)}`);
  const rest = lines.length - linesMax;
  return {
    changed: names.length,
    removed: names.filter((name) => !after.has(name)),
    secrets: names.filter((name) => [now, after].some((one) => isSecret(name, one.get(name) ?? ''))).length,
    lines:
      rest > 0 ? [...lines.slice(0, linesMax), `and ${rest} more settings, which the diff shows.`] : lines,
  };
}

function cut(text: string): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, ' ');
  return line.length <= valueMaxChars
    ? line
    : `${line.slice(0, valueMaxChars - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
