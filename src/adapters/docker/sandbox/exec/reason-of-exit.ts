import type { ExitReason } from '../../../../ports/sandbox.ts';

const signals = 64;

/** By the shell's convention: a program that itself exits with such a number cannot be told from one that was killed. */
export function reasonOfExit(exitCode: number | null): ExitReason {
  return exitCode !== null && exitCode > 128 && exitCode <= 128 + signals ? 'signal' : 'exit';
}
