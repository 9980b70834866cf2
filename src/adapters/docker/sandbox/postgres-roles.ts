/**
 * Whoever is superuser of a PostgreSQL runs programs on its machine (COPY … TO PROGRAM), which would live on there whatever
 * ends in the cell. So code gets the role that its tests expect by name, `postgres`, as owner of all that is in the database,
 * but a superuser only while the seed goes in; the superusers that the server cannot do without are reached by the socket
 * alone, which is a file of the side-car.
 */
const keeper = 'warroom_keeper';
const first = 'warroom_root';

const ask = 'psql -X -q -v ON_ERROR_STOP=1 -h /tmp -d postgres -o /dev/null';

/** One compound command of a shell. */
export const preparePostgres = `{
  printf '%s\\n' 'local all all trust' 'host all ${keeper},${first} all reject' 'host all all 127.0.0.1/32 trust' \\
    > /work/replica/pg_hba.conf &&
  ${ask} -U postgres -c 'create role ${keeper} superuser login' &&
  ${ask} -U ${keeper} -c 'alter role postgres rename to ${first}' \\
    -c 'create role postgres superuser login createdb' -c 'alter database postgres owner to postgres' \\
    -c 'alter schema public owner to postgres' -c 'select pg_reload_conf()'
}`;

/**
 * Before version 16 who may make roles may give itself any that is not superuser, also those that run programs and read
 * files. The server takes its rules for connections a moment after it was told to.
 */
export const handOverPostgres = `{
  may=createrole
  [ "$(psql -X -q -A -t -h /tmp -U ${keeper} -d postgres -c 'show server_version_num')" -ge 160000 ] || may=nocreaterole
  ${ask} -U ${keeper} -c "alter role postgres nosuperuser noreplication nobypassrls $may" && {
    tries=0
    while psql -X -q -h 127.0.0.1 -U ${keeper} -d postgres -c 'select 1' >/dev/null 2>&1; do
      tries=$((tries + 1)); [ "$tries" -lt 100 ] || break; sleep 0.05
    done
    [ "$tries" -lt 100 ]
  }
}`;
