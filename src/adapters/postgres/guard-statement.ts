import { boundGrowth, mostBytes } from './bound-growth.ts';
import { parseStatements, walkTree } from './parse-statement.ts';

export type Guarded =
  | { readonly allowed: true; readonly parameters: number }
  /** A phrase. */
  | { readonly allowed: false; readonly reason: string };

/** What a reading `SELECT` is made of. Anything that is not here is refused, what later grammars bring included. */
const allowedNodes = new Set(
  `SelectStmt ResTarget ColumnRef A_Star A_Const ParamRef A_Expr BoolExpr NullTest BooleanTest SubLink CaseExpr CaseWhen
   CoalesceExpr MinMaxExpr SQLValueFunction FuncCall TypeCast CollateClause A_ArrayExpr A_Indirection A_Indices RowExpr List
   String Integer Float Boolean RangeVar RangeSubselect RangeFunction JoinExpr SortBy WindowDef GroupingSet CommonTableExpr
   GroupingFunc`.split(/\s+/),
);

/**
 * Functions of pg_catalog that neither act nor wait: planning may run what has only constants for arguments. No function
 * that returns a set of its own making, reads files, sleeps, sends, locks or can be made to fill memory.
 */
const allowedFunctions = new Set(
  `count sum avg min max bool_and bool_or every array_agg string_agg json_agg jsonb_agg json_object_agg jsonb_object_agg
   stddev stddev_pop stddev_samp variance var_pop var_samp corr percentile_cont percentile_disc mode
   row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
   now transaction_timestamp statement_timestamp clock_timestamp age date_trunc date_part extract date_bin make_date
   make_interval make_timestamp make_timestamptz to_timestamp to_date to_char to_number timezone isfinite
   lower upper initcap length char_length character_length octet_length btrim ltrim rtrim trim substring substr left right
   position strpos split_part replace translate concat concat_ws reverse md5 starts_with like_escape similar_to_escape
   abs ceil ceiling floor round trunc mod sign sqrt greatest least width_bucket
   coalesce nullif array_length cardinality array_position array_remove array_append array_cat unnest
   jsonb_extract_path jsonb_extract_path_text json_extract_path json_extract_path_text json_build_object jsonb_build_object
   jsonb_array_length json_array_length jsonb_typeof to_json to_jsonb row_to_json
   to_tsvector to_tsquery plainto_tsquery websearch_to_tsquery ts_rank
   num_nonnulls num_nulls`.split(/\s+/),
);

/**
 * Whether a statement is one `SELECT` that only reads tables of these schemas. A relation without a schema is found by the
 * search path, which holds nothing else.
 */
export function guardStatement(statement: string, schemas: readonly string[]): Guarded {
  const parsed = parseStatements(statement);
  if ('fault' in parsed) return refuse(`it cannot be parsed: ${parsed.fault}`);
  const [only, ...more] = parsed.statements;
  if (only === undefined || more.length > 0) return refuse('it is not one statement');
  if (!('SelectStmt' in only)) return refuse('it is not a SELECT');
  if (hasKey(only, 'intoClause')) return refuse('it writes a table (INTO)');
  if (hasKey(only, 'lockingClause')) return refuse('it locks rows (FOR UPDATE or FOR SHARE)');

  let parameters = 0;
  for (const { type, fields } of walkTree(only)) {
    if (!allowedNodes.has(type)) {
      return refuse(
        type.endsWith('Stmt') ? `it holds a ${type.slice(0, -4).toUpperCase()}` : `it uses ${type}`,
      );
    }
    switch (type) {
      case 'ParamRef':
        parameters = Math.max(parameters, Number(fields['number'] ?? 0));
        break;
      case 'FuncCall': {
        const name = wordsOf(fields['funcname']);
        if (!isBuiltIn(name) || !allowedFunctions.has(name.at(-1) ?? ''))
          return refuse(`it calls ${name.join('.')}, which is not among the functions that only compute`);
        break;
      }
      case 'A_Expr':
        if (!isBuiltIn(wordsOf(fields['name']))) return refuse('it names an operator by its schema');
        break;
      case 'RangeVar': {
        const reason = whyNotRelation(fields, schemas);
        if (reason !== null) return refuse(reason);
        break;
      }
      default:
    }
  }
  if (boundGrowth(only) > mostBytes)
    return refuse('planning it could fill memory: its constants may grow too long');
  // `$0` and numbers beyond the protocol's are not for us.
  return parameters > 1_000 ? refuse('it has too many parameters') : { allowed: true, parameters };
}

function whyNotRelation(
  relation: { readonly [name: string]: unknown },
  schemas: readonly string[],
): string | null {
  const { catalogname, schemaname, relname } = relation;
  if (catalogname !== undefined) return 'it names another database';
  if (typeof schemaname === 'string' && !schemas.includes(schemaname))
    return `it reads schema ${schemaname}, which is not one of the target's (${schemas.join(', ')})`;
  // pg_catalog comes first in every search path.
  if (schemaname === undefined && String(relname).startsWith('pg_')) return 'it reads the system catalogue';
  return null;
}

function isBuiltIn(name: readonly string[]): boolean {
  return name.length === 1 || (name.length === 2 && name[0] === 'pg_catalog');
}

function wordsOf(list: unknown): string[] {
  return Array.isArray(list)
    ? list.map((item: { readonly String?: { readonly sval?: string } }) => item.String?.sval ?? '?')
    : [];
}

/** Also where the tree keeps a part bare, as it does the two sides of a union. */
function hasKey(value: unknown, key: string): boolean {
  if (Array.isArray(value)) return value.some((one) => hasKey(one, key));
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => name === key || hasKey(inner, key));
}

function refuse(reason: string): Guarded {
  return { allowed: false, reason };
}
