import { saturate } from '../series/robust-statistics.ts';
import { type CandidateCommit, canMatter, type Part } from './candidate-commit.ts';
import { changedLines, readTraits } from './code-traits.ts';
import { documentOf } from './commit-document.ts';
import {
  type DependencyChange,
  findDependencyChanges,
  sayDependency,
  weighDependencies,
} from './dependency-changes.ts';
import { type Locus, locateCode, pathOfFrame } from './locate-code.ts';
import { matchNames, weighWords } from './match-names.ts';
import { matchStatements } from './match-statements.ts';
import { matchText } from './match-text.ts';
import type { DiffFile } from './parse-diff.ts';
import { readTroubleText } from './read-trouble-text.ts';
import { effectOf, findSettingChanges, isSecret, type SettingChange } from './setting-changes.ts';
import { blockAt, type SourceIndex } from './source-index.ts';
import type { Symptoms } from './symptoms.ts';
import { releaseTimes, weighTime } from './weigh-time.ts';

export interface RankedCommit {
  readonly commit: CandidateCommit;
  /** 0–1: how well it explains the symptoms; comparable between services. */
  readonly score: number;
  /** 0–1: distance to the next one, relative to this one. */
  readonly margin: number;
  /**
   * 0–1: what is left for it when all recent commits, and the chance that it was none of them, share the blame. Something
   * in a release that went live just before is to blame more often than not.
   */
  readonly share: number;
  /** In words, strongest first. */
  readonly reasons: readonly string[];
  /** What it changed, for a sentence: "`ttlHours` 24 → 1". */
  readonly change: string;
}

/** Commits that could explain the symptoms, best first. Pure: the same input gives the same ranking. */
export function rankCommits(
  commits: readonly CandidateCommit[],
  symptoms: Symptoms,
  source: SourceIndex,
): RankedCommit[] {
  const locus = locateCode(source, symptoms);
  const rarityOf = weighWords(commits, source);
  const told = matchTold(commits, symptoms);
  const live = releaseTimes(commits, symptoms);
  // A leak, a crash loop or a hang points nowhere in the code: what a change does must then speak for itself.
  const leaking = Math.max(
    symptoms.kinds.get('memory-leak') ?? 0,
    symptoms.kinds.get('descriptor-leak') ?? 0,
  );
  const homeless = locus.blocks.size === 0;
  const ranked = commits.map((commit) => {
    const settings = commit.files.filter(canMatter).flatMap(findSettingChanges);
    const traits = readTraits(commit.files, symptoms.kinds);
    const place = placeOf(commit, locus, source);
    const words = told.get(commit.sha) ?? { weight: 0, reason: null };
    const frame = matchFrames(commit, symptoms, source);
    const setting = bestSetting(settings, symptoms, locus);
    const numbers = matchNumbers(commit, settings, symptoms);
    const named = matchNames(commit, symptoms, rarityOf);
    const dependencies = weighDependencies(findDependencyChanges(commit.files), symptoms);
    const brought = matchStatements(commit, symptoms.statements ?? []);
    const parts: Part[] = [
      { weight: 0.8 * frame.weight, reason: frame.reason },
      { weight: 0.9 * brought.weight, reason: brought.reason },
      {
        weight: setting.weight * (0.3 + 0.5 * Math.max(place.weight, setting.reach)),
        reason: setting.reason,
      },
      { weight: dependencies.weight, reason: dependencies.reason },
      { weight: 0.65 * named.weight, reason: named.reason },
      { weight: 0.6 * words.weight, reason: words.reason },
      { weight: 0.5 * place.weight, reason: place.reason },
      {
        weight: traits.explains * (leaking >= 0.6 ? 0.55 : homeless ? 0.5 : 0.15 + 0.45 * place.weight),
        reason: traits.words.length === 0 ? null : `${traits.words.join(' and ')}, which fits the symptom`,
      },
      { weight: 0.35 * numbers.weight, reason: numbers.reason },
    ];
    const time = weighTime(commit, symptoms, live);
    const miss = parts.reduce((product, part) => product * (1 - Math.min(0.95, part.weight)), 1);
    // Even a log line can throw: where the stack points at the changed line, it counts in full.
    const effective = Math.max(
      traits.substance,
      settings.length > 0 || dependencies.best !== null ? 1 : 0,
      frame.weight >= 0.8 ? 1 : 0,
    );
    const reasons = parts
      .filter((part) => part.reason !== null && part.weight >= 0.08)
      .toSorted((a, b) => b.weight - a.weight)
      .flatMap((part) => part.reason ?? []);
    return {
      commit,
      score:
        (1 - miss) *
        (0.03 + 0.97 * effective) *
        time.weight *
        focusOf(commit) *
        sizeOf(commit, settings, numbers),
      fresh: time.fresh,
      reasons: [...reasons, ...(time.reason === null ? [] : [time.reason])],
      change: describeChange(commit, settings, setting.best, dependencies.best),
    };
  });
  const sorted = ranked.toSorted((a, b) => b.score - a.score || b.commit.committedAt - a.commit.committedAt);
  const total = sorted.reduce((sum, entry) => sum + entry.score, 0);
  return sorted.map(({ fresh, ...entry }, index) => {
    const next = sorted[index + 1]?.score ?? 0;
    return {
      ...entry,
      margin: entry.score <= 0 ? 0 : (entry.score - next) / entry.score,
      share: entry.score / (total + (fresh ? noneOfThem.fresh : noneOfThem.old)),
    };
  });
}

/** Evidence at which what was told speaks half for a commit. */
const halfTold = 6;
/** A route that works speaks against what is called like it. */
const healthyShare = 0.4;

/** What telemetry says in words, against all commits at once. */
function matchTold(commits: readonly CandidateCommit[], symptoms: Symptoms): Map<string, Part> {
  const oldestFirst = commits.toSorted((a, b) => a.committedAt - b.committedAt || (a.sha < b.sha ? -1 : 1));
  const text = readTroubleText(
    [
      ...symptoms.texts,
      ...symptoms.operations.map((operation) => ({ text: operation, weight: 0.6, source: 'operation' })),
      ...symptoms.frames.slice(0, 20).map((frame) => ({
        text: `${frame.function ?? ''} ${frame.file}${frame.line === null ? '' : `:${frame.line}`}`,
        weight: 0.9,
        source: 'stack',
      })),
    ],
    symptoms.healthyOperations.map((operation) => ({
      text: operation,
      weight: healthyShare,
      source: 'operation',
    })),
  );
  const documents = oldestFirst.map((commit) =>
    documentOf({ ...commit, body: commit.body.slice(0, 2000), files: commit.files.filter(canMatter) }),
  );
  return new Map(
    matchText(documents, text).map(({ sha, evidence, reasons }): [string, Part] => [
      sha,
      { weight: saturate(evidence, halfTold), reason: reasons[0]?.text ?? null },
    ]),
  );
}

/** How much the possibility that no commit is to blame weighs, beside the scores. */
const noneOfThem = { fresh: 0.15, old: 0.5 };

/** A commit that only nudges numbers seldom breaks anything, unless telemetry shows the new number. */
function sizeOf(commit: CandidateCommit, settings: readonly SettingChange[], numbers: Part): number {
  if (settings.length === 0 || numbers.weight > 0) return 1;
  if (commit.files.some((file) => file.class === 'source')) return 1;
  const largest = Math.max(
    ...settings.map(({ factor }) =>
      factor === null || factor <= 0 ? 1 : Math.min(1, Math.abs(Math.log(factor)) / Math.LN2),
    ),
  );
  return 0.3 + 0.7 * largest;
}

/** A commit that brings in much shares something with any symptom; what it shares then says less. */
function focusOf(commit: CandidateCommit): number {
  if (commit.root === true) return 0.25;
  const lines = commit.files
    .filter(canMatter)
    .flatMap((file) => file.hunks)
    .reduce((sum, hunk) => sum + hunk.added.length + hunk.removed.length, 0);
  return 1 / (1 + 0.12 * Math.log2(1 + lines / 60));
}

function matchFrames(commit: CandidateCommit, symptoms: Symptoms, source: SourceIndex): Part {
  let best: Part = { weight: 0, reason: null };
  for (const [place, frame] of symptoms.frames.slice(0, 8).entries()) {
    const path = pathOfFrame(source, frame.file) ?? frame.file;
    const file = commit.files.find((one) => one.path === path || path.endsWith(`/${one.path}`));
    if (file === undefined || !canMatter(file)) continue;
    const line = frame.line;
    const near =
      line !== null &&
      file.hunks.some((hunk) => line >= hunk.newStart - 2 && line <= hunk.newStart + hunk.newLength + 2);
    const weight = (near ? 1 : 0.5) * 0.85 ** place;
    const where = frame.function === null ? path : `${frame.function} in ${path}`;
    if (weight > best.weight) best = { weight, reason: `changes ${where}, where the stack trace points` };
  }
  return best;
}

/** How near the changed code is to where the trouble shows. */
function placeOf(commit: CandidateCommit, locus: Locus, source: SourceIndex): Part {
  let best: Part = { weight: 0, reason: null };
  for (const file of commit.files) {
    if (file.class !== 'source') continue;
    const text = source.files.get(file.path);
    for (const hunk of file.hunks) {
      for (const line of lineNumbers(hunk, text)) {
        const block = blockAt(source, file.path, line);
        const weight = block === undefined ? 0 : (locus.blocks.get(block.id) ?? 0);
        if (block !== undefined && weight > best.weight)
          best = {
            weight,
            reason: `changes ${block.name === '<module>' ? file.path : `${block.name} in ${file.path}`}, which the affected requests run through`,
          };
      }
    }
  }
  return best;
}

/** Lines of today's file that the hunk touched, found by their text since later commits move them. */
function lineNumbers(hunk: DiffFile['hunks'][number], text: readonly string[] | undefined): number[] {
  const touched = hunk.added.filter((line) => line.text.trim().length > 3);
  if (text === undefined || touched.length === 0) return [hunk.newStart + Math.floor(hunk.newLength / 2)];
  return touched.slice(0, 60).map((line) => {
    if (text[line.line - 1] === line.text) return line.line;
    const found = text.indexOf(line.text);
    return found === -1 ? line.line : found + 1;
  });
}

function bestSetting(
  settings: readonly SettingChange[],
  symptoms: Symptoms,
  locus: Locus,
): Part & { readonly best: SettingChange | null; readonly reach: number } {
  let best: Part & { best: SettingChange | null; reach: number } = {
    weight: 0,
    reason: null,
    best: null,
    reach: 0,
  };
  for (const setting of settings) {
    const weight = effectOf(setting, symptoms.kinds);
    const reach = Math.max(
      locus.words.get(setting.key) ?? 0,
      ...setting.within.map((name) => 0.8 * (locus.words.get(name) ?? 0)),
    );
    if (weight * (0.4 + reach) <= best.weight * (0.4 + best.reach)) continue;
    best = {
      weight,
      reach,
      best: setting,
      reason: `changes ${sayChange(setting)}, which can cause this symptom`,
    };
  }
  return best;
}

/** A number that the commit brought in and that telemetry shows: a status, a limit in an error text, the slow-down itself. */
function matchNumbers(commit: CandidateCommit, settings: readonly SettingChange[], symptoms: Symptoms): Part {
  const brought = new Set<number>();
  for (const file of commit.files) {
    if (!canMatter(file)) continue;
    const lines = changedLines(file);
    const gone = new Set(numbersIn(lines.removed.join(' ')));
    for (const number of numbersIn(lines.added.join(' '))) if (!gone.has(number)) brought.add(number);
  }
  for (const setting of settings) brought.add(Number(setting.to.replaceAll('_', '')));
  for (const number of symptoms.numbers)
    if (number >= 10 && brought.has(number))
      return { weight: 1, reason: `brings in ${number}, which telemetry shows` };
  const slow = symptoms.slowdownMs;
  if (slow === null || slow < 20) return { weight: 0, reason: null };
  for (const number of brought)
    if (number > slow * 0.65 && number < slow * 1.4)
      return {
        weight: 0.8,
        reason: `brings in ${number}, about the ${Math.round(slow)} ms that requests got slower by`,
      };
  return { weight: 0, reason: null };
}

function numbersIn(text: string): number[] {
  return (text.match(/(?<![\w$.])\d[\d_]*(?:\.\d+)?/g) ?? []).map((number) =>
    Number(number.replaceAll('_', '')),
  );
}

function describeChange(
  commit: CandidateCommit,
  settings: readonly SettingChange[],
  best: SettingChange | null,
  dependency: DependencyChange | null,
): string {
  const setting = best ?? (settings.length === 1 ? settings[0] : undefined);
  if (setting !== undefined && setting !== null) return `changed ${sayChange(setting)}`;
  if (dependency !== null && commit.files.every((file) => file.class !== 'source'))
    return `changed ${sayDependency(dependency)}`;
  const paths = commit.files.filter(canMatter).map((file) => file.path);
  return paths.length === 0 ? 'changed no code' : `changed ${paths.slice(0, 2).join(' and ')}`;
}

function sayChange(setting: SettingChange): string {
  const numeric = setting.factor !== null;
  if (!numeric && isSecret(setting)) return `\`${setting.key}\` (value not shown)`;
  return `\`${setting.key}\` ${setting.from} → ${setting.to}`;
}
