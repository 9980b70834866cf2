import { saturate } from '../change-points/robust-statistics.ts';
import { changedLines, readTraits } from './code-traits.ts';
import { type Locus, locateCode, pathOfFrame } from './locate-code.ts';
import type { DiffFile } from './parse-diff.ts';
import { effectOf, findSettingChanges, type SettingChange } from './setting-changes.ts';
import { blockAt, type SourceIndex } from './source-index.ts';
import type { Symptoms } from './symptoms.ts';
import { tokenize } from './tokenize.ts';

export interface CandidateCommit {
  readonly sha: string;
  readonly subject: string;
  readonly body: string;
  readonly author: string;
  /** Unix seconds. */
  readonly committedAt: number;
  /** The first of its history: it brought in everything, so it shares words with anything. */
  readonly root?: boolean;
  readonly files: readonly DiffFile[];
}

export interface RankedCommit {
  readonly commit: CandidateCommit;
  /** 0–1: how well it explains the symptoms; comparable between services. */
  readonly score: number;
  /** 0–1: distance to the next one, relative to this one. */
  readonly margin: number;
  /** In words, strongest first. */
  readonly reasons: readonly string[];
  /** What it changed, for a sentence: "`ttlHours` 24 → 1". */
  readonly change: string;
}

interface Part {
  readonly weight: number;
  readonly reason: string | null;
}

/** Commits that could explain the symptoms, best first. Pure: the same input gives the same ranking. */
export function rankCommits(
  commits: readonly CandidateCommit[],
  symptoms: Symptoms,
  source: SourceIndex,
): RankedCommit[] {
  const locus = locateCode(source, symptoms);
  const lexicon = weighWords(commits, source, symptoms);
  const live = releaseTimes(commits, symptoms);
  // A leak or a crash loop points nowhere in the code: what a change does must then speak for itself.
  const leaking = Math.max(
    symptoms.kinds.get('memory-leak') ?? 0,
    symptoms.kinds.get('descriptor-leak') ?? 0,
  );
  const homeless = locus.blocks.size === 0;
  const ranked = commits.map((commit) => {
    const settings = commit.files.filter(canMatter).flatMap(findSettingChanges);
    const traits = readTraits(commit.files, symptoms.kinds);
    const place = placeOf(commit, locus, source);
    const words = matchWords(commit, lexicon);
    const frame = matchFrames(commit, symptoms, source);
    const setting = bestSetting(settings, symptoms, locus);
    const numbers = matchNumbers(commit, settings, symptoms);
    const named = matchNames(commit, symptoms, lexicon);
    const parts: Part[] = [
      { weight: 0.8 * frame.weight, reason: frame.reason },
      {
        weight: setting.weight * (0.3 + 0.5 * Math.max(place.weight, setting.reach)),
        reason: setting.reason,
      },
      { weight: 0.65 * named.weight, reason: named.reason },
      { weight: 0.6 * words.weight, reason: words.reason },
      { weight: 0.5 * place.weight, reason: place.reason },
      {
        weight: traits.explains * (leaking >= 0.6 ? 0.55 : homeless ? 0.3 : 0.15 + 0.45 * place.weight),
        reason: traits.words.length === 0 ? null : `${traits.words.join(' and ')}, which fits the symptom`,
      },
      { weight: 0.35 * numbers.weight, reason: numbers.reason },
    ];
    const time = weighTime(commit, symptoms, live);
    const miss = parts.reduce((product, part) => product * (1 - Math.min(0.95, part.weight)), 1);
    const effective = Math.max(traits.substance, settings.length > 0 ? 1 : 0);
    const reasons = parts
      .filter((part) => part.reason !== null && part.weight >= 0.08)
      .toSorted((a, b) => b.weight - a.weight)
      .flatMap((part) => part.reason ?? []);
    return {
      commit,
      score: (1 - miss) * (0.03 + 0.97 * effective) * time.weight * focusOf(commit),
      reasons: [...reasons, ...(time.reason === null ? [] : [time.reason])],
      change: describeChange(commit, settings, setting.best),
    };
  });
  const sorted = ranked.toSorted((a, b) => b.score - a.score || b.commit.committedAt - a.commit.committedAt);
  return sorted.map((entry, index) => {
    const next = sorted[index + 1]?.score ?? 0;
    return { ...entry, margin: entry.score <= 0 ? 0 : (entry.score - next) / entry.score };
  });
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

function canMatter(file: DiffFile): boolean {
  return file.class === 'source' || file.class === 'config';
}

interface Lexicon {
  readonly symptom: ReadonlyMap<string, number>;
  readonly rarity: (token: string) => number;
}

/** Rare words count: rarity over the candidates and over the files of the repository. */
function weighWords(commits: readonly CandidateCommit[], source: SourceIndex, symptoms: Symptoms): Lexicon {
  const documents = [
    ...commits.map((commit) => new Set(commitTokens(commit).keys())),
    ...[...source.byPath.keys()].map((path) => new Set(tokenize(source.files.get(path)?.join('\n') ?? ''))),
  ];
  const frequency = new Map<string, number>();
  for (const document of documents)
    for (const token of document) frequency.set(token, (frequency.get(token) ?? 0) + 1);
  const rarity = (token: string): number =>
    Math.max(0, Math.log((documents.length + 1) / ((frequency.get(token) ?? 0) + 0.5)));
  const symptom = new Map<string, number>();
  const add = (text: string, weight: number): void => {
    for (const token of tokenize(text)) symptom.set(token, Math.max(symptom.get(token) ?? 0, weight));
  };
  for (const text of symptoms.texts) add(text.text, text.weight);
  for (const operation of symptoms.operations) add(operation, 0.6);
  for (const frame of symptoms.frames)
    add(`${frame.file.split('/').at(-1) ?? ''} ${frame.function ?? ''}`, 0.9);
  for (const operation of symptoms.healthyOperations)
    for (const token of tokenize(operation)) symptom.set(token, (symptom.get(token) ?? 0) * 0.4);
  return { symptom, rarity };
}

function commitTokens(commit: CandidateCommit): Map<string, number> {
  const tokens = new Map<string, number>();
  const add = (text: string, weight: number): void => {
    for (const token of tokenize(text)) tokens.set(token, Math.max(tokens.get(token) ?? 0, weight));
  };
  add(commit.subject, 0.8);
  add(commit.body.slice(0, 2000), 0.4);
  for (const file of commit.files) {
    if (!canMatter(file)) continue;
    add(file.path.replace(/\.\w+$/, ''), 0.6);
    const lines = changedLines(file);
    add([...lines.added, ...lines.removed].join('\n').slice(0, 20_000), 1);
    for (const hunk of file.hunks) add(hunk.context, 0.5);
  }
  return tokens;
}

function matchWords(commit: CandidateCommit, lexicon: Lexicon): Part {
  const hits: { token: string; weight: number }[] = [];
  for (const [token, weight] of commitTokens(commit)) {
    const wanted = lexicon.symptom.get(token) ?? 0;
    if (wanted > 0) hits.push({ token, weight: wanted * weight * lexicon.rarity(token) });
  }
  hits.sort((a, b) => b.weight - a.weight);
  const sum = hits.slice(0, 8).reduce((total, hit) => total + hit.weight, 0);
  const shown = hits.filter((hit) => hit.weight > 0.8).slice(0, 3);
  return {
    weight: saturate(sum, 5),
    reason:
      shown.length === 0
        ? null
        : `shares ${shown.map((hit) => `"${hit.token}"`).join(', ')} with the telemetry`,
  };
}

/** An identifier that the commit took away or brought in and that an error text names, letter by letter. */
function matchNames(commit: CandidateCommit, symptoms: Symptoms, lexicon: Lexicon): Part {
  const errors = new Map<string, number>();
  for (const text of symptoms.texts)
    for (const [word] of text.text.matchAll(/[A-Za-z_$][\w$]{2,}/g))
      errors.set(word, Math.max(errors.get(word) ?? 0, text.weight));
  let best: Part = { weight: 0, reason: null };
  for (const file of commit.files) {
    if (!canMatter(file)) continue;
    const lines = changedLines(file);
    const [gone, come] = [identifiersIn(lines.removed), identifiersIn(lines.added)];
    const [keysGone, keysCome] = [keysIn(lines.removed), keysIn(lines.added)];
    const consider = (word: string, verb: string, share: number): void => {
      const known = errors.get(word);
      if (known === undefined) return;
      const weight = known * share * saturate(lexicon.rarity(tokenize(word)[0] ?? word), 1);
      if (weight > best.weight) best = { weight, reason: `${verb} \`${word}\`, which the error names` };
    };
    for (const word of gone) if (!come.has(word)) consider(word, 'removes', 1);
    for (const word of keysGone) if (!keysCome.has(word)) consider(word, 'renames or removes the field', 1);
    for (const word of come) if (!gone.has(word)) consider(word, 'brings in', 0.8);
  }
  return best;
}

/** Names of fields as object literals, keyword arguments and data files write them. */
function keysIn(lines: readonly string[]): Set<string> {
  return new Set(
    [...lines.join('\n').matchAll(/["']?([A-Za-z_$][\w$]{2,})["']?\s*[:=](?![:=])/g)].map(
      (match) => match[1] ?? '',
    ),
  );
}

function identifiersIn(lines: readonly string[]): Set<string> {
  const code = lines.map((line) => line.replace(/^\s*(?:\/\/|\*|#).*$/, ''));
  return new Set(code.join('\n').match(/[A-Za-z_$][\w$]{2,}/g) ?? []);
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
    const reach = locus.words.get(setting.key) ?? 0;
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
  if (slow !== null)
    for (const number of brought)
      for (const ms of [number, number * 1000])
        if (ms >= 20 && ms > slow * 0.5 && ms < slow * 1.8)
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

/** When each commit went live, where telemetry says so. */
function releaseTimes(commits: readonly CandidateCommit[], symptoms: Symptoms): Map<string, number> {
  const live = new Map<string, number>();
  const order = commits.toSorted((a, b) => b.committedAt - a.committedAt);
  const releases = symptoms.releases.toSorted((a, b) => a.at - b.at);
  const place = (sha: string): number => order.findIndex((commit) => sameSha(commit.sha, sha));
  for (const release of releases) {
    const from = place(release.sha);
    if (from === -1) continue;
    for (const commit of order.slice(from)) if (!live.has(commit.sha)) live.set(commit.sha, release.at);
  }
  return live;
}

function weighTime(commit: CandidateCommit, symptoms: Symptoms, live: ReadonlyMap<string, number>): Part {
  if (commit.committedAt > symptoms.alertedAt) return { weight: 0.02, reason: 'made after the alert fired' };
  const released = live.get(commit.sha);
  const slow = symptoms.kinds.has('memory-leak') || symptoms.kinds.has('descriptor-leak');
  if (released !== undefined) {
    const lead = symptoms.onset - released;
    if (released > symptoms.alertedAt) return { weight: 0.02, reason: 'went live after the alert fired' };
    if (lead < -20) return { weight: 0.3, reason: 'went live after it began' };
    const latest = Math.max(...[...live.values()].filter((at) => at <= symptoms.onset + 20));
    if (released === latest && lead < 900)
      return { weight: 1, reason: `went live ${Math.max(0, Math.round(lead))} s before it began` };
    return { weight: slow ? 0.75 : lead < 60 ? 0.7 : 0.5, reason: null };
  }
  // Not seen going live: only after the newest release mark may it be live unseen.
  const unseen = live.size > 0 ? 0.4 : 1;
  if (commit.committedAt > symptoms.onset + 30) return { weight: 0.4 * unseen, reason: null };
  const ageHours = Math.max(0, symptoms.onset - commit.committedAt) / 3600;
  return { weight: (0.6 + 0.4 * Math.exp(-ageHours / 48)) * unseen, reason: null };
}

function describeChange(
  commit: CandidateCommit,
  settings: readonly SettingChange[],
  best: SettingChange | null,
): string {
  const setting = best ?? (settings.length === 1 ? settings[0] : undefined);
  if (setting !== undefined && setting !== null) return `changed ${sayChange(setting)}`;
  const paths = commit.files.filter(canMatter).map((file) => file.path);
  return paths.length === 0
    ? 'changed no code'
    : `changed ${paths.slice(0, 2).join(' and ')} ("${commit.subject}")`;
}

function sayChange(setting: SettingChange): string {
  return `\`${setting.key}\` ${setting.from} → ${setting.to}`;
}

function sameSha(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}
