import { guardStatement } from '../guard-statement.ts';
import { parseStatements, type TreeNode, walkTree } from '../parse-statement.ts';
import { type Traced, tracePersons } from './trace-persons.ts';

export type GuardedQuery =
  | {
      readonly allowed: true;
      /** Names that the database itself must still be asked about, lower case where the statement says so. */
      readonly relations: readonly { readonly schema: string | null; readonly name: string }[];
      /** What could be a function: called ones, and columns, since `row.name` may call one. */
      readonly functions: readonly string[];
      readonly operators: readonly string[];
      readonly traced: Traced;
    }
  /** A phrase. */
  | { readonly allowed: false; readonly reason: string };

/** Casts to types of a schema may call functions of it. */
const plainTypes = new Set(
  `bool boolean int2 int4 int8 smallint integer bigint float4 float8 real numeric decimal text varchar bpchar char date time
   timetz timestamp timestamptz interval uuid json jsonb inet cidr`.split(/\s+/),
);

/** Deeper nests and longer joins than an engineer's question has make rows and bytes without end. */
const mostSelects = 8;
const mostRelations = 8;
const statementChars = 10_000;

/** What is explained may not all be run: on top of that guard no parameters, no recursion, no types but PostgreSQL's own. */
export function guardQuery(statement: string, schemas: readonly string[]): GuardedQuery {
  if (statement.length > statementChars) return refuse(`it is longer than ${statementChars} characters`);
  const guarded = guardStatement(statement, schemas);
  if (!guarded.allowed) return guarded;
  if (guarded.parameters > 0) return refuse('it has parameters ($1): write the values into it');
  const parsed = parseStatements(statement);
  if ('fault' in parsed) return refuse(parsed.fault);
  if (hasRecursion(parsed.statements)) return refuse('it is recursive');

  const nodes = [...walkTree(parsed.statements)];
  const relations = nodes.filter(({ type }) => type === 'RangeVar').map(relationOf);
  if (relations.length > mostRelations) return refuse(`it reads more than ${mostRelations} tables`);
  if (nodes.filter(({ type }) => type === 'SelectStmt').length > mostSelects)
    return refuse(`it holds more than ${mostSelects} SELECTs`);
  for (const { type, fields } of nodes) {
    if (type !== 'TypeCast') continue;
    const name = typeNameOf(fields['typeName']);
    if (name === null) return refuse('it casts to a type that is not one of PostgreSQL’s plain ones');
  }
  const traced = tracePersons(parsed.statements);
  if (typeof traced === 'string') return refuse(traced);
  return {
    allowed: true,
    relations,
    functions: [
      ...new Set([
        ...nodes.filter(({ type }) => type === 'FuncCall').map(({ fields }) => lastWord(fields['funcname'])),
        ...nodes.flatMap(columnWords),
      ]),
    ],
    operators: [
      ...new Set(nodes.filter(({ type }) => type === 'A_Expr').map(({ fields }) => lastWord(fields['name']))),
    ],
    traced,
  };
}

function hasRecursion(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasRecursion);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([key, inner]) => (key === 'recursive' && inner === true) || hasRecursion(inner),
  );
}

function relationOf({ fields }: TreeNode): { schema: string | null; name: string } {
  const { schemaname, relname } = fields;
  return { schema: typeof schemaname === 'string' ? schemaname : null, name: String(relname) };
}

function typeNameOf(typeName: unknown): string | null {
  const names = wordsOf((typeName as { readonly names?: unknown } | undefined)?.names);
  const [first, second, ...more] = names;
  if (more.length > 0) return null;
  const name = second === undefined ? first : first === 'pg_catalog' ? second : undefined;
  return name !== undefined && plainTypes.has(name) ? name : null;
}

function columnWords({ type, fields }: TreeNode): string[] {
  if (type === 'ColumnRef') return wordsOf(fields['fields']);
  return type === 'A_Indirection' ? wordsOf(fields['indirection']) : [];
}

function lastWord(list: unknown): string {
  return wordsOf(list).at(-1) ?? '';
}

function wordsOf(list: unknown): string[] {
  return Array.isArray(list)
    ? list.flatMap((item: { readonly String?: { readonly sval?: string } }) => item.String?.sval ?? [])
    : [];
}

function refuse(reason: string): GuardedQuery {
  return { allowed: false, reason };
}
