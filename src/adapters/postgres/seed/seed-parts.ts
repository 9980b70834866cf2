import { escapeIdentifier, escapeLiteral } from 'pg';
import { nameOf } from './fill-table.ts';
import type { SchemaParts, SchemaType } from './read-schema.ts';

/** A call that carries out the first of `ways` that can be. */
export function attempt(what: string, ways: readonly string[]): string {
  return `call warroom_seed.attempt(${[what, ...ways].map((text) => escapeLiteral(text)).join(', ')});`;
}

/** What tables rest on. */
export function makeParts(schemas: readonly string[], parts: SchemaParts): string[] {
  const all = new Set([
    ...schemas,
    ...parts.types.map(({ schema }) => schema),
    ...parts.extensions.map(({ schema }) => schema),
  ]);
  all.delete('pg_catalog');
  return [
    ...[...all].map((schema) =>
      attempt(`the schema ${schema}`, [`create schema if not exists ${escapeIdentifier(schema)}`]),
    ),
    ...parts.extensions.map(({ schema, name }) =>
      attempt(`the extension ${name}`, [
        `create extension if not exists ${escapeIdentifier(name)} schema ${escapeIdentifier(schema)}`,
        `create extension if not exists ${escapeIdentifier(name)}`,
      ]),
    ),
    ...parts.types.map((type) => attempt(`the type ${nameOf(type)}`, [makeType(type)])),
    ...parts.sequences.map((sequence) =>
      attempt(`the sequence ${nameOf(sequence)}`, [
        `create sequence ${nameOf(sequence)} ${sequence.options}`,
      ]),
    ),
  ];
}

/** @param tables that are there, by `nameOf` */
export function ownersOf(parts: SchemaParts, tables: ReadonlySet<string>): string[] {
  return parts.sequences.flatMap((sequence) => {
    const [schema, name, column] = sequence.ownedBy ?? [];
    if (schema === undefined || name === undefined || column === undefined) return [];
    if (!tables.has(nameOf({ schema, name }))) return [];
    const owner = `${nameOf({ schema, name })}.${escapeIdentifier(column)}`;
    return [
      attempt(`the owner of ${nameOf(sequence)}`, [`alter sequence ${nameOf(sequence)} owned by ${owner}`]),
    ];
  });
}

/** Of domains, when the rows are there: made-up values need not hold what is asked of new ones. */
export function checksOf(parts: SchemaParts): string[] {
  return parts.types.flatMap((type) => [
    ...type.checks.map(({ name, definition }) =>
      attempt(`the check ${name} of ${nameOf(type)}`, [
        `alter domain ${nameOf(type)} add constraint ${escapeIdentifier(name)} ${definition.replace(/ NOT VALID$/, '')} not valid`,
      ]),
    ),
    ...(type.notNull
      ? [attempt(`that ${nameOf(type)} is not null`, [`alter domain ${nameOf(type)} set not null`])]
      : []),
  ]);
}

function makeType(type: SchemaType): string {
  switch (type.kind) {
    case 'e':
      return `create type ${nameOf(type)} as enum (${type.labels.map((label) => escapeLiteral(label)).join(', ')})`;
    case 'd':
      return `create domain ${nameOf(type)} as ${type.base ?? 'text'}${type.default === null ? '' : ` default ${type.default}`}`;
    case 'c':
      return `create type ${nameOf(type)} as (${type.attributes.map(({ name, type: of }) => `${escapeIdentifier(name)} ${of}`).join(', ')})`;
    default:
      return type.kind satisfies never;
  }
}
