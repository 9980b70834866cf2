import { existsSync } from 'node:fs';
import { type Environment, readEnvironment } from './environment.ts';

/** The environment of this process; a `.env` in the working folder fills in what is not set. */
export function readProcessEnvironment(): Environment {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const environment = readEnvironment(process.env);
  // Docker's client reads this by itself, and fails on a list.
  const [first] = environment.DOCKER_HOST ?? [];
  if (first !== undefined) process.env['DOCKER_HOST'] = first.name;
  return environment;
}

/** The variables themselves, for credentials that the catalogue names and nobody else may read. */
export function processVariables(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
