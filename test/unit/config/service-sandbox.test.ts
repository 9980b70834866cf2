import { describe, expect, it } from 'vitest';
import { parseCatalogue } from '../../../src/config/catalogue.ts';
import type { ServiceSandbox } from '../../../src/domain/service.ts';

/** Five lines; what a test adds begins on the sixth. */
const good = `services:
  - name: billing
    repository: { url: https://example.com/a/billing.git, slug: a/billing }
    language: node
    testCommand: [npm, test]
`;
const main = '    databases: [{ name: main, url: { env: MAIN_URL } }]\n';
const two =
  '    databases: [{ name: main, url: { env: MAIN_URL } }, { name: audit, url: { env: AUDIT_URL } }]\n';

function read(added: string): ServiceSandbox | undefined {
  return parseCatalogue(`${good}${added}`, 'warroom.yaml').catalogue.services[0]?.sandbox;
}

function problemsOf(added: string): string {
  try {
    read(added);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('what a service has beside its sandbox', () => {
  it('is nothing unless the catalogue says so', () => {
    expect(read('')).toEqual({ sideCars: [], database: null, environment: {} });
    expect(read(main)).toEqual({ sideCars: [], database: null, environment: {} });
  });

  it('is a PostgreSQL with the schema of its database, and a Redis', () => {
    expect(read(`${main}    sandbox: { sideCars: [postgres, redis] }\n`)).toMatchObject({
      sideCars: ['postgres', 'redis'],
      database: 'main',
    });
    expect(read(`${two}    sandbox: { sideCars: [postgres], database: audit }\n`)?.database).toBe('audit');
  });

  it.each([
    [
      'sandbox: { sideCars: [postgres] }',
      /warroom.yaml:6: .*sandbox.sideCars: has postgres, whose schema comes/,
    ],
    [`${two}    sandbox: { sideCars: [postgres] }`, /say which in database \(main, audit\)/],
    [`${two}    sandbox: { sideCars: [postgres], database: other }`, /"other" is not one of the databases/],
    [`${main}    sandbox: { sideCars: [redis], database: main }`, /is only for sideCars with postgres/],
    ['sandbox: { sideCars: [redis, redis] }', /names one twice/],
    ['sandbox: { sideCars: [mysql] }', /sandbox.sideCars.0/],
  ])('is refused where it cannot be: %s', (added, problem) => {
    expect(problemsOf(`    ${added.trimStart()}\n`)).toMatch(problem);
  });
});

describe('the variables of a service in its sandbox', () => {
  const withVariable = (name: string, value: string): string =>
    `    sandbox: { environment: { ${name}: ${JSON.stringify(value)} } }\n`;

  it.each([
    ['DATABASE_URL', 'postgres://postgres:any@127.0.0.1:5432/postgres'],
    ['REDIS_URL', 'redis://localhost:6379'],
    ['ORDERS_DB_HOST', '127.0.0.1'],
    ['PGUSER', 'postgres'],
    ['APP_ENV', 'test'],
    ['FEATURE_NEW_CART', '1'],
    ['TZ', 'UTC'],
  ])('may be %s', (name, value) => {
    expect(read(withVariable(name, value))?.environment).toEqual({ [name]: value });
  });

  it.each([
    'PATH',
    'HOME',
    'LD_PRELOAD',
    'LD_AUDIT_NAME',
    'NODE_OPTIONS',
    'NODE_ENV',
    'GIT_CONFIG_NAME',
    'GIT_SSH_URL',
    'BASH_ENV',
    'ENV',
    'PYTHONPATH',
    'PYTHONSTARTUP',
    'JAVA_TOOL_OPTIONS',
    'NPM_CONFIG_USER',
    'PERL5DB',
    'IFS',
    'SHELL',
    'database_url',
    'A=B',
  ])('are never %s', (name) => {
    expect(problemsOf(withVariable(name, 'x'))).toContain('is not a variable that a catalogue may set');
  });

  it('are one line, and no credentials of a server elsewhere', () => {
    expect(problemsOf(withVariable('APP_MODE', 'a\nb'))).toContain('one line');
    expect(problemsOf(withVariable('DATABASE_URL', 'postgres://shop:hunter2@db.example.com/shop'))).toContain(
      'reaches only 127.0.0.1',
    );
  });
});
