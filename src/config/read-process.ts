import { existsSync } from 'node:fs';
import { type Environment, readEnvironment } from './environment.ts';

/** The environment of this process; a `.env` in the working folder fills in what is not set. */
export function readProcessEnvironment(): Environment {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return readEnvironment(process.env);
}

/** The variables themselves, for credentials that the catalogue names and nobody else may read. */
export function processVariables(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
