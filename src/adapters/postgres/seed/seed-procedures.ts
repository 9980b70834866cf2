/**
 * What the script of a seed calls. None of them fails: what cannot be done is noted, since half a replica helps and none
 * does not. `others` catches all but the end of time, which is named.
 */
export function seedProcedures(fillMs: number): string {
  return `
create schema warroom_seed;
create table warroom_seed.left_out (what text, why text);
create table warroom_seed.budget (until timestamptz);
insert into warroom_seed.budget values (clock_timestamp() + ${Math.ceil(fillMs)} * interval '1 ms');
create procedure warroom_seed.attempt(what text, variadic ways text[]) language plpgsql as $attempt$
declare way text; said text;
begin
  foreach way in array ways loop
    begin
      execute way;
      if said is not null then insert into warroom_seed.left_out values (what, said || ': made more plainly'); end if;
      return;
    exception
      when query_canceled then said := coalesce(said, 'it took too long');
      when others then said := coalesce(said, sqlerrm);
    end;
  end loop;
  insert into warroom_seed.left_out values (what, said);
end $attempt$;
create procedure warroom_seed.fill(name text, statement text, want bigint) language plpgsql as $fill$
declare made bigint; place text;
begin
  if clock_timestamp() > (select until from warroom_seed.budget) then
    insert into warroom_seed.left_out values ('rows of ' || name, 'there was no time left');
    return;
  end if;
  place := pg_get_partition_constraintdef(name::regclass);
  execute replace(statement, '/*partition*/', coalesce(place, 'true')) using want;
  get diagnostics made = row_count;
  if made = 0 then
    insert into warroom_seed.left_out values ('rows of ' || name, 'no made-up row belongs into this partition');
  end if;
exception
  when query_canceled then insert into warroom_seed.left_out values ('rows of ' || name, 'they took too long');
  when others then insert into warroom_seed.left_out values ('rows of ' || name, sqlerrm);
end $fill$;
create procedure warroom_seed.link(child text, mine text[], parent text, theirs text[]) language plpgsql as $link$
declare
  given text := (select string_agg(format('%I = p.%I', m, 'k' || n), ', ')
                 from unnest(mine) with ordinality u (m, n));
  keys text := (select string_agg(format('%I as %I', t, 'k' || n), ', ')
                from unnest(theirs) with ordinality u (t, n));
  there text := (select string_agg(format('%I is not null', m), ' and ') from unnest(mine) m);
  nothing text := (select string_agg(format('%I = null', m), ', ') from unnest(mine) m);
begin
  if child <> parent then
    execute format('update %1$s a set %2$s
      from (select tableoid as t, ctid as c, row_number() over () - 1 as n from %1$s where %3$s) k
      join (select %4$s, row_number() over () - 1 as n, count(*) over () as m from %5$s) p on p.n = k.n %% p.m
      where a.tableoid = k.t and a.ctid = k.c', child, given, there, keys, parent);
  end if;
  begin
    -- A tree whose rows are all roots ends wherever it is walked; and who has nobody to refer to refers to nobody.
    if child = parent or not warroom_seed.has_rows(parent) then
      execute format('update %s set %s where %s', child, nothing, there);
    end if;
  exception when not_null_violation then
    if child = parent then
      execute format('update %s set %s', child,
        (select string_agg(format('%I = %I', m, t), ', ') from unnest(mine, theirs) u (m, t)));
    else
      execute format('delete from %s where %s', child, there);
      insert into warroom_seed.left_out values ('rows of ' || child, 'they refer to ' || parent || ', which has none');
    end if;
  end;
exception
  when query_canceled then insert into warroom_seed.left_out values ('references of ' || child, 'they took too long');
  when others then insert into warroom_seed.left_out values ('references of ' || child, sqlerrm);
end $link$;
create function warroom_seed.has_rows(name text) returns boolean language plpgsql as $has$
declare answer boolean;
begin
  execute format('select exists (select from %s)', name) into answer;
  return answer;
end $has$;
create procedure warroom_seed.keep_apart(name text, keys text[]) language plpgsql as $apart$
declare
  list text := (select string_agg(quote_ident(k), ', ') from unnest(keys) k);
  there text := (select string_agg(format('%I is not null', k), ' and ') from unnest(keys) k);
begin
  execute format('delete from %1$s a
    using (select tableoid as t, ctid as c, row_number() over (partition by %2$s) as n from %1$s where %3$s) d
    where a.tableoid = d.t and a.ctid = d.c and d.n > 1', name, list, there);
exception
  when query_canceled then insert into warroom_seed.left_out values ('keys of ' || name, 'they took too long');
  when others then insert into warroom_seed.left_out values ('keys of ' || name, sqlerrm);
end $apart$;
create procedure warroom_seed.advance_sequences() language plpgsql as $advance$
declare one record; most bigint;
begin
  for one in
    select d.refobjid::regclass::text as sequence, a.attrelid::regclass::text as name, quote_ident(a.attname) as column_name
    from pg_attrdef f
    join pg_depend d on d.classid = 'pg_attrdef'::regclass and d.objid = f.oid and d.refclassid = 'pg_class'::regclass
    join pg_class s on s.oid = d.refobjid and s.relkind = 'S'
    join pg_attribute a on a.attrelid = f.adrelid and a.attnum = f.adnum
  loop
    begin
      execute format('select max(%s)::bigint from %s', one.column_name, one.name) into most;
      execute format('select setval(%L, greatest(%s, last_value)) from %s where %s is not null',
                     one.sequence, coalesce(most, 1), one.sequence, coalesce(most::text, 'null'));
    exception when others then
      insert into warroom_seed.left_out values ('the sequence ' || one.sequence, sqlerrm);
    end;
  end loop;
end $advance$;`;
}

/** What is left of them: the notes. */
export const seedEnd = `
call warroom_seed.advance_sequences();
drop procedure warroom_seed.attempt, warroom_seed.fill, warroom_seed.link, warroom_seed.keep_apart,
  warroom_seed.advance_sequences;
drop function warroom_seed.has_rows;
drop table warroom_seed.budget;
analyze;`;
