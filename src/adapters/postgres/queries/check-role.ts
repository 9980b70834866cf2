import { z } from 'zod';
import type { Session } from '../session.ts';

/** Rights that no reader has, whatever tables it sees. */
const powers = [
  'pg_write_all_data',
  'pg_read_server_files',
  'pg_write_server_files',
  'pg_execute_server_program',
  'pg_signal_backend',
  'pg_checkpoint',
  'pg_maintain',
  'pg_create_subscription',
];

const mayWrite = `
  select exists (select 1 from pg_roles r where r.rolname = current_user
                   and (r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolreplication or r.rolbypassrls)) as strong,
         exists (select 1 from pg_roles m where m.rolname = any ($1) and pg_has_role(current_user, m.oid, 'member')) as member,
         (select format('%I.%I', n.nspname, c.relname)
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and n.nspname <> all (array['pg_catalog', 'information_schema'])
              and n.nspname not like 'pg\\_%'
              and (has_table_privilege(c.oid, 'insert, update, delete, truncate')
                   or has_any_column_privilege(c.oid, 'insert, update'))
            limit 1) as writable`;

/** A phrase on what this role could do besides reading; null: nothing. */
export async function whyNotReader(session: Session): Promise<string | null> {
  const [found] = await session.rows(
    z.object({ strong: z.boolean(), member: z.boolean(), writable: z.string().nullable() }),
    mayWrite,
    [powers],
  );
  if (found === undefined || found.strong)
    return 'it is a superuser, or may make roles or databases, replicate, or pass row security';
  if (found.member)
    return 'it is a member of a role that writes, reads files, runs programs or ends sessions';
  return found.writable === null ? null : `it may write ${found.writable}`;
}
